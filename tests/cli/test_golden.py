"""What the commands print, word for word, held against the files in ``golden/``, one for each case.

A case is run in one way or in several: in a pipe, on a terminal, as a dry run. After a change that is meant, write
the files again, and read their difference before you commit it:

    WRKQ_GOLDEN=write .venv/bin/python -m pytest tests/cli/test_golden.py

Control characters are shown by their pictures (``␛`` for ESC, ``␉`` for a tab), and spaces that end a line as ``␠``.
Ids, times and hashes that the sample tracker does not hold are new at every run: they are ``#`` in the files.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import pty
import re
import shlex
import shutil
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.support import run
from tests.support.repos import TestRepo
from wrkq_files.cli import door, main

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = Path(__file__).parents[2] / "sample-repo"
#: Read here, for a test sees no variable of ours.
WRITE = os.environ.get("WRKQ_GOLDEN") == "write"
HOW_TO_WRITE = "WRKQ_GOLDEN=write python -m pytest tests/cli/test_golden.py writes it"
SYNC, ENGINE = "agent-pm/sync", "agent-pm/task-engine"
TASK = f"{SYNC}/lease-model"


@dataclass(frozen=True)
class Way:
    """How a command is run. ``width``: on a terminal of so many columns, else in a pipe; ``more``: added words."""

    width: int = 0
    more: str = ""
    colour: bool = True


WAYS = {
    "pipe": Way(),
    "json": Way(more="--json"),
    "again": Way(),
    "dry run": Way(more="--dry-run"),
    "dry run on a terminal": Way(width=80, more="--dry-run"),
    "terminal of 80 columns": Way(width=80),
    "terminal of 200 columns": Way(width=200),
    "NO_COLOR": Way(width=80, colour=False),
}
PIPE = ("pipe",)
TABLE = ("pipe", "terminal of 80 columns", "terminal of 200 columns", "NO_COLOR")
CHANGE = ("dry run", "pipe")
REFUSAL = ("pipe", "json")


@dataclass(frozen=True)
class Case:
    """``words`` as they are typed, the program's name too. ``prepare``: in a repository of its own, made so."""

    words: str
    ways: Sequence[str] = PIPE
    prepare: Callable[[TestRepo], None] | None = None
    stdin: str = ""


# --- repositories that are not as the sample


def fresh(repo: TestRepo) -> None:
    """As the sample, for one case alone."""


def broken(repo: TestRepo) -> None:
    """Three errors, a warning and a notice, by hand."""
    replace(repo, f"{SYNC}/lease-model", "title: Define", "title: Lease: define")
    replace(repo, f"{SYNC}/crash-recovery", "blocked_by:\n", "blocked_by:\n  - T-00000000\n")
    replace(repo, "agent-pm/quality/test-plan", "title:", "state: doing\ntitle:")
    replace(repo, f"{ENGINE}/progress-items", "assignee: robin\n", "")
    replace(repo, "inbox/name-the-daemon", "title:", "colour: green\ntitle:")


def typed(repo: TestRepo) -> None:
    """Files as people type them: no id, labels in no order, a name that is no slug."""
    repo.write(
        {
            "wrkq/inbox/by-hand.md": "---\ntitle: By hand\nlabels: [zeal, art]\n---\n",
            "wrkq/inbox/Big Idea.md": "---\ntitle: Big idea\nid: T-00000001\n---\n",
        }
    )


def twins(repo: TestRepo) -> None:
    """Two ids that begin alike."""
    repo.write({"wrkq/inbox/twin.md": "---\ntitle: Twin\nid: T-S8400000\n---\n"})


def edited(repo: TestRepo) -> None:
    """Edits by hand that are not committed."""
    replace(repo, TASK, "priority: 1", "priority: 2")
    repo.write({"wrkq/inbox/new-thing.md": "---\ntitle: New thing\n---\n", "wrkq/inbox/name-the-daemon.md": None})


def full(repo: TestRepo) -> None:
    """A section that holds more than its limit."""
    for slug in ("sync", "task-engine", "quality"):
        assert run("section", "set", f"agent-pm/{slug}", "doing", "--no-commit", cwd=repo.path).exit == 0
    assert run("section", "edit", "agent-pm", "doing", "--wip-limit", "2", "--no-commit", cwd=repo.path).exit == 0


def lived(repo: TestRepo) -> None:
    """Some days of work: by the tool, by hand, in code; a folder that is renamed, a task that is purged."""
    who = {"ann": "Ann <ann@example.org>", "robin": "Robin <robin@example.com>"}

    def commit(day: int, message: str, author: str = "robin") -> None:
        repo.git("add", "--all")
        moment = f"2026-02-{day:02}T10:00:00Z"
        dates = {"GIT_COMMITTER_DATE": moment}
        options = ("--quiet", "--allow-empty", f"--author={who[author]}", f"--date={moment}", "-m", message)
        repo.git("commit", *options, env=dates)

    replace(repo, TASK, "T-S847GRSB\n", "T-S847GRSB\nstate: in_progress\nassignee: agent-codex\n")
    replace(repo, TASK, "- [ ] ", "- [x] ")
    trailers = "Wrkq-Op: 01KGY9CAE00123456789ABCDEF set T-S847GRSB\nWrkq-Actor: agent-codex\nWrkq-Via: cli"
    commit(8, f"{TASK}: open -> in_progress\n\nFor the first milestone.\n\n{trailers}")
    replace(repo, TASK, "title: ", "title: Carefully ")
    commit(9, "Say how it is to be done", "ann")
    repo.git("mv", f"wrkq/{SYNC}", "wrkq/agent-pm/together")
    repo.write({"wrkq/agent-pm/quality/fixtures-and-load.md": None})
    commit(10, "Sync is called together by now")
    repo.write({"src/lease.py": "LEASE = 60\n"})
    commit(11, "Take a lease\n\nCloses T-S847GRSB.", "ann")
    replace(repo, TASK.replace("sync", "together"), "priority: 1", "priority: 2")


