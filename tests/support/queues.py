"""Tasks in a feature that is ready, and what the queue says of them."""

from __future__ import annotations

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.model.fields import SCORE_PARTS
from wrkq_files.service import create, queue, roster
from wrkq_files.service.queue import Asked, Found


def shop(box: Sandbox) -> Sandbox:
    """A project with a feature in `ready`, and nothing to do yet."""
    create.mkdir(box.tracker, ["shop"], COMMIT, pairs=[("kind", "project")])
    create.mkdir(box.tracker, ["shop/auth"], COMMIT, pairs=[("kind", "feature")])
    return box


def add(box: Sandbox, name: str, score: int = 0, **fields: str) -> str:
    parts = [(f"score.{part}", "3") for part in SCORE_PARTS[:score]]
    written = create.touch(box.tracker, [name], create.New(pairs=[*fields.items(), *parts]), COMMIT)
    return str(written.data["created"][0]["id"])


def ask(box: Sandbox, who: str | None = None, **asked: object) -> Found:
    return queue.queue(box.tracker, Asked(who, **asked))  # type: ignore[arg-type]


def offered(box: Sandbox, who: str | None = None, **asked: object) -> list[str]:
    return [row.entry.slug for row in ask(box, who, **asked).rows]


def failing(box: Sandbox, target: str, who: str | None = None) -> list[str]:
    return [test.name for test in queue.why(box.tracker, target, who).tests if not test.passed]


def agent(box: Sandbox, slug: str = "codex") -> str:
    roster.add(box.tracker, slug, role="agent", options=COMMIT)
    return slug
