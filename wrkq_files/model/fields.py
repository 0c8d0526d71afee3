"""The table of fields: which documents there are, what each field holds, in canonical order.

This is a table of data. ``schema/*.schema.json`` says the same to editors and validators, and a test holds the two
together; ``docs/schema.md`` is generated from the schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class DocType(StrEnum):
    """The five kinds of document; the value is the word used in JSON and on the command line."""

    TASK = "task"
    CONTAINER = "container"
    ACTOR = "actor"
    COMMENT = "comment"
    WORKSPACE = "workspace"


class FieldType(StrEnum):
    """What a field holds, and so how its plain scalars are read: as source text, or by YAML 1.2 core resolution."""

    TEXT = "text"  # str
    SLUG = "slug"  # str, an actor's or a section's slug
    ID = "id"  # str, a document id
    IDS = "ids"  # tuple[str, ...], a set
    WORDS = "words"  # tuple[str, ...], a set of strings
    ENUM = "enum"  # str, one of Field.values
    PRIORITY = "priority"  # int 1..4
    INTEGER = "integer"  # int
    NUMBER = "number"  # int | float
    BOOLEAN = "boolean"  # bool
    TIME = "time"  # str, RFC 3339 date-time or a date
    RANK = "rank"  # str, a fractional index
    MAP = "map"  # dict with the typed keys of Field.sub
    MAPS = "maps"  # tuple[dict, ...], each with the typed keys of Field.sub
    JSON = "json"  # anything; YAML 1.2 core resolution


class Field(NamedTuple):
    """One frontmatter field.

    ``minted``: written once and immutable after. ``low`` and ``high`` bound numbers, inclusive.
    """

    name: str
    type: FieldType
    help: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    minted: bool = False
    sub: Mapping[str, Field] = MappingProxyType({})
    key: str = ""  # for MAPS: the sub-field that identifies an item


STATES: Final = ("idea", "draft", "open", "in_progress", "in_review", "blocked", "completed", "cancelled")
CLOSED_STATES: Final = frozenset({"completed", "cancelled"})
OPEN_STATES: Final = tuple(state for state in STATES if state not in CLOSED_STATES)
RESOLUTIONS: Final = ("done", "wont_do", "duplicate", "needs_info")
TASK_KINDS: Final = ("task", "spike", "bug", "chore")
CONTAINER_KINDS: Final = ("project", "feature", "area", "misc")
SECTION_ROLES: Final = ("backlog", "ready", "active", "review", "done")
ACTOR_ROLES: Final = ("human", "agent", "system")
DUTIES: Final = ("planner", "executor", "reviewer", "coordinator")
WORKSPACE_KINDS: Final = ("human", "agent", "mixed")
COMMENT_KINDS: Final = (
    "comment",
    "note",
    "decision",
    "rationale",
    "attempt",
    "outcome",
    "blocker",
    "reference",
    "user_input",
    "progress",
    "review",
    "feedback",
    "handoff",
)
#: The five parts of a score; each 1 to 3, ``effort`` 3 means little effort.
SCORE_PARTS: Final = ("correctness", "capability", "effort", "leverage", "confidence")

DEFAULT_STATE: Final = "open"
DEFAULT_PRIORITY: Final = 3
DEFAULT_TASK_KIND: Final = "task"
#: What a field means that is not there, by document type and name.
DEFAULTS: Final[Mapping[tuple[DocType, str], str | int]] = MappingProxyType(
    {
        (DocType.TASK, "state"): DEFAULT_STATE,
        (DocType.TASK, "priority"): DEFAULT_PRIORITY,
        (DocType.CONTAINER, "priority"): DEFAULT_PRIORITY,
        (DocType.TASK, "kind"): DEFAULT_TASK_KIND,
    }
)
PRIORITY_WORDS: Final[Mapping[str, int]] = MappingProxyType({"critical": 1, "high": 2, "medium": 3, "low": 4})
#: Spellings of a state that are read as the same, in files too.
STATE_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {"done": "completed", "closed": "completed", "todo": "open", "in-progress": "in_progress"}
)
#: Field names that are read as another field.
FIELD_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType({"tags": "labels"})


def _table(*fields: Field) -> Mapping[str, Field]:
    return MappingProxyType({each.name: each for each in fields})


_T = FieldType
_TARGET: Final = _table(
    Field("type", _T.ENUM, "What the target is.", ("thread", "goal")),
    Field("id", _T.TEXT, "The target's id in the system that runs it."),
)

TASK_FIELDS: Final = _table(
    Field("title", _T.TEXT, "What is to be done, in one line. Falls back to the first heading, then the slug."),
    Field("id", _T.ID, "`T-` and 8 characters of Crockford base32. Minted once.", minted=True),
    Field("state", _T.ENUM, "Where the work stands. Default `open`.", STATES),
    Field("resolution", _T.ENUM, "How a closed task ended.", RESOLUTIONS),
    Field("assignee", _T.SLUG, "The actor who works on it."),
    Field("created", _T.TIME, "When it was created. Derived from the first commit when absent.", minted=True),
    Field(
        "priority", _T.PRIORITY, "1 (highest) to 4; default 3. Read too: critical, high, medium, low.", low=1, high=4
    ),
    Field("due", _T.TIME, "When it has to be finished."),
    Field("estimate_hours", _T.NUMBER, "Expected effort, in hours.", low=0),
    Field("created_by", _T.SLUG, "The actor who created it. Derived from the first commit when absent.", minted=True),
    Field("kind", _T.ENUM, "The kind of work. Default `task`; `wrkq.yaml` may add kinds.", TASK_KINDS),
    Field("labels", _T.WORDS, "A set of words. `tags` is read as the same."),
    Field("blocked_by", _T.IDS, "The tasks that must be closed first."),
    Field("summary", _T.TEXT, "What was delivered; written at completion."),
    Field("parent", _T.ID, "The task this is a subtask of: in the same folder, one level only."),
    Field("reviewer", _T.SLUG, "The actor who reviews it before it is completed."),
    Field(
        "participants",
        _T.MAPS,
        "Who else takes part, and as what.",
        sub=_table(
            Field("actor", _T.SLUG, "The actor's slug."),
            Field("role", _T.TEXT, "What the actor does here."),
        ),
        key="actor",
    ),
    Field("blocked_reason", _T.TEXT, "Why it cannot go on, when the cause is not a task."),
    Field("relates_to", _T.IDS, "Documents this one has to do with."),
    Field("duplicate_of", _T.ID, "The task that this one repeats."),
    Field("start", _T.TIME, "Not before this time."),
    Field("actual_hours", _T.NUMBER, "Effort spent, in hours.", low=0),
    Field("rank", _T.RANK, "A fractional index: the hand-made order among siblings."),
    Field(
        "score",
        _T.MAP,
        "Five judgements, each 1 to 3; their sum is derived as `score_total`.",
        sub=_table(
            Field("correctness", _T.INTEGER, "How much it makes right what is wrong.", low=1, high=3),
            Field("capability", _T.INTEGER, "How much becomes possible.", low=1, high=3),
            Field("effort", _T.INTEGER, "3 means little effort.", low=1, high=3),
            Field("leverage", _T.INTEGER, "How much else it helps.", low=1, high=3),
            Field("confidence", _T.INTEGER, "How sure the judgement is.", low=1, high=3),
        ),
    ),
    Field("source", _T.TEXT, "Where it came from, unique in the tracker: `github:owner/repo#123`."),
    Field("target", _T.MAP, "What carries the work out.", sub=_TARGET),
    Field("past_targets", _T.MAPS, "Earlier targets.", sub=_TARGET, key="id"),
    Field("archived", _T.TIME, "When it was archived; hidden from default views since."),
    Field("meta", _T.JSON, "Anything; kept, and not read."),
)

CONTAINER_FIELDS: Final = _table(
    Field("title", _T.TEXT, "The container's name for people. Falls back to the first heading, then the slug."),
    Field("id", _T.ID, "`P-` and 8 characters of Crockford base32. Minted once.", minted=True),
    Field("kind", _T.ENUM, "Projects hold features; features and areas hold tasks.", CONTAINER_KINDS),
    Field("section", _T.SLUG, "A feature's column: the slug of one of its project's sections."),
    Field("created", _T.TIME, "When it was created. Derived from the first commit when absent.", minted=True),
    Field("owner", _T.SLUG, "The actor who answers for it."),
    Field("priority", _T.PRIORITY, "1 (highest) to 4; default 3.", low=1, high=4),
    Field("created_by", _T.SLUG, "The actor who created it. Derived from the first commit when absent.", minted=True),
    Field("labels", _T.WORDS, "A set of words. `tags` is read as the same."),
    Field("rank", _T.RANK, "A fractional index: the hand-made order among siblings."),
    Field("operator", _T.ENUM, "Who moves a project's work on.", ("user", "auto")),
    Field(
        "sections",
        _T.MAPS,
        "A project's columns, in order.",
        sub=_table(
            Field("slug", _T.SLUG, "The section's name in files and commands."),
            Field("title", _T.TEXT, "The section's name for people."),
            Field("role", _T.ENUM, "What the column means for the queue.", SECTION_ROLES),
            Field("default", _T.BOOLEAN, "Whether new features land here."),
            Field("wip_limit", _T.INTEGER, "How many features may stand here at once.", low=1),
        ),
        key="slug",
    ),
    Field("archived", _T.TIME, "When it was archived; hidden from default views since, with all it holds."),
    Field("meta", _T.JSON, "Anything; kept, and not read."),
)

ACTOR_FIELDS: Final = _table(
    Field("role", _T.ENUM, "What kind of actor this is.", ACTOR_ROLES),
    Field("display_name", _T.TEXT, "The name for people."),
    Field("duties", _T.WORDS, "What the actor may be asked to do.", DUTIES),
    Field("emails", _T.WORDS, "The git identities that are this actor."),
    Field("meta", _T.JSON, "Anything; kept, and not read."),
)

COMMENT_FIELDS: Final = _table(
    Field("id", _T.ID, "`C-` and 8 characters of Crockford base32. Minted once.", minted=True),
    Field("on", _T.ID, "The id of the task, container or workspace it belongs to.", minted=True),
    Field("author", _T.SLUG, "The actor who wrote it.", minted=True),
    Field("created", _T.TIME, "When it was written.", minted=True),
    Field("kind", _T.ENUM, "What the comment is for. Default `comment`.", COMMENT_KINDS, minted=True),
    Field("supersedes", _T.ID, "The comment that this one replaces.", minted=True),
    Field("percent", _T.NUMBER, "With kind `progress`: how much is done, 0 to 100.", low=0, high=100, minted=True),
    Field("verdict", _T.ENUM, "With kind `review`: the outcome.", ("pass", "fail"), minted=True),
    Field("gate", _T.TEXT, "With kind `review`: which gate was reviewed.", minted=True),
    Field("quality", _T.INTEGER, "With kind `feedback`: 1 to 5.", low=1, high=5, minted=True),
    Field("timeliness", _T.INTEGER, "With kind `feedback`: 1 to 5.", low=1, high=5, minted=True),
    Field("deleted", _T.TIME, "When it was withdrawn: the one field that may change."),
    Field("meta", _T.JSON, "Anything; kept, and not read.", minted=True),
)

WORKSPACE_FIELDS: Final = _table(
    Field("title", _T.TEXT, "The workspace's name for people."),
    Field("id", _T.ID, "`W-` and 8 characters of Crockford base32. Minted once.", minted=True),
    Field("feature", _T.ID, "The feature that is worked on."),
    Field("branch", _T.TEXT, "The branch that carries the work."),
    Field("base", _T.TEXT, "The commit the branch started from."),
    Field("kind", _T.ENUM, "Who works here.", WORKSPACE_KINDS),
    Field("pr", _T.TEXT, "The pull request's address."),
    Field("created", _T.TIME, "When it was created.", minted=True),
    Field("created_by", _T.SLUG, "The actor who created it.", minted=True),
    Field("meta", _T.JSON, "Anything; kept, and not read."),
)

#: Every document type's fields, in canonical order (the order was chosen by measuring conflicts under plain git).
FIELDS: Final[Mapping[DocType, Mapping[str, Field]]] = MappingProxyType(
    {
        DocType.TASK: TASK_FIELDS,
        DocType.CONTAINER: CONTAINER_FIELDS,
        DocType.ACTOR: ACTOR_FIELDS,
        DocType.COMMENT: COMMENT_FIELDS,
        DocType.WORKSPACE: WORKSPACE_FIELDS,
    }
)


def field_named(kind: DocType, key: str) -> Field | None:
    """The field a frontmatter key stands for (synonyms included), or None for an unknown key."""
    return FIELDS[kind].get(FIELD_SYNONYMS.get(key, key))
