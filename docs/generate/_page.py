"""What every generator in this folder does with its page: write it, or say whether it is current."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path


def main(path: Path, page: Callable[[], str], usage: str) -> int:
    """Writes ``page()`` to ``path``; with ``--check`` compares, and shows where they differ. The exit status."""
    if sys.argv[1:] not in ([], ["--check"]):
        print(usage, file=sys.stderr)
        return 2
    wanted = page()
    if not sys.argv[1:]:
        path.write_text(wanted, encoding="utf-8", newline="\n")
        return 0
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    if found == wanted:
        return 0
    print(f"docs/{path.name} is not current; run `make docs`. The difference begins:", file=sys.stderr)
    lines = difflib.unified_diff(found.splitlines(), wanted.splitlines(), "as it is", "as generated", lineterm="")
    print("\n".join(islice(lines, 20)), file=sys.stderr)
    return 1
