"""Who is spoken to in a text: ``@slug``."""

from __future__ import annotations

import re


def count(text: str, slug: str) -> int:
    """How often a text says ``@slug``: not within an address (``someone@slug.example``), and no longer name."""
    name = rf"(?<![\w@.+/-])@{re.escape(slug)}(?![\w@-])(?!\.\w)"
    return len(re.findall(name, text, re.IGNORECASE))
