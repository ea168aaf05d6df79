import errno
import hashlib
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from pathlib import Path
from types import TracebackType

import pytest

from harness.data.download import download
from harness.problem import Problem

CONTENT = bytes(range(256)) * 12_000  # three chunks
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Response:
    """An answer that breaks off with an error after its first chunk."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.chunks = [CONTENT[: 1 << 20]]

    def __enter__(self) -> "Response":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def read(self, size: int) -> bytes:
        if not self.chunks:
            raise self.error
        return self.chunks.pop()


@pytest.fixture
def url(tmp_path: Path) -> str:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    return source.as_uri()


def test_the_right_file_comes_whole_and_alone(tmp_path: Path, url: str) -> None:
    target = tmp_path / "cache" / "deep" / "file"
    assert download(url, target, SHA256) == target
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_two_at_once_leave_one_whole_file(tmp_path: Path, url: str) -> None:
    target = tmp_path / "cache" / "file"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: download(url, target, SHA256), range(16)))
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("before", [None, b"what was there"])
def test_a_wrong_checksum_leaves_what_was_there(
    tmp_path: Path, url: str, before: bytes | None
) -> None:
    target = tmp_path / "cache" / "file"
    target.parent.mkdir()
    if before is not None:
        target.write_bytes(before)
    with pytest.raises(
        Problem, match=f"with the sha256 {'0' * 64}; got 3072000 bytes with {SHA256}"
    ):
        download(url, target, "0" * 64)
    assert [path.read_bytes() for path in target.parent.iterdir()] == ([before] if before else [])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (IncompleteRead(b"", 5), "IncompleteRead"),
        (TimeoutError("timed out"), "TimeoutError: timed out"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
    ],
)
def test_a_broken_transfer_and_a_full_disk_leave_nothing_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    monkeypatch.setattr("harness.data.download.urlopen", lambda *_, **__: Response(error))
    target = tmp_path / "cache" / "file"
    with pytest.raises(Problem, match=f"got .*{message}.*or fetch the file by hand"):
        download("https://example.org/file", target, SHA256)
    assert list(target.parent.iterdir()) == []


def test_an_address_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="URLError"):
        download((tmp_path / "nowhere").as_uri(), tmp_path / "cache" / "file", SHA256)


def test_a_cache_that_is_no_folder_is_a_problem(tmp_path: Path, url: str) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(Problem, match="FileExistsError"):
        download(url, tmp_path / "cache" / "file", SHA256)
