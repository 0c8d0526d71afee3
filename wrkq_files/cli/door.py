"""What the environment says: the one place that reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.tracker import Door

#: Variables that coding agents set in the shells they run; one that ends in ``_`` is the beginning of a name.
AGENT_VARIABLES: Final = (
    "AI_AGENT",
    "AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE_",
    "CODEX_",
    "CURSOR_AGENT",
    "CURSOR_TRACE_ID",
    "GEMINI_CLI",
    "OPENCODE",
    "GOOSE_TERMINAL",
    "AIDER_",
    "CLINE_ACTIVE",
    "AMP_",
    "JULES_",
    "REPLIT_AGENT",
)
#: Variables that change which repository git works in: git is asked then, and not the folders.
_GIT_VARIABLES: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES")


def is_agent(environ: Mapping[str, str]) -> bool:
    """Whether this looks like the shell of a coding agent."""
    exact = {name for name in AGENT_VARIABLES if not name.endswith("_")}
    starts = tuple(name for name in AGENT_VARIABLES if name.endswith("_"))
    return any(
        (name in exact or name.startswith(starts)) and value not in ("", "0") for name, value in environ.items()
    )


def opens_editor() -> bool:
    """In a hook: whether git lets a person edit the commit's message. Where it does not, it says so by this."""
    return os.environ.get("GIT_EDITOR") != ":"


def open_door(given: Mapping[str, Any], environ: Mapping[str, str]) -> Door:
    """The door of one request; options win over the environment. Raises ``not_found`` for a folder that is none."""
    from wrkq_files.service.tracker import Door

    cwd = working_directory(given)
    root = given.get("root")
    named = Path(root) if root else _from_start(environ.get("WRKQ_ROOT"))
    return Door(
        cwd=cwd,
        now=lambda: datetime.now(UTC),
        random_bits=_random_bits,
        root=named,
        actor=given.get("actor") or environ.get("WRKQ_ACTOR") or None,
        agent=is_agent(environ),
        ask_git=any(environ.get(name) for name in _GIT_VARIABLES),
        via="cli",
    )


def working_directory(given: Mapping[str, Any]) -> Path:
    """Where the request works: ``-C`` as often as it is given, each from the one before, as git does."""
    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise WrkqError("not_found", "the working directory no longer exists", hint="cd to one that does") from error
    for folder in given.get("directory", ()):
        here = here / folder
        if not here.is_dir():
            raise WrkqError("not_found", f"-C {folder}: there is no folder {here}")
    return here.resolve()


def _from_start(root: str | None) -> Path | None:
    """``WRKQ_ROOT`` is taken from where the program was started, not from ``-C``."""
    return Path(root).absolute() if root else None


def _random_bits(count: int) -> int:
    return int.from_bytes(os.urandom((count + 7) // 8)) >> (-count % 8)
