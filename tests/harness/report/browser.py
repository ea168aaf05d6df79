"""A headless Chromium under test, over the pipe of its DevTools: no driver, no socket, no package.

Messages are JSON that ends in a zero byte, written to the browser's descriptor 3 and read from 4
(``--remote-debugging-pipe``). What the page requests, logs and throws is kept as it comes.
"""

import base64
import json
import os
import select
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

OPTIONS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
    "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LONGEST = 60.0  # seconds that an answer may take
QUIET = ("data:", "file:", "about:", "blob:")  # what is no request to a network


class Browser:
    """A browser with one page; ``problems`` and ``requests`` fill as the page runs."""

    def __init__(self, program: str, folder: Path) -> None:
        to_browser, from_us = os.pipe()
        from_browser, to_us = os.pipe()
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._number = 0
        self._rest = b""
        self._answers: dict[int, dict[str, Any]] = {}
        self._seen: list[str] = []
        self._session = ""
        # The browser expects its ends at 3 and 4; a shell puts them there whatever they are.
        moved = f'exec "$@" 3<&{to_browser} 4>&{to_us}'
        command = ["bash", "-c", moved, "bash", program, *OPTIONS, f"--user-data-dir={folder}"]
        self._process = subprocess.Popen(
            command, pass_fds=(to_browser, to_us), stderr=(folder.parent / "chromium.log").open("w")
        )
        os.close(to_browser)
        os.close(to_us)
        self._out, self._in = from_us, from_browser
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._out)
        os.close(self._in)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its result; an ``AssertionError`` for what the browser refuses."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while self._number not in self._answers:
            self._read()
        answer = self._answers.pop(self._number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        found: dict[str, Any] = answer["result"]
        return found

    def open(self, url: str, width: int = 1280, height: int = 900) -> None:
        """Load a page in a window of so many pixels; back when it has loaded."""
        self.size(width, height)
        self._go("about:blank")  # else another fragment of the same page would load nothing
        self.problems.clear()
        self.requests.clear()
        self._go(url)

    def _go(self, url: str) -> None:
        self._seen.clear()
        self.call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._seen:
            self._read()

    def size(self, width: int, height: int = 900) -> None:
        """Make the window so large, in pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def media(self, scheme: str = "light", kind: str = "") -> None:
        """Prefer light or dark, and show the page on the screen or as print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)

    def js(self, expression: str) -> Any:
        """The value of an expression in the page; of a promise, what it comes to."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait in the page until an expression is true; silence for ``LONGEST`` is a failure."""
        self.js(
            f"new Promise(done => {{ const look = () => ({condition}) ? done(true)"
            " : setTimeout(look, 20); look(); })"
        )

    def key(self, name: str) -> None:
        """Press and release a key, by its name in events (``Tab``, ``ArrowRight``, ``Enter``)."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}
        text = {"Enter": "\r", " ": " "}.get(name, "")
        common = {"key": name, "code": name, "windowsVirtualKeyCode": codes[name]}
        down = "keyDown" if text else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=down, text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place of the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, path: Path, whole: bool = False) -> None:
        """Leave a PNG of the window, or of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _read(self) -> None:
        """Take what the browser has said: answers, and events that tell of the page."""
        ready, _, _ = select.select([self._in], [], [], LONGEST)
        assert ready, f"the browser was silent for {LONGEST:g} s"
        data = os.read(self._in, 1 << 20)
        assert data, "the browser has ended: chromium.log has its last words"
        *messages, self._rest = (self._rest + data).split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._event(message["method"], message["params"])

    def _event(self, method: str, params: dict[str, Any]) -> None:
        self._seen.append(method)
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(QUIET):
                self.requests.append(url)
        elif method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(params["exceptionDetails"])[:2000])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.problems.append(json.dumps(params["args"])[:2000])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(
                f"{params['entry']['text']} {params['entry'].get('url', '')}"[:500]
            )
