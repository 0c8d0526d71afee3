"""Links in a body that lead to another file beside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from wrkq_files.model.outline import prose

#: An inline link's destination: in angle brackets, or without blanks and with balanced round brackets one deep.
_LINK: Final = re.compile(r"\]\(\s*(?:<([^<>]*)>|((?:[^\s()<]|\([^\s()]*\))+))")
#: What is no text within a line: code, and a comment.
_CODE: Final = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|<!--.*?-->")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Link(NamedTuple):
    """``line`` counts from 0, ``column`` is where the destination begins; ``path`` is it without its fragment."""

    line: int
    column: int
    path: str


def relative_links(body: str) -> Iterator[Link]:
    """The links to Markdown files by a relative path, those in code and comments left out."""
    if "](" not in body:
        return
    for number, line in prose(body):
        if "](" not in line:
            continue
        bare = _CODE.sub(lambda found: " " * len(found[0]), line)
        for found in _LINK.finditer(bare):
            place = 1 if found[1] is not None else 2
            path = unquote(re.split("[#?]", found[place], maxsplit=1)[0])
            if path.endswith(".md") and not path.startswith("/") and not _SCHEME.match(path):
                yield Link(number, found.start(place), path)


def target(source: str, path: str) -> str | None:
    """The file of the tracker that a link in the file ``source`` means; None when it leads out of the tracker."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    return None if found == ".." or found.startswith("../") else found
