"""How the programs begin and end: what an installed ``wrkq`` calls, with nothing imported yet.

A command lives for a tenth of a second. Looking for garbage in what it imports, and taking it all apart at the end,
would be a quarter of that.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import NoReturn


def wrkq() -> NoReturn:
    _run("wrkq")


def wrkqadm() -> NoReturn:
    _run("wrkqadm")


def _run(program: str) -> NoReturn:
    gc.disable()
    from wrkq_files.cli.main import run

    status = run(program, sys.argv[1:])
    for stream in filter(None, (sys.stdout, sys.stderr)):  # a closed one is None
        with contextlib.suppress(OSError, ValueError):  # `run` has reported what could not be written
            stream.flush()
    os._exit(status)
