"""What frontmatter is made of: scalars, sequences and maps that know where in the text they stand."""

from __future__ import annotations

from collections.abc import Iterator


class Scalar:
    """One scalar. ``style`` is ``""`` (plain), ``'``, ``"``, ``|`` or ``>``; ``start`` and ``end`` are offsets.

    An empty value has ``start == end``, right after its key's colon or its dash.
    """

    __slots__ = ("end", "start", "style", "text")

    def __init__(self, text: str, style: str, start: int, end: int) -> None:
        self.text = text
        self.style = style
        self.start = start
        self.end = end

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is written where the value belongs."""
        return not self.text and not self.style


class Seq:
    """A list. ``end`` is the end of what it holds, or of the bracket; ``flow`` tells which."""

    __slots__ = ("end", "flow", "items", "start")

    def __init__(self, items: list[Node], flow: bool, start: int, end: int) -> None:
        self.items = items
        self.flow = flow
        self.start = start
        self.end = end


class Map:
    """A map, with its keys in the order of the text; a key stands once."""

    __slots__ = ("end", "flow", "pairs", "start")

    def __init__(self, pairs: dict[str, tuple[Scalar, Node]], flow: bool, start: int, end: int) -> None:
        self.pairs = pairs
        self.flow = flow
        self.start = start
        self.end = end

    def values(self) -> Iterator[Node]:
        return (value for _, value in self.pairs.values())


Node = Scalar | Seq | Map


class Unreadable(Exception):
    """The text cannot be read: a rule, the offset in the frontmatter, and the words for a finding."""

    def __init__(self, rule: str, offset: int, message: str, *, allowed: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.offset = offset
        self.message = message
        self.allowed = allowed
        self.remedy = remedy
