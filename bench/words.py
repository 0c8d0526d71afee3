"""Words for believable tasks: a table of data, and the sentences made of it."""

from __future__ import annotations

from random import Random
from typing import Final

PROJECTS: Final = ("portal", "billing", "ledger", "atlas", "relay", "harbor", "beacon", "quarry", "meadow", "foundry")
FEATURES: Final = (
    *("sign-in", "search", "export", "import", "notifications", "invoices", "audit-log", "permissions", "sync"),
    *("reports", "webhooks", "uploads", "onboarding", "scheduling", "retention", "caching", "rate-limits"),
)
AREAS: Final = ("api", "storage", "interface", "workers", "docs", "tests", "migrations", "monitoring")
VERBS: Final = (
    *("Add", "Remove", "Rename", "Split", "Cache", "Validate", "Retry", "Log", "Measure", "Document", "Encrypt"),
    *("Paginate", "Batch", "Deprecate", "Restore", "Throttle", "Index", "Translate", "Verify", "Simplify"),
)
THINGS: Final = (
    *("session tokens", "the invoice table", "search results", "upload chunks", "stale leases", "webhook deliveries"),
    *("the audit trail", "tenant settings", "expired invitations", "background jobs", "the export queue"),
    *("password resets", "e-mail templates", "report filters", "the import preview", "currency rounding"),
    *("date ranges", "the rate limiter", "access tokens", "error pages", "the nightly backup", "feature flags"),
)
PLACES: Final = (
    *("in the public API", "for guests", "on slow networks", "before the first release", "for large accounts"),
    *("after a failed payment", "in the worker pool", "during a deployment", "on small screens", "for archived data"),
    *("when the queue is full", "across time zones", "in the admin view", "under load", "without JavaScript"),
)
LABELS: Final = (
    *("backend", "frontend", "security", "performance", "docs", "ux", "data", "infra", "regression", "customer"),
    *("quick-win", "accessibility", "billing", "compliance", "flaky", "debt"),
)
ACTORS: Final = ("robin", "sam", "kim", "agent-build", "agent-review", "agent-docs")
REMARKS: Final = (
    "Tried it with the data of the largest account: it holds, and takes about a third of the time.",
    "The cause is one call below; the caller retries a request that the other side has already carried out.",
    "Let us keep the old behaviour behind a flag for one release, and remove both together.",
    "Read through the logs of last week. It happens a few times a day, always shortly after a deployment.",
    "Agreed in the weekly call: correctness first, the faster path comes as a task of its own.",
)
_REASONS: Final = (
    "Users have asked for this since the spring, and support answers the same question every week.",
    "The present way works for small accounts; beyond some thousand rows it takes longer than anybody waits.",
    "Two parts of the code do this today, and they disagree about what an empty value means.",
    "It failed twice last month. Both times somebody had to mend the data by hand.",
    "Nothing is broken yet, but the next change to this part will be twice the work without it.",
)
_CRITERIA: Final = (
    "A request that fails half-way leaves the data as it was",
    "The 95th percentile stays below 200 ms with 10,000 rows",
    "An error names the field and what would be allowed",
    "The old form is read for one more release",
    "A test fails when the check is taken out",
    "The page works with the keyboard alone",
    "The change is in the release notes",
    "Two of them at once give the same result as one after the other",
)
_STEPS: Final = (
    "Look first at how the neighbouring part does it; the helper there can probably be shared.",
    "The configuration key stays as it is. Only its default changes, and only for new accounts.",
    "Measure before and after with the recorded traffic, not with generated requests.",
    "Mind the second caller: it passes the identifier as text.",
)


def title(random: Random) -> str:
    plain = f"{random.choice(VERBS)} {random.choice(THINGS)} {random.choice(PLACES)}"
    return f"{random.choice(AREAS).capitalize()}: {plain[0].lower()}{plain[1:]}" if random.random() < 0.1 else plain


def body(random: Random, about: str) -> str:
    """A description, acceptance criteria with open boxes, and sometimes notes and code."""
    criteria = random.sample(_CRITERIA, random.randint(2, 5))
    parts = [
        f"{random.choice(_REASONS)} This is about {about}.",
        "## Acceptance criteria",
        "\n".join(f"- [ ] {line}" for line in criteria),
    ]
    if random.random() < 0.6:
        parts += ["## Notes", "\n\n".join(random.sample(_STEPS, random.randint(1, 3)))]
    if random.random() < 0.2:
        name = random.choice(THINGS).split()[-1]
        parts.append(f"```python\ndef check_{name}(rows):\n    return [row for row in rows if not row.valid]\n```")
    return "\n\n".join(parts) + "\n"
