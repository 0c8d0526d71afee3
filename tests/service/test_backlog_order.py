"""A backlog that was imported comes in the order that its own text asks for: by score, what is blocked below all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.queues import ask
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.service import importing, settings

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "workrail-backlog.md"
LIKE_IT = """\
# Kiosk

## Selling

### Split payment (May 2, 2026)

**Status: idea** | Priority: low

**Score: 9** | Cor:2 Cap:2 Eff:1 Lev:2 Con:2 | Blocked: no

### Season tickets

**Status: idea** | Priority: high

**Score: 15** | Cor:3 Cap:3 Eff:3 Lev:3 Con:3 | Blocked: yes (needs the tariff)

### Refunds

**Status: bug** | Priority: high

**Score: 12** | Cor:3 Cap:2 Eff:2 Lev:2 Con:3 | Blocked: yes (needs split payment)

### Group tickets

**Status: designing** | Priority: medium

**Score: 13** | Cor:3 Cap:3 Eff:3 Lev:2 Con:2 | Blocked: yes (needs the tariff)

## Printing

### Paper warning

**Status: bug** | Priority: low

**Score: 11** | Cor:3 Cap:2 Eff:2 Lev:2 Con:2 | Blocked: no

### Thin receipts

**Status: idea** | Priority: high

**Score: 14** | Cor:1 Cap:1 Eff:1 Lev:1 Con:1 | Blocked: no

### Two languages

**Status: idea** | Priority: high

**Score: 11** | Cor:2 Cap:3 Eff:2 Lev:2 Con:2 | Blocked: no
"""
_ITEM = re.compile(
    r"^### (?P<title>.+)$"
    r"(?:\n(?!#{2,3} |---$).*)*?\n\*\*Score: [0-9]+\*\* \| (?P<parts>.*) \| Blocked: (?P<blocked>.*)$",
    re.MULTILINE,
)


def standing(text: str) -> dict[str, tuple[bool, int]]:
    """Of each heading that has a score: whether it is blocked, and the score with its sign turned.

    The text says that a score is the sum of its parts; some of the sums that it writes are wrong.
    """
    return {
        item["title"]: (item["blocked"] != "no", -sum(map(int, re.findall("[1-3]", item["parts"]))))
        for item in _ITEM.finditer(text)
    }


@pytest.mark.parametrize("which", ["like it", "real"])
def test_the_order_is_the_one_that_the_text_asks_for(box: Sandbox, which: str) -> None:
    if which == "real" and not REAL.exists():
        pytest.skip(f"{REAL} is not on this machine")
    text = REAL.read_text() if which == "real" else LIKE_IT
    wanted = standing(text)
    assert len({blocked for blocked, _ in wanted.values()}) == 2, "some are blocked, some are not"
    importing.import_markdown(box.tracker, text.encode(), "backlog.md", "kiosk", COMMIT)
    settings.change(box.tracker, "queue.preset", "rubric", COMMIT)
    rows = [row for row in ask(box, all_states=True).rows if row.entry.title in wanted]
    assert sorted(row.entry.title for row in rows) == sorted(wanted)
    assert [wanted[row.entry.title] for row in rows] == sorted(wanted.values())
    assert {row.entry.title for row in rows if row.reason} == {title for title in wanted if wanted[title][0]}
    free = ask(box, all_states=True, unblocked_only=True, min_score=11).rows
    expected = sorted(where for where in wanted.values() if where <= (False, -11))
    assert [wanted[row.entry.title] for row in free if row.entry.title in wanted] == expected
