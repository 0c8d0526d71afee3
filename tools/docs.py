"""Runs every generator in ``docs/generate/``: writes the pages, or with ``--check`` says which are not current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent


def main() -> int:
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    scripts = sorted((TOP / "docs" / "generate").glob("[!_]*.py"))
    stale = [
        script.name
        for script in scripts
        if subprocess.run([sys.executable, str(script), *arguments], cwd=TOP, check=False).returncode
    ]
    if stale:
        print(f"docs: {', '.join(stale)} failed", file=sys.stderr)
        return 1
    print(f"docs: {len(scripts)} generated pages are {'current' if arguments else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
