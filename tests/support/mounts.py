"""File systems of a test's own, that can be filled and made read-only."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small(target: Path, size: str) -> Iterator[Path]:
    """A new folder with an empty tmpfs of ``size`` on it; skips the test where mounting is not allowed."""
    target.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(target)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"mounting a tmpfs needs root: {os.fsdecode(made.stderr).strip()}")
    try:
        yield target
    finally:
        subprocess.run(["umount", "-l", str(target)], check=True)