def proposing(repo: TestRepo) -> None:
    """A branch that completes a task, changes some, and talks; main has gone on, and contradicts it once."""
    who = {"ann": "Ann <ann@example.org>", "robin": "Robin <robin@example.com>"}
    moment = {"GIT_AUTHOR_DATE": "2026-02-08T12:00:00Z", "GIT_COMMITTER_DATE": "2026-02-08T12:00:00Z"}

    def commit(message: str, author: str = "robin") -> None:
        repo.git("add", "--all")
        repo.git("commit", "--quiet", f"--author={who[author]}", "-m", message, env=moment)

    repo.git("branch", "-M", "main")
    repo.git("checkout", "--quiet", "-b", "wrkq/leases")
    replace(repo, TASK, "T-S847GRSB\n", "T-S847GRSB\nstate: completed\n")
    for _ in range(repo.read(f"wrkq/{TASK}.md").count(b"- [ ] ")):
        replace(repo, TASK, "- [ ] ", "- [x] ")
    trailers = "Wrkq-Op: 01KGY9CAE00123456789ABCDEF set T-S847GRSB\nWrkq-Actor: agent-codex\nWrkq-Via: cli"
    commit(f"{TASK}: open -> completed\n\nLeases end by themselves now.\n\n{trailers}")
    replace(repo, f"{SYNC}/offline-sync", "state: draft\n", "priority: 1\n")
    replace(repo, f"{SYNC}/offline-sync", "  - sync\n", "  - offline\n  - sync\n")
    repo.git("mv", "wrkq/inbox/name-the-daemon.md", f"wrkq/{SYNC}/name-the-daemon.md")
    note = "---\nid: C-00000001\nkind: blocker\nauthor: ann\n---\n\nWhat of a | lost lease, @robin? See #12.\n"
    repo.write(
        {
            f"wrkq/{SYNC}/renew-leases.md": "---\ntitle: Renew leases early\nid: T-00000001\n---\n",
            "wrkq/_comments/S8/T-S847GRSB/20260208T120000Z-ann-00000001.md": note,
        }
    )
    commit("Plan the rest of it", "ann")
    repo.git("checkout", "--quiet", "main")
    replace(repo, f"{SYNC}/offline-sync", "\n---\n", "\npriority: 4\n---\n")
    commit("Offline can wait", "ann")


def contested(repo: TestRepo) -> None:
    """The same title, changed by two."""
    replace(repo, TASK, "title: ", "title: Carefully ")
    repo.git("commit", "--quiet", "--all", "-m", "Say how it is to be done")
    replace(repo, TASK, "title: Carefully ", "title: Quickly ")
    repo.git("commit", "--quiet", "--all", "-m", "Say it another way", "--author=Ann <ann@example.org>")


def at_odds(repo: TestRepo) -> None:
    """A merge that git has stopped: a title and a text, changed on two branches."""
    moment = {"GIT_AUTHOR_DATE": "2026-02-08T12:00:00Z", "GIT_COMMITTER_DATE": "2026-02-08T12:00:00Z"}
    for branch, word, author in (
        ("other", "Quickly ", "Ann <ann@example.org>"),
        ("-", "Carefully ", "Robin <r@x.org>"),
    ):
        repo.git("switch", "--quiet", *(("-c", branch) if branch != "-" else ("-",)))
        replace(repo, TASK, "title: ", f"title: {word}")
        replace(repo, TASK, "- [ ] ", f"- [ ] {word}")
        repo.git("commit", "--quiet", "--all", f"--author={author}", "-m", word, env=moment)
    assert repo.run("merge", "other").returncode == 1


def proposed(repo: TestRepo) -> None:
    """A bundle: something begun, finished, new and said; the base went on meanwhile."""
    for words in (
        "bundle start plan",
        f"--bundle plan set {TASK} --state in_progress --as agent-codex",
        "--bundle plan set inbox/name-the-daemon --state completed",
        f"--bundle plan touch {SYNC}/backoff --title 'Back off, and say so' --priority 2",
        f"--bundle plan comment add {TASK} 'Half of it is there.'",
        f"set {SYNC}/offline-sync --priority 1 --commit",
    ):
        assert run(*shlex.split(words), cwd=repo.path).exit == 0, words


def opposed(repo: TestRepo) -> None:
    """The same, and the base does not agree."""
    proposed(repo)
    assert run("set", TASK, "--state", "cancelled", "--commit", cwd=repo.path).exit == 0


