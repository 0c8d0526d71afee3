"""What is wrong with data that a person wrote: collected, never raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from wrkq_files.model.rules import RULES


class Finding(NamedTuple):
    """One thing a check found.

    ``rule`` is a key of :data:`RULES`; ``line`` and ``column`` are 1-based (0 when the whole file is meant);
    ``message`` says what was found, ``allowed`` what would be fine, ``remedy`` the command that mends it.
    """

    rule: str
    path: str
    message: str
    line: int = 0
    column: int = 0
    allowed: str = ""
    remedy: str = ""

    @property
    def severity(self) -> str:
        return RULES[self.rule].severity

    @property
    def place(self) -> str:
        """``path:line:column``, as compilers write it."""
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])

    def moved(self, path: str) -> Finding:
        return self._replace(path=path)

    def as_json(self) -> Mapping[str, Any]:
        names = ("rule", "severity", "path", "line", "column", "message", "allowed", "remedy")
        return {name: getattr(self, name) for name in names}
