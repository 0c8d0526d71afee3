"""The settings of ``wrkq.yaml``, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

#: Columns a new project gets unless ``defaults.sections`` says otherwise.
DEFAULT_SECTIONS: Final[tuple[Mapping[str, Any], ...]] = (
    MappingProxyType({"slug": "backlog", "title": "Backlog", "role": "backlog"}),
    MappingProxyType({"slug": "ready", "title": "Ready", "role": "ready", "default": True}),
    MappingProxyType({"slug": "doing", "title": "Doing", "role": "active"}),
    MappingProxyType({"slug": "review", "title": "Review", "role": "review"}),
    MappingProxyType({"slug": "done", "title": "Done", "role": "done"}),
)
#: How many days since its last commit a branch counts as work in flight.
IN_FLIGHT_DAYS: Final = 30
#: Keys of ``wrkq.yaml``; a test holds them to ``schema/config.schema.json``.
KEYS: Final = (
    "format",
    "base",
    "commit",
    "on_base",
    "in_flight_days",
    "default_actor",
    "kinds",
    "ignore",
    "rules",
    "claims",
    "defaults",
    "queue",
    "policy",
)

#: What a write does while the base branch is checked out.
ON_BASE_COMMIT: Final = "commit"
ON_BASE_BUNDLE: Final = "bundle"
ON_BASE_REFUSE: Final = "refuse"

#: Settings that this version of the program knows, and does nothing about.
NOT_IN_FORCE: Final = ("claims",)

#: The label of a requirement that holds for every task.
EVERY: Final = "*"
#: What becomes of a task that lacks an artifact: it is shown as waiting, or passed over.
WAIT: Final = "wait"
SKIP: Final = "skip"


class Requirement(NamedTuple):
    """What tasks with a label need before they are offered: ``artifact`` is the name of a file, or a glob."""

    label: str
    artifact: str
    on_missing: str = WAIT


class Config(NamedTuple):
    """Effective settings. ``raw`` is the file's own mapping; ``kinds`` are those added to the built-in task kinds."""

    format: int = 1
    base: str | None = None
    on_base: str = ON_BASE_COMMIT
    commit_mode: str = "manual"
    commit_subject: str = "{subject}"
    commit_co_author: bool = False
    in_flight_days: int = IN_FLIGHT_DAYS
    default_actor: str | None = None
    queue_preset: str = "standard"
    queue_weights: Mapping[str, float] = MappingProxyType({})
    queue_agents: str = "any"
    queue_exclude_labels: tuple[str, ...] = ()
    queue_max_attempts: int | None = None
    policy_require: tuple[Requirement, ...] = ()
    kinds: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: Mapping[str, str] = MappingProxyType({})
    sections: tuple[Mapping[str, Any], ...] = DEFAULT_SECTIONS
    raw: Mapping[str, Any] = MappingProxyType({})


def from_mapping(raw: Mapping[str, Any]) -> Config:
    """The settings a mapping that satisfies the schema means."""
    commit = raw.get("commit") or {}
    defaults = raw.get("defaults") or {}
    queue = raw.get("queue") or {}
    policy = raw.get("policy") or {}
    return Config(
        format=raw.get("format", 1),
        base=raw.get("base"),
        on_base=raw.get("on_base", ON_BASE_COMMIT),
        commit_mode=commit.get("mode", "manual"),
        commit_subject=commit.get("subject", "{subject}"),
        commit_co_author=commit.get("co_author", False),
        in_flight_days=IN_FLIGHT_DAYS if (days := raw.get("in_flight_days")) is None else days,
        default_actor=raw.get("default_actor"),
        queue_preset=queue.get("preset", "standard"),
        queue_weights=dict(queue.get("weights") or {}),
        queue_agents=queue.get("agents", "any"),
        queue_exclude_labels=tuple(queue.get("exclude_labels") or ()),
        queue_max_attempts=queue.get("max_attempts"),
        policy_require=tuple(
            Requirement(each.get("label") or EVERY, each["artifact"], each.get("on_missing") or WAIT)
            for each in policy.get("require") or ()
        ),
        kinds=tuple(raw.get("kinds") or ()),
        ignore=tuple(raw.get("ignore") or ()),
        rules=dict(raw.get("rules") or {}),
        sections=tuple(defaults.get("sections") or DEFAULT_SECTIONS),
        raw=raw,
    )


def effective(config: Config) -> dict[str, Any]:
    """Every setting this version reads, as nested as in ``wrkq.yaml``, defaults filled in."""
    return {
        "format": config.format,
        "base": config.base,
        "on_base": config.on_base,
        "commit": {
            "mode": config.commit_mode,
            "subject": config.commit_subject,
            "co_author": config.commit_co_author,
        },
        "in_flight_days": config.in_flight_days,
        "default_actor": config.default_actor,
        "queue": {
            "preset": config.queue_preset,
            "weights": dict(config.queue_weights),
            "agents": config.queue_agents,
            "exclude_labels": list(config.queue_exclude_labels),
            "max_attempts": config.queue_max_attempts,
        },
        "policy": {"require": [each._asdict() for each in config.policy_require]},
        "kinds": list(config.kinds),
        "ignore": list(config.ignore),
        "rules": dict(config.rules),
        "defaults": {"sections": [dict(section) for section in config.sections]},
    }