def pending(repo: TestRepo) -> None:
    """A base that takes no writes, and something that waits for it."""
    assert run("config", "set", "on_base", "bundle", "--commit", program="wrkqadm", cwd=repo.path).exit == 0
    assert run("add", "Say who waits", cwd=repo.path).exit == 0


def old(repo: TestRepo) -> None:
    """What was archived long ago."""
    for name in ("quality/fixtures-and-load", "quality/packaging", "scope/observer-persona"):
        replace(repo, f"agent-pm/{name}", "title:", "archived: 2025-01-01T00:00:00Z\ntitle:")
    repo.git("commit", "--quiet", "--all", "-m", "Not these")


def worked(repo: TestRepo) -> None:
    """A day's work on what an agent knows, by others."""
    assert run("news", "--ack", "--as", "agent-codex", cwd=repo.path).exit == 0
    moment = {"GIT_AUTHOR_DATE": "2026-02-08T12:00:00Z", "GIT_COMMITTER_DATE": "2026-02-08T12:00:00Z"}
    replace(repo, TASK, "priority: 1", "state: in_review\npriority: 1\nreviewer: robin")
    replace(repo, f"{SYNC}/offline-sync", "\n---\n\n", "\n---\n\nAsk @agent-codex first. ")
    replace(repo, "inbox/name-the-daemon", "title:", "state: completed\ntitle:")
    repo.write({"wrkq/inbox/new-thing.md": "---\ntitle: New thing\nid: T-00000001\nkind: chore\n---\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "A day's work", env=moment)


def parted(repo: TestRepo) -> None:
    """On a branch that main has gone on without, beside one that an agent works on."""

    def commit(message: str) -> None:
        repo.git("add", "--all")
        repo.git("commit", "--quiet", "-m", message)

    repo.git("checkout", "--quiet", "-b", "agent")
    replace(repo, f"{SYNC}/clock-and-ordering", "title:", "state: in_progress\nassignee: agent-codex\ntitle:")
    repo.write({"wrkq/inbox/found-on-the-way.md": "---\ntitle: Found on the way\nid: T-00000001\n---\n"})
    commit("Begin with sync")
    repo.git("checkout", "--quiet", "-b", "work", "main")
    repo.write({"wrkq/inbox/mine.md": "---\ntitle: Mine\nid: T-00000002\ncolour: green\n---\n"})
    commit("Mine")
    repo.git("checkout", "--quiet", "main")
    replace(repo, TASK, "priority: 1", "state: completed\npriority: 1")
    replace(repo, "inbox/name-the-daemon", "title:", "colour: green\ntitle:")
    commit("Done")
    repo.git("checkout", "--quiet", "work")
    replace(repo, "inbox/name-the-daemon", "title:", "colour: red\ntitle:")


def no_tracker(repo: TestRepo) -> None:
    shutil.rmtree(repo.path / "wrkq")


def replace(repo: TestRepo, address: str, old: str, new: str) -> None:
    name = f"wrkq/{address}.md"
    text = repo.read(name).decode()
    assert old in text, name
    repo.write({name: text.replace(old, new, 1)})


# --- the table of cases

BATCH = f"""\
{{"op": "add", "title": "Review the leases", "into": "{SYNC}", "as": "review"}}
{{"op": "set", "target": "$review", "fields": {{"blocked_by": ["{TASK}"], "priority": 2}}}}
{{"op": "comment", "target": "{TASK}", "text": "See the review.", "kind": "note"}}
{{"op": "mv", "source": "{SYNC}/offline-sync", "target": "inbox"}}
"""
PARTLY = f"""\
{{"op": "add", "title": "Review the leases", "into": "nowhere", "as": "review"}}
{{"op": "comment", "target": "$review", "text": "Lost."}}
{{"op": "set", "target": "{TASK}", "fields": {{"priority": 2}}}}
"""
CASES: Mapping[str, Case] = {
    # Bundles.
    "bundle-start": Case("wrkq bundle start plan", PIPE, fresh),
    "bundle-start-again": Case("wrkq bundle start plan", REFUSAL, proposed),
    "bundle-sync": Case("wrkq bundle sync plan", (*CHANGE, "again"), proposed),
    "bundle-sync-conflict": Case("wrkq bundle sync plan", REFUSAL, opposed),
    "bundle-apply": Case("wrkqadm bundle apply plan", (*CHANGE, "again"), proposed),
    "bundle-drop-unmerged": Case("wrkq bundle drop plan", REFUSAL, proposed),
    "bundle-ls-in": Case(f"wrkq --bundle plan ls {SYNC}", PIPE, proposed),
    "bundle-pending-ls": Case("wrkq ls inbox", ("pipe", "json"), pending),
    "bundle-pending-refused": Case("wrkq --bundle main add Here", REFUSAL, pending),
    "bundle-unknown": Case("wrkq --bundle plna ls", REFUSAL, proposed),
    # Reading.
    "tree": Case("wrkq tree", TABLE),
    "tree-depth": Case("wrkq tree --depth 1", TABLE),
    "tree-feature-all": Case(f"wrkq tree -a {ENGINE}", TABLE),
    "ls-root": Case("wrkq ls", TABLE),
    "ls-feature": Case(f"wrkq ls {SYNC}", TABLE),
    "ls-hidden": Case(f"wrkq ls {ENGINE}"),
    "ls-long": Case(f"wrkq ls -l {SYNC}", TABLE),
    "ls-all": Case(f"wrkq ls -a {ENGINE}", TABLE),
    "ls-idea": Case("wrkq ls inbox"),
    "ls-task": Case(f"wrkq ls {TASK}"),
    "find-state": Case("wrkq find --state in_progress,in_review", TABLE),
    "find-label": Case("wrkq find --label leases --priority 1,2"),
    "find-blocked": Case("wrkq find --effective-state blocked --sort priority,due"),
    "find-me": Case("wrkq find --assignee me"),
    "find-due": Case("wrkq find --due-before 2026-02-15 --sort due --fields id,due,title"),
    "find-containers": Case("wrkq find -t p"),
    "find-nothing": Case("wrkq find --label no-such-label", ("pipe", "json")),
    "find-page": Case("wrkq find --label sync --limit 2", ("pipe", "json")),
    "find-nobody": Case("wrkq find --assignee nobdy", ("pipe", "json")),
    "find-long": Case("wrkq find -l --assignee agent-codex", TABLE),
    "find-fields": Case("wrkq find --state completed --fields id,title,due,assignee,labels", TABLE),
    "search": Case("wrkq search lease", TABLE),
    "search-nothing": Case("wrkq search zeppelin"),
    "cat": Case(f"wrkq cat {TASK}", ("pipe", "terminal of 80 columns")),
    "cat-json": Case(f"wrkq cat {TASK} --json"),
    "stat": Case(f"wrkq stat {TASK}", TABLE),
    "stat-relations": Case(f"wrkq stat -r {TASK}"),
    "stat-container": Case(f"wrkq stat {SYNC}"),
    "comment-ls": Case("wrkq comment ls agent-pm", TABLE),
    "attach-ls": Case("wrkq attach ls T-9WB", TABLE),
    "check": Case("wrkq check", TABLE, broken),
    "check-json": Case("wrkq check --json", PIPE, broken),
    "check-github": Case("wrkq check --format github", PIPE, broken),
    "check-nothing": Case("wrkq check"),
    "check-typed": Case("wrkq check", PIPE, typed),
    "ls-unreadable": Case(f"wrkq ls {SYNC}", ("pipe", "terminal of 80 columns"), broken),
    "at": Case(f"wrkq ls {SYNC} --at HEAD", ("pipe", "json", "terminal of 80 columns"), no_tracker),
    "at-nothing": Case("wrkq ls --at no-such-branch", REFUSAL),
    "at-too-early": Case("wrkq ls --at 2001-01-01", REFUSAL),
    "at-written": Case(f"wrkq set {TASK} --priority 2 --at HEAD", REFUSAL),
    # Looking back.
    "log": Case("wrkq log agent-pm/together/lease-model", ("pipe", "json", "terminal of 80 columns"), lived),
    "log-everything": Case("wrkq log --oneline -n 8", TABLE, lived),
    "log-code": Case("wrkq log agent-pm/together/lease-model --code", ("pipe", "json"), lived),
    "log-patch": Case("wrkq log -n 1 -p T-S847GRSB --field title", ("pipe", "terminal of 80 columns"), lived),
    "log-gone": Case("wrkq log agent-pm/quality/fixtures-and-load", PIPE, lived),
    "log-no-type": Case("wrkq log --type task.create", REFUSAL, lived),
    "log-no-time": Case("wrkq log --since soon", REFUSAL, lived),
    "diff": Case("wrkq diff", ("pipe", "json"), lived),
    "diff-since": Case("wrkq diff HEAD~3", ("pipe", "terminal of 80 columns"), lived),
    "diff-documents": Case(f"wrkq diff {SYNC}/lease-model {SYNC}/offline-sync", ("pipe", "json")),
    "diff-unified": Case("wrkq diff --unified HEAD~2 HEAD~1", PIPE, lived),
    "bundle-ls": Case("wrkq bundle ls --check", (*TABLE, "json"), proposing),
    "bundle-show": Case("wrkq bundle show leases", ("pipe", "terminal of 80 columns"), proposing),
    "bundle-diff": Case("wrkq bundle diff leases", ("pipe", "terminal of 80 columns"), proposing),
    "bundle-check": Case("wrkq bundle check -q leases", ("pipe", "terminal of 80 columns", "json"), proposing),
    "bundle-request": Case("wrkq bundle request leases", ("pipe",), proposing),
    "no-bundle": Case("wrkq bundle show lease", REFUSAL, proposing),
    "help-bundle": Case("wrkq bundle --help"),
    "blame": Case("wrkq blame T-S847GRSB", (*TABLE, "json"), lived),
    "undo": Case("wrkq undo HEAD~2", CHANGE, lived),
    "undo-conflict": Case("wrkq undo HEAD~1", REFUSAL, contested),
    "undo-nothing": Case("wrkq undo", REFUSAL, fresh),
    "restore-purged": Case("wrkq restore agent-pm/quality/fixtures-and-load", CHANGE, lived),
    "no-such-task-any-more": Case("wrkq cat agent-pm/quality/fixtures-and-load", REFUSAL, lived),
    "no-such-place-any-more": Case(f"wrkq cat {TASK}", REFUSAL, lived),
    "check-promise": Case("wrkq check --range HEAD~1..", ("pipe", "json"), lived),
    "adm-compact": Case("wrkqadm compact --before 2026-01-01", ("pipe", "json"), old),
    "status": Case("wrkq status", ("pipe", "json")),
    "status-edited": Case("wrkq status", TABLE, edited),
    "status-conflict": Case("wrkq status", PIPE, at_odds),
    "conflicts": Case("wrkq conflicts", (*TABLE, "json"), at_odds),
    "conflicts-nothing": Case("wrkq conflicts", ("pipe", "json")),
    "resolve": Case(f"wrkq resolve {TASK} --field title --theirs", CHANGE, at_odds),
    "resolve-whole": Case(f"wrkq resolve {TASK} --ours", CHANGE, at_odds),
    "resolve-json": Case(f"wrkq resolve {TASK} --ours --json", PIPE, at_odds),
    "resolve-nothing": Case(f"wrkq resolve {TASK} --ours", REFUSAL),
    "resolve-no-side": Case(f"wrkq resolve {TASK}", REFUSAL),
    "status-parted": Case("wrkq status", ("pipe", "json", "terminal of 80 columns"), parted),
    "parted-ls": Case(f"wrkq ls {SYNC}", (*TABLE, "json"), parted),
    "parted-ls-long": Case(f"wrkq ls -l {SYNC}", ("pipe", "terminal of 200 columns"), parted),
    "parted-ls-field": Case(f"wrkq ls {SYNC} --fields id,on_base --json", PIPE, parted),
    "parted-tree": Case(f"wrkq tree {SYNC}", ("pipe", "terminal of 80 columns"), parted),
    "parted-cat": Case(f"wrkq cat {TASK}", ("pipe", "json"), parted),
    "parted-stat": Case(f"wrkq stat {TASK}", ("pipe", "json"), parted),
    "parted-set": Case(f"wrkq set {TASK} --priority 2", ("dry run", "json", "again"), parted),
    "parted-check": Case("wrkq check", ("pipe", "json"), parted),
    "parted-standup": Case("wrkq standup --since HEAD~1", ("pipe", "json"), parted),
    "find-in-flight": Case("wrkq find --in-flight", (*TABLE, "json"), parted),
    "find-in-flight-narrowed": Case(f"wrkq find --in-flight {SYNC} --fields path,branch,what,from,who", PIPE, parted),
    "find-in-flight-wrong": Case("wrkq find --in-flight --label sync", REFUSAL),
    "find-in-flight-nothing": Case("wrkq find --in-flight", ("pipe", "json")),
    "whoami": Case("wrkq whoami", ("pipe", "json")),
    "next": Case("wrkq next", (*TABLE, "json")),
    "next-explain": Case("wrkq next --for agent-codex --explain", PIPE),
    "next-nothing": Case("wrkq next --label nowhere", REFUSAL),
    "queue": Case("wrkq queue --blocked", (*TABLE, "json")),
    "graph": Case("wrkq graph", (*TABLE, "json")),
    "graph-target": Case(f"wrkq graph {SYNC}/crash-recovery --depth 1", ("pipe", "json", "terminal of 80 columns")),
    "graph-reverse": Case(f"wrkq graph {TASK} --reverse", ("pipe", "json")),
    "graph-mermaid": Case("wrkq graph -a --format mermaid"),
    "graph-dot": Case("wrkq graph -a --format dot"),
    "graph-form": Case("wrkq graph --format svg", REFUSAL),
    "duplicates": Case("wrkq duplicates --min-score 0.25", (*TABLE, "json")),
    "duplicates-none": Case("wrkq duplicates", PIPE),
    "groom": Case("wrkq groom", (*TABLE, "json")),
    "board": Case("wrkq board", (*TABLE, "json"), worked),
    "board-in-flight": Case("wrkq board agent-pm", ("pipe", "terminal of 200 columns"), parted),
    "board-full": Case("wrkq board agent-pm", ("pipe", "terminal of 200 columns"), full),
    "board-markdown": Case("wrkq board --markdown", PIPE, worked),
    "board-tasks": Case("wrkq board agent-pm --tasks", (*TABLE, "json"), worked),
    "board-tasks-markdown": Case("wrkq board agent-pm/sync --tasks -a --markdown", PIPE, worked),
    "board-message": Case("wrkq board -m why", REFUSAL),
    "board-no-project": Case(f"wrkq board {SYNC}", REFUSAL),
    "roadmap": Case("wrkq roadmap", (*TABLE, "json"), worked),
    "section-ls": Case("wrkq section ls agent-pm", (*TABLE, "json")),
    "tidy-nothing": Case("wrkq tidy", ("pipe", "json")),
    "review-ls": Case("wrkq review ls", (*TABLE, "json"), worked),
    "why": Case(f"wrkq why {TASK}", ("pipe", "json")),
    "start": Case("wrkq start agent-pm/quality/single-binary --as robin", ("pipe", "json"), fresh),
    "done-open-criteria": Case(f"wrkq done {TASK}", REFUSAL),
    "standup": Case("wrkq standup --since HEAD~1", ("pipe", "terminal of 80 columns"), worked),
    "standup-json": Case("wrkq standup --since HEAD~1 --actor robin --json", PIPE, worked),
    "standup-stakeholder": Case(
        "wrkq standup --since HEAD~1 --audience stakeholder", ("pipe", "json", "terminal of 80 columns"), worked
    ),
    "news": Case("wrkq news --as agent-codex", ("pipe", "terminal of 80 columns"), worked),
    "news-json": Case("wrkq news --as agent-codex --json", PIPE, worked),
    "news-ack": Case("wrkq news --as agent-codex --ack", ("pipe", "pipe"), worked),
    "stats": Case("wrkq stats --since 2026-02-01 --until 2026-02-14 --by kind", ("pipe", "json"), lived),
    "feedback": Case(f"wrkq feedback {TASK} --quality 4 --timeliness 5", ("dry run", "pipe", "json"), fresh),
    "adm-actor-ls": Case("wrkqadm actor ls", TABLE),
    "adm-config-doctor": Case("wrkqadm config doctor", TABLE),
    "adm-index-status": Case("wrkqadm index status", PIPE, fresh),
    "help": Case("wrkq --help", ("pipe", "terminal of 80 columns")),
    "help-all": Case("wrkq --help-all"),
    "help-find": Case("wrkq find --help", ("pipe", "terminal of 80 columns", "terminal of 200 columns")),
    "help-comment": Case("wrkq comment --help"),
    "adm-help": Case("wrkqadm --help"),
    "form-json": Case(f"wrkq ls {SYNC} --json"),
    "form-ndjson": Case("wrkq find --state in_progress --ndjson"),
    "form-tsv": Case("wrkq find --state in_progress,in_review --tsv"),
    "form-bare": Case("wrkq find --label sync -1"),
    "form-tree-json": Case("wrkq tree inbox --json"),
    # Writing.
    "add": Case(
        'wrkq add "Sign-in button is below the fold" --label ux --priority 2',
        ("dry run", "dry run on a terminal", "pipe"),
        fresh,
    ),
    "add-similar": Case(
        'wrkq add "Packaging of the CLI and daemon"', ("dry run", "terminal of 80 columns", "json"), fresh
    ),
    "set-duplicate-of": Case(f"wrkq set {SYNC}/crash-recovery --duplicate-of {TASK}", CHANGE, fresh),
    "set": Case(f"wrkq set {TASK} --priority 2 --assignee me", ("dry run", "dry run on a terminal", "pipe"), fresh),
    "set-json": Case(f"wrkq set {TASK} --priority 2 --json", CHANGE, fresh),
    "set-nothing": Case(f"wrkq set {TASK} --priority 1", ("dry run", "pipe", "terminal of 80 columns"), fresh),
    "set-beside-edits": Case(f"wrkq set {TASK} --assignee me", CHANGE, edited),
    "set-many": Case(f"wrkq set {TASK} {SYNC}/offline-sync --add-label mvp", CHANGE, fresh),
    "tick": Case(f"wrkq tick {TASK} 1", CHANGE, fresh),
    "mv": Case(f"wrkq mv {SYNC}/offline-sync inbox", CHANGE, fresh),
    "rm": Case(f"wrkq rm {SYNC}/offline-sync", CHANGE, fresh),
    "comment-add": Case(f'wrkq comment add {TASK} "One holder, never two." -k decision', CHANGE, fresh),
    "relate": Case(f"wrkq relate {TASK} blocks {SYNC}/offline-sync", CHANGE, fresh),
    "apply": Case(
        f"wrkq apply {SYNC}/offline-sync - --format json",
        CHANGE,
        fresh,
        '{"priority": 2, "labels": ["later", "sync"]}',
    ),
    "batch": Case("wrkq batch - --message 'The review'", CHANGE, fresh, BATCH),
    "batch-json": Case("wrkq batch - --ndjson", PIPE, fresh, BATCH),
    "batch-partly": Case("wrkq batch - --continue-on-error", REFUSAL, fresh, PARTLY),
    "batch-key": Case("wrkq batch - --key review-7", ("pipe", "again", "json"), fresh, BATCH),
    "commit": Case('wrkq commit -m "By hand."', CHANGE, edited),
    # Refusals.
    "no-unknown-command": Case("wrkq stauts", REFUSAL),
    "no-unknown-option": Case(f"wrkq set {TASK} --stat open", REFUSAL),
    "no-other-program": Case("wrkq index status", REFUSAL),
    "no-command": Case("wrkq"),
    "no-ambiguous": Case("wrkq cat T-S84", REFUSAL, twins),
    "no-such-task": Case(f"wrkq cat {SYNC}/lease-modle", REFUSAL),
    "no-such-id": Case("wrkq cat T-7Z7Z7Z7Z", REFUSAL),
    "no-short-id": Case("wrkq cat T-S8", REFUSAL),
    "no-illegal-move": Case(f"wrkq set {SYNC}/offline-sync --state completed", REFUSAL),
    "no-open-criteria": Case(f"wrkq set {ENGINE}/progress-items --state completed", REFUSAL),
    "no-dirty-file": Case(f"wrkq set {TASK} --priority 3", REFUSAL, edited),
    "no-remedy": Case(f"wrkq unrelate {SYNC}/crash-recovery blocked-by T-00000000", REFUSAL, broken),
    "no-commit-with-errors": Case("wrkq commit", REFUSAL, broken),
    "no-cycle": Case(f"wrkq relate {SYNC}/crash-recovery blocks {TASK}", REFUSAL),
    "no-bad-value": Case(f"wrkq set {TASK} --due soon", REFUSAL),
    "no-bad-state": Case(f"wrkq set {TASK} --state doing", REFUSAL),
    "no-unknown-actor": Case(f"wrkq set {TASK} --assignee codex", REFUSAL),
    "no-field": Case("wrkq find --fields id,titel", REFUSAL),
    "no-unreadable": Case(f"wrkq set {TASK} --priority 2", REFUSAL, broken),
    "no-batch-json": Case("wrkq batch -", REFUSAL, None, '{"op": "add", "title": "x"}\n{"op": "add" "title"}\n'),
    "no-batch-op": Case("wrkq batch -", REFUSAL, None, '{"op": "delete", "target": "x"}\n'),
    "no-batch-key": Case("wrkq batch -", REFUSAL, None, '{"op": "add", "titel": "x", "title": "x"}\n'),
    "no-batch-name": Case("wrkq batch -", REFUSAL, None, '{"op": "rm", "target": "$login"}\n'),
    "no-batch-line": Case("wrkq batch -", REFUSAL, None, PARTLY),
    "no-full-folder": Case(f"wrkq rm {SYNC}", REFUSAL),
    "no-tracker": Case("wrkq tree", ("pipe", "json", "terminal of 80 columns"), no_tracker),
    "no-tracker-adm": Case("wrkqadm config doctor", REFUSAL, no_tracker),
}


# --- the tests


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> TestRepo:
    """The sample tracker in a repository with one commit, the same at every run."""
    folder = tmp_path_factory.mktemp("golden") / "agent-pm"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns(".git"))
    repo = TestRepo(folder)
    moment = "2026-02-07T12:00:00Z"
    env = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    env |= {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    lines = (
        "init --quiet --initial-branch=main --template=",
        "config user.name Robin",
        "config user.email robin@example.com",
        "add --all",
        "commit --quiet --message 'The plan of Agent PM'",
        # One file to copy for each case in place of two hundred.
        "repack -a -d --quiet",
    )
    with pytest.MonkeyPatch.context() as patch:
        # The fixture that does this for each test comes later: it is of a narrower scope.
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        for line in lines:
            repo.git(*shlex.split(line), env=env)
    return repo


#: Moments are shown by the machine's clock.
pytestmark = pytest.mark.usefixtures("in_greenwich")


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, sample: TestRepo, tmp_path: Path) -> None:
    case, place = CASES[name], GOLDEN / f"{name}.txt"
    repo = sample
    if case.prepare:
        repo = TestRepo(tmp_path / "agent-pm")
        shutil.copytree(sample.path, repo.path)
        shutil.rmtree(repo.path / ".git" / "wrkq", ignore_errors=True)
        case.prepare(repo)
    text = transcript(case, repo)
    state = (sample.git("rev-list", "--count", "HEAD").strip(), sample.git("status", "--porcelain"))
    assert state == ("1", ""), "it changes what the other cases print: give it a `prepare`"
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
    assert place.exists(), f"there is no golden/{place.name}: {HOW_TO_WRITE}"
    assert text == place.read_text(encoding="utf-8"), f"not as golden/{place.name}; if this is meant: {HOW_TO_WRITE}"


def test_every_golden_file_has_a_case() -> None:
    left = [place for place in sorted(GOLDEN.iterdir()) if place.suffix != ".txt" or place.stem not in CASES]
    assert [place.name for place in left] == [], "no case is called so: remove the file"


def test_golden_files_are_of_no_machine() -> None:
    own = re.compile(rf"/(tmp|home|work|root|Users|private|var)/|{re.escape(str(Path.home()))}")
    assert [place.name for place in GOLDEN.iterdir() if own.search(place.read_text(encoding="utf-8"))] == []


def test_masks_leave_what_the_sample_says(sample: TestRepo) -> None:
    masks = Masks(sample, "cat T-7Z7Z7Z7Z")
    old = "T-S847GRSB T-7Z7Z7Z7Z 2026-01-19T14:25:04Z 2026-01-20"
    new = f"T-00000001 {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} [{sample.head[:8]}] {sample.path}/wrkq"
    assert masks.hide(f"{old} {new}") == f"{old} T-######## ####-##-##T##:##:##Z [########] <repository>/wrkq"


# --- running


def transcript(case: Case, repo: TestRepo) -> str:
    """All that the ways of a case print, one below the other."""
    masks = Masks(repo, case.words)
    parts = [f"$ {case.words}\n", *(part for name in case.ways for part in printed(case, name, repo))]
    return readable(masks.hide("".join(parts)))


def printed(case: Case, name: str, repo: TestRepo) -> Iterator[str]:
    way = WAYS[name]
    program, *words = shlex.split(f"{case.words} {way.more}")
    with environment(way):
        if way.width:
            status, shown = on_terminal(program, words, repo.path, way.width)
            yield f"\n=== {name}: exit {status}\n{ended(shown)}"
            return
        done = run(*words, program=program, cwd=repo.path, stdin=case.stdin)
    yield f"\n=== {name}: exit {done.exit}\n{ended(done.out)}"
    if done.err:
        yield f"=== {name}: stderr\n{ended(done.err)}"


@contextlib.contextmanager
def environment(way: Way) -> Iterator[None]:
    """Nothing that says how to print, nor that an agent is at work, but what the way says."""
    unwanted = (*door.AGENT_VARIABLES, "NO_COLOR", "TERM", "COLUMNS", "LINES")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    more = {"TERM": "xterm-256color"} | ({} if way.colour else {"NO_COLOR": "1"})
    with mock.patch.dict(os.environ, plain | more | {"TZ": "UTC"}, clear=True):
        time.tzset()
        yield
    time.tzset()


def on_terminal(program: str, words: Sequence[str], cwd: Path, width: int) -> tuple[int, str]:
    """The exit status, and what a real terminal of this width received: both streams, as they came."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (50, width))
    received = io.BytesIO()
    reader = threading.Thread(target=_drain, args=(master, received))
    reader.start()
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.chdir(cwd))
            out, err = (stack.enter_context(open(os.dup(slave), "w", encoding="utf-8")) for _ in range(2))
            # The width is asked of the stream that Python was started with.
            for name, stream in (("stdin", io.StringIO()), ("stdout", out), ("stderr", err), ("__stdout__", out)):
                stack.enter_context(mock.patch.object(sys, name, stream))
            status = main.run(program, list(words))
    finally:
        os.close(slave)
        reader.join()
        os.close(master)
    return status, received.getvalue().decode().replace("\r\n", "\n")


def _drain(master: int, into: io.BytesIO) -> None:
    """Until no side of the terminal is open, which Linux reports as an error and others as an end."""
    with contextlib.suppress(OSError):
        while data := os.read(master, 65536):
            into.write(data)


# --- showing


def ended(text: str) -> str:
    """With a mark where the last line has no end."""
    return text if text.endswith("\n") or not text else f"{text}␄\n"


def readable(text: str) -> str:
    """Control characters by their pictures, and so the spaces that would not be seen."""
    shown = re.sub(r"[\x00-\x09\x0b-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text).replace("\x7f", "␡")
    return re.sub(r" +$", lambda found: "␠" * len(found[0]), shown, flags=re.MULTILINE)


class Masks:
    """Marks in place of what another run would say otherwise: ids, times, hashes and folders that are new.

    What the tracker held before the command ran stays, and so does what was typed.
    """

    TOKENS = re.compile(
        r"(?<![0-9A-Z-])[TPC]-[0-9A-Z]{8}\b|(?<!\d)\d{8}T\d{6}Z-[a-z-]+-[0-9A-Z]{8}\b"
        r"|\b01[0-9A-HJKMNP-TV-Z]{24}\b"
        r"|(?<!\d)(?P<day>20\d\d-\d\d-\d\d)(?:T[\d:]+Z)?"
    )
    #: What stands beside the group is how it is recognised.
    ALWAYS = (
        re.compile(r"(?:^|\\n|m)index ([0-9a-f]{7,40}\.\.[0-9a-f]{7,40})", re.MULTILINE),
        re.compile(r"/\.git/wrkq/([0-9a-f]{12})/"),
        re.compile(r"generation-\d+-([0-9a-f]{8})"),
    )
    #: Not even their length is the same.
    NUMBERS = re.compile(r"^((?:size|refreshed) +)[\d.]+$", re.MULTILINE)
    AGE = re.compile(r"(age +\+2  \(|\"name\": \"age\",\s+\"amount\": )[\d.e+]+")

    def __init__(self, repo: TestRepo, words: str) -> None:
        self.repo = repo
        now = datetime.now(UTC)
        self.days = {f"{now + timedelta(days=days):%Y-%m-%d}" for days in (-1, 0, 1)}
        self.known = _tokens(words) | _written(SAMPLE) | _written(repo.path / "wrkq")

    def hide(self, text: str) -> str:
        text = text.replace(str(self.repo.path), "<repository>")
        text = self.TOKENS.sub(self._masked, text)
        for pattern in self.ALWAYS:
            text = pattern.sub(lambda found: found[0].replace(found[1], _marks(found[1])), text)
        text = self.AGE.sub(r"\1#", self.NUMBERS.sub(r"\1#", text))
        for commit in self.repo.git("rev-list", "--all").split():
            text = text.replace(commit, "#" * 40).replace(commit[:8], "#" * 8)
        return text

    def _masked(self, found: re.Match[str]) -> str:
        """Messages have dates of their own, as examples: none is today's."""
        old = found[0] in self.known or (found["day"] and found["day"] not in self.days)
        return found[0] if old else "#" * len(found[0]) if found[0].startswith("01") else _marks(found[0])


@functools.cache
def _written(folder: Path) -> frozenset[str]:
    """The tokens in the names and texts of all files below."""
    places = [place for place in sorted(folder.rglob("*.*")) if place.is_file()]
    return _tokens("\n".join(f"{place} {place.read_text(encoding='utf-8')}" for place in places))


def _tokens(text: str) -> frozenset[str]:
    return frozenset(found[0] for found in Masks.TOKENS.finditer(text))


def _marks(token: str) -> str:
    """As long as the token, and still of its kind."""
    if found := re.fullmatch(r"(\d{8}T\d{6}Z)(-[a-z-]+-)(\w{8})", token):
        return f"########T######Z{found[2]}########"
    if re.fullmatch(r"[TPC]-\w{8}", token):
        return f"{token[:2]}########"
    return re.sub(r"[0-9a-f]", "#", token)
