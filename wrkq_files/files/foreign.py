"""Frontmatter that is not ours: what other tools would make of a file that is no document here."""

from __future__ import annotations


def advice(text: str) -> str:
    """What a note lacks to be a document, as a hint."""
    found = frontmatter_format(text)
    if found == "yaml":
        return "its frontmatter does not begin with a first line of exactly `---`: make it so, and it is a document"
    if found:
        return f"its frontmatter is {found}: write it as YAML between two lines of `---`, and it is a document"
    return "begin it with `---`, `title: …`, `---`, and it is a document"


def frontmatter_format(text: str) -> str | None:
    """``yaml`` or ``json`` (``toml`` where the toml package is installed): what python-frontmatter takes a file for.

    For near misses only (`-----`, blank lines before the first `---`): whether a file *is* a document decides
    ``documents.is_document``, because this recognition takes any number of dashes for a boundary.
    """
    import frontmatter

    # As its parser does before it asks.
    handler = frontmatter.detect_format(text.removeprefix("\ufeff").strip(), frontmatter.handlers)
    return type(handler).__name__.removesuffix("Handler").lower() if handler is not None else None
