"""The screen: what the commands print, and what becomes of it where it cannot be printed.

A line holds whatever a file's name holds, which may be no text, or more than the screen's coding
has: such characters are escaped. A full disk behind ``> FILE`` is a ``Problem`` and no traceback;
a reader that is gone (``| head``) is none of ours, and its error passes through.
"""

import os
import sys

from harness.problem import Problem


def say(text: str) -> None:
    """Print lines to standard output, at once."""
    if sys.stdout is None:  # closed by who called
        return
    coding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(coding, "backslashreplace").decode(coding), flush=True)
    except OSError as error:
        _drop()
        if isinstance(error, BrokenPipeError):
            raise
        got = (error.strerror or str(error)).lower()
        fix = "free some space, or send it elsewhere"
        raise Problem("printing to standard output", got, fix) from error


def _drop() -> None:
    """Let what waits to be printed go nowhere: the interpreter would try again at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass  # not a file of the system
