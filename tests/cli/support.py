"""The programs, run in this process through their real entry, with streams and environment of their own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from wrkq_files.cli import door, main


@dataclass(frozen=True)
class Result:
    """What came back. ``err`` without the words that a terminal's person would see is the place for JSON lines."""

    exit: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def told(self, name: str) -> Any:
        """The object of stderr that has this key: ``error`` or ``meta``."""
        for line in self.err.splitlines():
            value = json.loads(line)
            if name in value:
                return value[name]
        raise AssertionError(f"no {name!r} on stderr: {self.err!r}")


class _Stream(io.TextIOWrapper):
    """A text stream over memory that may say that it is a terminal."""

    def __init__(self, data: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", newline="\n")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def collected(self) -> bytes:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


def run(
    *arguments: str,
    cwd: Path | None = None,
    stdin: str | bytes = b"",
    program: str = "wrkq",
    env: Mapping[str, str] | None = None,
    terminal: bool = False,
    width: int = 80,
) -> Result:
    """One request. The environment is the test's, without what marks an agent's, plus ``env``."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = _Stream(terminal=terminal), _Stream(terminal=terminal)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
        stack.enter_context(_environment({"COLUMNS": str(width), **(env or {})}))
        for name, stream in (("stdin", _Stream(data)), ("stdout", out), ("stderr", err)):
            stack.enter_context(mock.patch.object(sys, name, stream))
        status = main.run(program, list(arguments))
    raw = out.collected()
    return Result(status, raw.decode("utf-8", "replace"), err.collected().decode(), raw)


def adm(*arguments: str, **how: Any) -> Result:
    return run(*arguments, program="wrkqadm", **how)


@contextlib.contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    marks = tuple(door.AGENT_VARIABLES)
    plain = {name: value for name, value in os.environ.items() if not name.startswith((*marks, "NO_COLOR", "TERM"))}
    with mock.patch.dict(os.environ, {**plain, **more}, clear=True):
        yield
