"""Frontmatter that is not ours: what other tools would make of a file that is no document here."""

from __future__ import annotations


def frontmatter_format(text: str) -> str | None:
    """``yaml`` or ``json`` (``toml`` where the toml package is installed): what python-frontmatter takes a file for.

    For near misses only (`-----`, blank lines before the first `---`): whether a file *is* a document decides
    ``documents.is_document``, because this recognition takes any number of dashes for a boundary.
    """
    import frontmatter

    handler = frontmatter.detect_format(text.removeprefix("\ufeff"), frontmatter.handlers)
    return type(handler).__name__.removesuffix("Handler").lower() if handler is not None else None
