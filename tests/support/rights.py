"""Files that nobody may read, also where the tests are run by root."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

import pytest

#: capset(2): what lets root pass over the rights of a file, CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
_PASS_OVER = 1 << 1 | 1 << 2
_VERSION_3 = 0x20080522


@contextlib.contextmanager
def of_an_ordinary_person() -> Iterator[None]:
    """While this lasts, the thread has no right to read what a file's mode forbids."""
    if os.name != "posix":
        pytest.skip("rights of files are another thing here")
    if os.geteuid() != 0:
        yield
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("root may read everything here")
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets):
        pytest.skip("the capabilities of this process cannot be asked for")
    effective = sets[0]
    sets[0] = effective & ~_PASS_OVER
    if libc.capset(header, sets):
        pytest.skip("the capabilities of this process cannot be changed")
    try:
        yield
    finally:
        sets[0] = effective
        libc.capset(header, sets)
