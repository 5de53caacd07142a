"""Something done in a process of its own, which may be killed at any line or at any moment."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

NOBODY = 65534


class ChildError(Exception):
    """What went wrong in a process, with its traceback."""


class Fate:
    """A tracer that kills its process at the n-th line of core's code that is executed."""

    def __init__(self, lines: int) -> None:
        self._left = lines

    def trace(self, frame: FrameType, event: str, _: object) -> Any:
        """For sys.settrace and threading.settrace."""
        if event == "call":
            name = frame.f_code.co_filename
            # The rest of Python runs at full speed.
            return self.trace if f"{os.sep}core{os.sep}" in name else self._through
        if event == "line":
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace

    def _through(self, frame: FrameType, event: str, _: object) -> Any:
        return None


def become_nobody() -> None:
    """From now on this process, of root's, is another user's."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def in_child(action: Callable[[], str], *, fatal_line: int = 0, as_nobody: bool = False) -> str:
    """What `action` returns in a forked process, or "killed"; its exception as a ChildError.

    fatal_line: see Fate. as_nobody: another user than root.
    """
    child, reader = begin(action, fatal_line=fatal_line, as_nobody=as_nobody)
    return finish(child, reader)


def begin(
    action: Callable[[], str], *, fatal_line: int = 0, as_nobody: bool = False
) -> tuple[int, int]:
    """The process that does it, and the pipe on which its answer comes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    try:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        os.close(reader)
        if as_nobody:
            become_nobody()
        if fatal_line:
            sys.settrace(Fate(fatal_line).trace)
        answer, code = action(), 0
    except BaseException as error:
        answer, code = "".join(traceback.format_exception(error)), 1
    sys.settrace(None)
    os.write(writer, answer.encode()[-60000:])
    os._exit(code)


def finish(child: int, reader: int) -> str:
    """Wait for a process that has begun."""
    try:
        with open(reader, encoding="utf-8", errors="replace") as pipe:
            answer = pipe.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return "killed"
    if status:
        raise ChildError(answer)
    return answer
