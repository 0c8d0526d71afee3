"""The person's editor, on a copy of a document."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from wrkq_files.cli import text
from wrkq_files.errors import WrkqError


def edit(content: bytes, name: str) -> bytes:
    """What the editor leaves of ``content``. Raises ``usage`` without an editor, ``refused`` when it fails."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="wrkq-") as folder:
        place = Path(folder) / name
        place.write_bytes(content)
        try:
            status = subprocess.run([*words, str(place)], check=False).returncode
        except (FileNotFoundError, PermissionError) as error:
            raise WrkqError(
                "usage", f"the editor {words[0]} cannot be started", hint="set VISUAL or EDITOR"
            ) from error
        if status:
            raise WrkqError("refused", f"the editor ended with status {status}: nothing is written")
        return place.read_bytes()


def again(error: WrkqError) -> bool:
    """Whether a person wants to go on with a text that was refused for what it says; where nobody is asked, no."""
    if error.code not in ("validation", "unreadable", "limit") or not all(
        stream and stream.isatty() for stream in (sys.stdin, sys.stderr)
    ):
        return False
    sys.stderr.write(f"{text.clean(error.message)}\n" + (f"  hint: {text.clean(error.hint)}\n" if error.hint else ""))
    return bool(click.confirm("Edit it again?", default=True, err=True))


def keep(content: bytes, error: WrkqError, target: str) -> WrkqError:
    """The refusal of an edited text, and where the text is kept: nobody types it twice."""
    handle, name = tempfile.mkstemp(prefix="wrkq-edit-", suffix=".md")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    kept = f"your text is in {name}: mend it, then wrkq apply {shlex.quote(target)} {name}"
    hint = f"{error.hint}; {kept}" if error.hint else kept
    return WrkqError(error.code, error.message, hint=hint, details={**error.details, "kept": name})
