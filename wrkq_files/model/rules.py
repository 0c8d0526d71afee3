"""The table of rules a check knows, as data: ``docs/rules.md`` is generated from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

ERROR: Final = "error"
WARNING: Final = "warning"
NOTICE: Final = "notice"
OFF: Final = "off"
SEVERITIES: Final = (ERROR, WARNING, NOTICE, OFF)


class Rule(NamedTuple):
    """One rule. ``unreadable``: a file that breaks it has no document, and is named by every listing command."""

    id: str
    severity: str
    reason: str
    remedy: str
    unreadable: bool = False


def _table(*rules: Rule) -> Mapping[str, Rule]:
    return MappingProxyType({rule.id: rule for rule in rules})


RULES: Final = _table(
    # Files that cannot be read.
    Rule("bad-utf8", ERROR, "A document is UTF-8 text.", "Save the file as UTF-8.", unreadable=True),
    Rule(
        "conflict-markers",
        ERROR,
        "A merge was left unfinished in this file.",
        "Choose a side, and remove the markers.",
        unreadable=True,
    ),
    Rule(
        "unclosed-frontmatter",
        ERROR,
        "Frontmatter ends with a line of exactly `---`.",
        "Add the closing `---`.",
        unreadable=True,
    ),
    Rule(
        "yaml-syntax",
        ERROR,
        "The frontmatter is not valid YAML.",
        "Quote the value, or mend the indentation.",
        unreadable=True,
    ),
    Rule(
        "yaml-feature",
        ERROR,
        "Anchors, aliases, tags, directives and merge keys hide what a file says.",
        "Write the value out.",
        unreadable=True,
    ),
    Rule("duplicate-key", ERROR, "A key given twice has two values.", "Remove one of the two.", unreadable=True),
    Rule("not-a-mapping", ERROR, "Frontmatter is `key: value` lines.", "Write `title: …`.", unreadable=True),
    Rule("too-deep", ERROR, "Values are nested at most 50 deep.", "Flatten the value.", unreadable=True),
    Rule(
        "too-large",
        ERROR,
        "Frontmatter is at most 64 KiB, a body at most 10 MiB.",
        "Move the text to an attachment.",
        unreadable=True,
    ),
    Rule(
        "control-characters",
        ERROR,
        "Frontmatter holds printable text.",
        "Remove the control characters.",
        unreadable=True,
    ),
    Rule(
        "symlink",
        ERROR,
        "A symbolic link could show files from outside the tracker.",
        "Replace the link by a file.",
        unreadable=True,
    ),
    Rule(
        "no-access",
        ERROR,
        "A file that may not be read is missing in every list.",
        "Give yourself the right to read it, with `chmod u+r`.",
        unreadable=True,
    ),
    # Values.
    Rule("wrong-type", ERROR, "The value is not of the field's type.", "Write what is allowed, or remove the line."),
    Rule("unknown-state", ERROR, "The state is none that the tracker knows.", "Use one of the allowed states."),
    Rule(
        "bad-resolution",
        ERROR,
        "The resolution is none that the tracker knows.",
        "Use one of the allowed resolutions.",
    ),
    Rule(
        "bad-id",
        ERROR,
        "An id is a letter, `-` and 8 characters of Crockford base32.",
        "Remove the line: an id will be minted.",
    ),
    # Across documents.
    Rule(
        "duplicate-id",
        ERROR,
        "Two documents with one id cannot be told apart.",
        "Remove the `id` of the newer file: another is derived, and `wrkq fmt` writes it.",
    ),
    Rule(
        "duplicate-slug",
        ERROR,
        "A task and a folder of one name share an address.",
        "Rename one of the two with `wrkq mv`.",
    ),
    Rule(
        "case-clash",
        ERROR,
        "Names that differ only in case are one file on some systems.",
        "Rename one of the two with `wrkq mv`.",
    ),
    Rule(
        "dangling-reference",
        ERROR,
        "The document referred to does not exist.",
        "Correct the id, or remove it with `wrkq unrelate`.",
    ),
    Rule(
        "unknown-section", ERROR, "The feature's project has no such section.", "Use one of the project's sections."
    ),
    Rule("cycle", ERROR, "Tasks that wait for each other never start.", "Remove one edge with `wrkq unrelate`."),
    Rule("nested-subtask", ERROR, "Subtasks have one level.", "Give it the parent's parent, or none."),
    Rule("parent-elsewhere", ERROR, "A subtask is in its parent's folder.", "Move it with `wrkq mv`."),
    Rule("duplicate-source", ERROR, "Two tasks came from one source.", "Remove one, or its `source`."),
    Rule("changed-identity", ERROR, "`id`, `created` and `created_by` never change.", "Put the old value back."),
    Rule(
        "config",
        ERROR,
        "`wrkq.yaml` is not as its schema says.",
        "See docs/schema.md; `wrkqadm config doctor` shows what is in force.",
    ),
    Rule(
        "setting-without-effect",
        WARNING,
        "This version of the program reads the setting, and does nothing about it.",
        "Take it out, or do not rely on it.",
    ),
    Rule(
        "orphaned-attachments",
        WARNING,
        "Attachments are kept by the id of a document, and no document has this one.",
        "Put the `id` back into its file, or remove the folder with `git rm -r`.",
    ),
    # Workflow and tidiness.
    Rule(
        "illegal-move",
        WARNING,
        "The state changed in a way that no command makes.",
        "wrkq set TASK --state … (--force sets the rule aside)",
    ),
    Rule(
        "closed-in-words",
        WARNING,
        "A commit's message says that it closes a task, and the task stays open (with --range only).",
        "wrkq set TASK --state completed",
    ),
    Rule("no-assignee", WARNING, "Work in progress has somebody who does it.", "wrkq set TASK --assignee ACTOR"),
    Rule("open-criteria", WARNING, "A completed task has open acceptance items.", "wrkq tick TASK ITEM"),
    Rule(
        "resolution-state",
        WARNING,
        "A resolution goes with a closed state, and the two agree.",
        "wrkq set TASK --resolution …",
    ),
    Rule(
        "wip-limit",
        WARNING,
        "More features stand in a section than its `wip_limit` says.",
        "Finish one first, or raise the limit.",
    ),
    Rule("unknown-actor", WARNING, "There is no actor of that name.", "wrkqadm actor add NAME"),
    Rule(
        "two-defaults", WARNING, "New features can land in one section only.", "Leave `default: true` on one section."
    ),
    Rule(
        "irregular-name",
        WARNING,
        "The file's name is not a slug, so its address has to be quoted.",
        "wrkq mv FILE NAME; wrkq check --fix FILE chooses the name",
    ),
    Rule("misplaced-comment", WARNING, "A comment lies in the folder of what it is on.", "wrkq check --fix FILE"),
    Rule(
        "dead-link",
        WARNING,
        "A relative link leads to a Markdown file of the tracker that is not there.",
        "Correct the path; an id in the text finds its document wherever it moves.",
    ),
    Rule(
        "section-at-odds",
        NOTICE,
        "A feature's section says something else than its tasks.",
        "wrkq set FEATURE --section …",
    ),
    Rule(
        "missing-id",
        NOTICE,
        "A hand-made file has no id yet; one is derived until it is written.",
        "wrkq check --fix FILE",
    ),
    Rule(
        "unknown-key",
        NOTICE,
        "The key is kept, and means nothing to the tracker.",
        "Use `meta` for data of your own.",
    ),
    Rule(
        "derived-field", NOTICE, "The value is derived from git, and not read from the file.", "wrkq check --fix FILE"
    ),
    Rule(
        "unsorted-set",
        NOTICE,
        "Sets are sorted, so that two branches change the same lines.",
        "wrkq check --fix FILE",
    ),
)
