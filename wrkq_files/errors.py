"""The one error class of expected refusals, and the table of its codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

#: Each code's exit status (a data table; ``docs/cli.md`` is generated from it).
#: 1 refused or failed, 2 usage, 3 a named target does not exist, 4 conflict, 5 partly done.
EXIT_STATUS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "usage": 2,
        "ambiguous": 2,
        "not_found": 3,
        "no_tracker": 3,
        "not_a_repository": 1,
        "bare_repository": 1,
        "validation": 1,
        "unreadable": 1,
        "invalid_state": 1,
        "refused": 1,
        "dirty_file": 1,
        "exists": 1,
        "no_identity": 1,
        "format": 1,
        "limit": 1,
        "io": 1,
        "git": 1,
        "index": 1,
        "timeout": 1,
        "busy": 4,
        "conflict": 4,
        "partial": 5,
    }
)


class WrkqError(Exception):
    """A request that cannot be done; anything else that is raised is a bug.

    ``code`` is a key of :data:`EXIT_STATUS`; ``message`` says what is wrong and where, ``hint`` the way out;
    ``details`` is JSON-able.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", details: Mapping[str, Any] | None = None):
        super().__init__(message)
        if code not in EXIT_STATUS:
            raise AssertionError(f"unknown error code {code!r}")
        self.code = code
        self.message = message
        self.hint = hint
        self.details = dict(details or {})

    @property
    def exit_status(self) -> int:
        return EXIT_STATUS[self.code]
