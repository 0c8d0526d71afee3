"""A document's text, cut where a merge can put other text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wrkq_files.model.document import Value


class Part(NamedTuple):
    """A field's lines, each with its end.

    ``above``: the comments and blank lines that go with it; ``text``: the field; ``value``: what it says, None where
    it says nothing, an ``Opaque`` where that does not fit the field.
    """

    above: str
    text: str
    value: Value

    @property
    def full(self) -> str:
        return self.above + self.text


class Parts(NamedTuple):
    """``opening`` + ``header`` + all ``fields`` + ``footer`` + ``rest`` is the text.

    ``opening`` is the first `---` line; ``header`` and ``footer`` comments about no field; ``fields`` are by their
    canonical names, in the text's order; ``rest`` begins with the closing `---` line.
    """

    opening: str
    header: str
    fields: Mapping[str, Part]
    footer: str
    rest: str
