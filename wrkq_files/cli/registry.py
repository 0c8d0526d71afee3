"""The table of commands: what there is, without importing any of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

#: Sets of options that a command takes besides its own; each command takes the places and ``--json`` as well.
ROWS: Final = "rows"
STREAM: Final = "stream"
WRITE: Final = "write"
CREATE: Final = "create"
EDIT: Final = "edit"
COMMIT: Final = "commit"
INIT: Final = "init"
DRY: Final = "dry"
AT: Final = "at"
BATCH: Final = "batch"
TASK_FIELDS: Final = "task fields"
CONTAINER_FIELDS: Final = "container fields"
ANY_FIELDS: Final = "any fields"

WRKQ: Final = "wrkq"
WRKQADM: Final = "wrkqadm"
#: What each program is for; the first line of its help.
ABOUT: Final = MappingProxyType(
    {
        WRKQ: "Tasks as Markdown files in a git repository.",
        WRKQADM: "Set up and look after a tracker: what an agent should not do.",
    }
)


class Command(NamedTuple):
    """One command. ``where``: ``module:function`` below ``wrkq_files.cli.commands``.

    ``help`` is the first line of the function's docstring (a test holds the two together). ``heading`` is its group
    in ``--help``; without one it is shown by ``--help-all`` only. ``takes``: the sets of options it has besides its
    own.
    """

    name: str
    where: str
    help: str
    heading: str = ""
    takes: tuple[str, ...] = ()


#: Words that hold further commands: `comment add`.
GROUPS: Final = MappingProxyType(
    {
        "comment": ("Work", "Comments on a task or container."),
        "attach": ("", "Files that belong to a task or container."),
        "review": ("", "Tasks that wait for somebody to look at them."),
        "section": ("", "The columns that a project's features stand in."),
        "actor": ("Who", "The people and agents that work here."),
        "index": ("Care", "The cache that answers queries."),
        "config": ("Care", "The settings of wrkq.yaml."),
        "bundle": ("Propose", "Branches that carry changes of the tracker."),
        "hooks": ("", "Git hooks that keep the tracker right."),
        "import": ("Set up", "Work that is written down elsewhere."),
    }
)

_ABOUT_COMMANDS: Final = (
    Command("version", "about:version", "The program's version, and that of what it reads and prints."),
    Command("completion", "about:completion", "A script that completes words in your shell."),
)

COMMANDS: Final[Mapping[str, tuple[Command, ...]]] = MappingProxyType(
    {
        WRKQ: (
            Command("add", "create:add", "Capture a task: its title is enough.", "Make", (CREATE, TASK_FIELDS)),
            Command("touch", "create:touch", "Make tasks at the addresses you name.", "", (CREATE, TASK_FIELDS)),
            Command(
                "mkdir",
                "create:mkdir",
                "Make containers: projects, features, areas.",
                "Make",
                (CREATE, CONTAINER_FIELDS),
            ),
            Command("ls", "listing:ls", "List what is in a container.", "Look", (ROWS, AT)),
            Command("tree", "listing:tree", "Show containers, tasks and subtasks as a tree.", "Look", (AT,)),
            Command("find", "finding:find", "Find documents by their fields.", "Look", (ROWS, AT)),
            Command("search", "finding:search", "Find documents by their words, best first.", "Look", (ROWS, AT)),
            Command(
                "duplicates",
                "duplicating:duplicates",
                "List pairs of tasks that may be the same, the likeliest first.",
                "",
                (ROWS, AT),
            ),
            Command("cat", "showing:cat", "Print documents as they are in their files.", "Look", (STREAM, AT)),
            Command("stat", "showing:stat", "Show everything that is known about documents.", "Look", (ROWS, AT)),
            Command("next", "queueing:next_", "Show the one task to take up next.", "Work", (AT,)),
            Command(
                "queue", "queueing:queue", "List the tasks that are ready, the most urgent first.", "Work", (ROWS, AT)
            ),
            Command("graph", "graphing:graph", "Show what tasks wait for.", "", (AT,)),
            Command("why", "queueing:why", "Say why a task is offered, or is not.", "", (AT,)),
            Command(
                "groom",
                "grooming:groom",
                "List the tasks that need a hand, each with its command; nothing is changed.",
                "",
                (ROWS, AT),
            ),
            Command(
                "retry",
                "queueing:retry",
                "Give a task another chance: failed attempts until now do not count any more.",
                "",
                (CREATE,),
            ),
            Command(
                "start",
                "changing:start",
                "Begin work on tasks: in_progress, and yours if nobody's.",
                "Work",
                (WRITE,),
            ),
            Command(
                "done", "changing:done", "Complete tasks; with a reviewer, hand them to review.", "Work", (WRITE,)
            ),
            Command(
                "block", "changing:block", "Say what tasks wait for: other tasks, or a reason.", "Work", (WRITE,)
            ),
            Command("cancel", "changing:cancel", "Cancel tasks: they will not be done.", "", (WRITE,)),
            Command("reopen", "changing:reopen", "Open closed tasks again.", "", (WRITE,)),
            Command("review ls", "reviews:ls", "List the tasks in review, on other branches too.", "", (ROWS, AT)),
            Command("review pass", "reviews:pass_", "Say that tasks in review are as they should be.", "", (WRITE,)),
            Command("review fail", "reviews:fail", "Send tasks in review back, with the reason.", "", (WRITE,)),
            Command(
                "board", "boards:board", "Show features in their sections, or tasks by state.", "Look", (EDIT, AT)
            ),
            Command(
                "roadmap",
                "boards:roadmap",
                "List features: how far each is, what waits, what is due.",
                "",
                (ROWS, AT),
            ),
            Command("tidy", "boards:tidy", "Move features into the sections that their tasks say.", "", (WRITE,)),
            Command("section ls", "sections:ls", "List the sections of projects.", "", (ROWS, AT)),
            Command("section set", "sections:set_", "Put features into a section.", "", (WRITE,)),
            Command("section add", "sections:add", "Add a section to a project.", "", (WRITE,)),
            Command(
                "section edit", "sections:edit", "Change a section: its title, role, limit or name.", "", (WRITE,)
            ),
            Command("section mv", "sections:mv", "Put a section at another place among the others.", "", (WRITE,)),
            Command("section rm", "sections:rm", "Remove a section.", "", (WRITE,)),
            Command("set", "changing:set_", "Set fields of documents.", "Change", (WRITE, ANY_FIELDS)),
            Command("edit", "changing:edit", "Edit a document in your editor.", "Change", (WRITE,)),
            Command("apply", "changing:apply", "Make a document what a file or standard input says.", "", (WRITE,)),
            Command("tick", "changing:tick", "Tick checkboxes of a document.", "Work", (WRITE,)),
            Command("untick", "changing:untick", "Untick checkboxes of a document.", "", (WRITE,)),
            Command("mv", "moving:mv", "Move or rename documents; subtasks go along.", "Change", (WRITE,)),
            Command("undo", "undoing:undo", "Take an operation back, as a new one.", "Look back", (WRITE,)),
            Command("batch", "batch:batch", "Do many things as one change.", "", (BATCH, STREAM)),
            Command("rm", "moving:rm", "Archive documents, or purge them.", "Change", (WRITE,)),
            Command("restore", "moving:restore", "Bring archived or purged documents back.", "", (WRITE,)),
            Command("relate", "relating:relate", "Say that one task blocks or relates to another.", "", (WRITE,)),
            Command("unrelate", "relating:unrelate", "Take a relation away.", "", (WRITE,)),
            Command("comment add", "comments:add", "Comment on a document.", "", (CREATE,)),
            Command("comment ls", "comments:ls", "List the comments on a document.", "", (ROWS, AT)),
            Command("comment cat", "comments:cat", "Print comments.", "", (STREAM, AT)),
            Command("comment rm", "comments:rm", "Withdraw comments; they stay, marked.", "", (WRITE,)),
            Command(
                "feedback",
                "figures:feedback",
                "Say how good, and how timely, what a task delivered is.",
                "",
                (CREATE,),
            ),
            Command("attach put", "attachments:put", "Attach a file to a document.", "", (CREATE,)),
            Command("attach ls", "attachments:ls", "List a document's attachments.", "", (ROWS, AT)),
            Command("attach get", "attachments:get", "Print an attachment, or save it.", "", (AT,)),
            Command("attach rm", "attachments:rm", "Remove an attachment.", "", (WRITE,)),
            Command("log", "history:log", "Show what happened, from git's history.", "Look back", (ROWS, AT)),
            Command("diff", "history:diff", "Show what differs between two states.", "", (ROWS,)),
            Command(
                "blame",
                "history:blame",
                "Show which commit, and who, last set each field of a document.",
                "",
                (ROWS, AT),
            ),
            Command("standup", "lately:standup", "Say what was done, is going on, and waits.", "", (AT,)),
            Command("news", "lately:news", "Show what happened that concerns you.", "", (ROWS,)),
            Command(
                "stats",
                "figures:stats",
                "Count what was done, and how long it took, from git's history.",
                "",
                (AT,),
            ),
            Command("watch", "watch:watch", "Print what happens, as it is committed.", "", (STREAM,)),
            Command("bundle start", "bundles:start", "Make a bundle: a branch for changes of the tracker."),
            Command("bundle ls", "proposing:ls", "List the branches that carry changes of the tracker.", "", (ROWS,)),
            Command("bundle show", "proposing:show", "Show what a branch proposes, by feature and task."),
            Command(
                "bundle diff",
                "proposing:diff",
                "Show what a branch changes, field by field.",
                "",
                (ROWS,),
            ),
            Command("bundle switch", "bundles:switch", "Make this worktree's commands work on a bundle."),
            Command(
                "bundle check", "proposing:check", "Check a branch's commits, and merge it with the base in memory."
            ),
            Command(
                "bundle sync",
                "bundles:sync",
                "Merge the base into a bundle, so that a host finds nothing left to merge.",
            ),
            Command(
                "bundle request",
                "proposing:request_",
                "Print title and body of a branch's pull request.",
            ),
            Command(
                "bundle take",
                "bundles:take",
                "Move edits, and commits that cannot be pushed, from the base to a bundle.",
            ),
            Command("bundle drop", "bundles:drop", "Delete a bundle's branch; its commits are kept."),
            Command("check", "checking:check", "Find what is wrong, with file:line:column.", "Care", (ROWS,)),
            Command("fmt", "changing:fmt", "Bring documents into canonical order and style.", "", (WRITE,)),
            Command("commit", "worktree:commit", "Commit every edit of the tracker.", "Care", (COMMIT,)),
            Command("doctor", "doctor:doctor", "Find what ails this worktree, and mend it.", "", (ROWS,)),
            Command(
                "sync", "bundles:sync_repository", "Fetch, merge and push a repository that holds only a tracker."
            ),
            Command(
                "status", "worktree:status", "Show this worktree: branch, base, edits, what is in flight.", "Care"
            ),
            Command(
                "conflicts",
                "merging:conflicts",
                "Show what is in conflict: both values, by whom, and since when.",
                "",
                (ROWS,),
            ),
            Command(
                "resolve",
                "merging:resolve",
                "Settle what is in conflict in a file: take a side, or a value.",
                "",
                (DRY,),
            ),
            Command("whoami", "worktree:whoami", "Show who is acting, and how that is known."),
            Command("hooks install", "hooks:install", "Put wrkq's git hooks into this repository.", "", (DRY,)),
            Command("hooks uninstall", "hooks:uninstall", "Take out what `wrkq hooks install` put in.", "", (DRY,)),
            Command(
                "hooks status",
                "hooks:status",
                "Show the git hooks, and which of them are ours; the merge driver too.",
                "",
                (ROWS,),
            ),
            Command("hook", "hook:hook", "Do what a git hook of this name is for."),
            Command("merge-driver", "merging:merge_driver", "Merge three versions of a file, as git's merge driver."),
            *_ABOUT_COMMANDS,
        ),
        WRKQADM: (
            Command("init", "setup:init", "Make a tracker in this repository.", "Set up", (INIT,)),
            Command(
                "import markdown", "setup:import_markdown", "Import a backlog from one Markdown file.", "", (CREATE,)
            ),
            Command("actor add", "actors:add", "Add an actor.", "", (CREATE,)),
            Command("actor ls", "actors:ls", "List the actors.", "", (ROWS, AT)),
            Command("actor set", "actors:set_", "Change an actor.", "", (WRITE,)),
            Command(
                "config doctor", "setup:config_doctor", "Show each setting and where it comes from.", "", (ROWS,)
            ),
            Command("config set", "setup:config_set", "Change a setting of wrkq.yaml.", "", (CREATE,)),
            Command("migrate", "doctor:migrate", "Bring a tracker of an older format forward.", "", (WRITE,)),
            Command("compact", "undoing:compact", "Purge what has long been archived.", "", (CREATE,)),
            Command("diagnostics", "doctor:diagnostics", "Write a report to send along, without titles or texts."),
            Command("bundle apply", "bundles:apply", "Land a bundle on the base branch."),
            Command("index status", "setup:index_status", "Show the state of the index."),
            Command("index rebuild", "setup:index_rebuild", "Build the index again from the files."),
            *_ABOUT_COMMANDS,
        ),
    }
)

#: Words that people bring from elsewhere; no help mentions them.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "create": ("touch",),
        "new": ("add",),
        "show": ("cat",),
        "list": ("ls",),
        "close": ("done",),
    }
)


def under(program: str, prefix: str) -> dict[str, Command | None]:
    """The words that may follow ``prefix`` (empty, or a group's name), in order; None for a group."""
    start = f"{prefix} " if prefix else ""
    found: dict[str, Command | None] = {}
    for command in COMMANDS[program]:
        if command.name.startswith(start):
            word, more, _ = command.name.removeprefix(start).partition(" ")
            found.setdefault(word, None if more else command)
    return found
