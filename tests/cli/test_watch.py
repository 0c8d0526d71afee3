"""`wrkq watch`, as a process of its own beside a person's git."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import run
from wrkq_files.model import cursors

TASK = "portal/auth/login-ux"
KEYS = "portal/rotate-keys"
PROGRAM = "from wrkq_files.cli.program import wrkq; wrkq()"
#: Longer than any of these takes: who waits so long waits in vain.
PATIENCE = 20.0


def git(site: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=site, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def change(site: Path, target: str, *words: str) -> str:
    """One commit of ours; its id."""
    done = run("set", target, *words, "--commit", cwd=site)
    assert done.exit == 0, done.err
    return git(site, "rev-parse", "HEAD")


def by_hand(site: Path, path: str, old: str, new: str) -> None:
    """One commit by a person."""
    place = site / "wrkq" / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))
    git(site, "commit", "-q", "-a", "-m", f"{old} is {new}")


class Watching:
    """``line()`` is the next line, within the time that anybody would wait."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def close(self) -> None:
        """Once the process has ended: what it printed is read to its end before the pipe is closed."""
        self._reader.join(PATIENCE)

    def line(self, patience: float = PATIENCE) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._lines.get(timeout=patience))
        return told

    def lines(self, count: int) -> list[dict[str, Any]]:
        return [self.line() for _ in range(count)]

    def is_silent(self, seconds: float = 1.0) -> bool:
        time.sleep(seconds)
        return self._lines.empty()

    def stop(self, sign: int = signal.SIGTERM) -> int:
        self.process.send_signal(sign)
        return self.process.wait(PATIENCE)


@contextmanager
def watching(site: Path, *words: str) -> Iterator[Watching]:
    command = [sys.executable, "-c", PROGRAM, "watch", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=site, stdout=pipe, stderr=pipe, text=True, env={**os.environ}) as process:
        watch = Watching(process)
        try:
            yield watch
        finally:
            process.kill()
            watch.close()


@contextmanager
def begun(site: Path, *words: str) -> Iterator[Watching]:
    """Past its first line."""
    with watching(site, *words) as watch:
        assert watch.line()["type"] == "cursor"
        yield watch


def logged(site: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("log", "--reverse", "--ndjson", cwd=site).lines]


def without_cursor(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "cursor"}


def whats(found: list[dict[str, Any]]) -> list[str]:
    return [each["what"] for each in found]


# --- what it tells


def test_a_commit_is_told_as_log_has_it(site: Path) -> None:
    with begun(site) as watch:
        commit = change(site, KEYS, "--priority", "2")
        told = watch.line()
        assert (told["commit"], told["what"]) == (commit, "priority 1 -> 2")
        assert without_cursor(told) == logged(site)[-1]
        by_hand(site, f"{KEYS}.md", "priority: 2", "priority: 4")
        assert watch.line()["what"] == "priority 2 -> 4"


def test_edits_that_are_not_committed_are_none(site: Path) -> None:
    with begun(site) as watch:
        place = site / "wrkq" / f"{KEYS}.md"
        place.write_text(place.read_text().replace("priority: 1", "priority: 2"))
        git(site, "add", "-A")
        git(site, "branch", "other")
        assert watch.is_silent()


def test_a_merge_repeats_nothing(site: Path) -> None:
    """What the branch did is told when it comes in, and what both had before is not."""
    git(site, "switch", "-q", "-c", "side")
    by_hand(site, f"{TASK}.md", "title: Login UX", "title: Login")
    git(site, "switch", "-q", "-")
    with begun(site) as watch:
        change(site, KEYS, "--priority", "2")
        assert watch.line()["what"] == "priority 1 -> 2"
        git(site, "merge", "-q", "--no-ff", "-m", "merge", "side")
        assert watch.line()["what"] == "title Login UX -> Login"
        assert watch.is_silent()


def test_a_squash_is_told_as_its_one_commit(site: Path) -> None:
    git(site, "switch", "-q", "-c", "side")
    for number in "23":
        change(site, KEYS, "--priority", number)
    git(site, "switch", "-q", "-")
    with begun(site) as watch:
        git(site, "merge", "-q", "--squash", "side")
        git(site, "commit", "-q", "-m", "squashed")
        assert watch.line()["what"] == "priority 1 -> 3"
        assert watch.is_silent()


def test_many_commits_at_once_are_told_in_their_order(site: Path) -> None:
    git(site, "switch", "-q", "-c", "side")
    for number in (2, 4, 1, 2, 4):
        change(site, KEYS, "--priority", str(number))
    git(site, "switch", "-q", "-")
    with begun(site) as watch:
        git(site, "merge", "-q", "--ff-only", "side")
        assert [each["to"] for each in watch.lines(5)] == [2, 4, 1, 2, 4]


# --- history that is rewritten


def is_lost(told: dict[str, Any], site: Path, seen: str) -> bool:
    head = git(site, "rev-parse", "HEAD")
    fresh = cursors.decode(told["cursor"])
    return (told["type"], told["seen"], told["head"], fresh) == ("cursor_lost", seen, head, cursors.Cursor(head))


def amended(site: Path) -> None:
    git(site, "commit", "-q", "--amend", "-m", "other words")


def reset(site: Path) -> None:
    git(site, "reset", "-q", "--hard", "HEAD~2")


def rebased(site: Path) -> None:
    """Three commits onto another: HEAD passes through each."""
    git(site, "branch", "base", "HEAD~3")
    git(site, "switch", "-q", "base")
    git(site, "commit", "-q", "--allow-empty", "-m", "elsewhere")
    git(site, "switch", "-q", "-")


@pytest.mark.parametrize("rewrite", [amended, reset])
def test_after_a_rewrite_it_is_lost_once_and_goes_on(site: Path, rewrite: Callable[[Path], None]) -> None:
    with begun(site) as watch:
        seen = git(site, "rev-parse", "HEAD")
        rewrite(site)
        assert is_lost(watch.line(), site, seen)
        change(site, KEYS, "--priority", "2")
        assert watch.line()["what"] == "priority 1 -> 2"
        assert watch.is_silent(0.5)


def test_a_rebase_is_one_line(site: Path) -> None:
    for number in "24":
        change(site, KEYS, "--priority", number)
    rebased(site)
    with begun(site) as watch:
        seen = git(site, "rev-parse", "HEAD")
        git(site, "rebase", "-q", "--no-ff", "base")
        assert is_lost(watch.line(), site, seen)
        assert watch.is_silent()


def test_nothing_is_told_while_a_rebase_stops(site: Path) -> None:
    for number in "24":
        change(site, KEYS, "--priority", number)
    with begun(site) as watch:
        seen = git(site, "rev-parse", "HEAD")
        steps = "1s/^pick/edit/"
        editor = ["-c", f"sequence.editor=sed -i {steps}"]
        git(site, *editor, "rebase", "-q", "-i", "HEAD~2")
        git(site, "commit", "-q", "--amend", "-m", "another")
        assert watch.is_silent()
        git(site, "rebase", "--continue")
        assert is_lost(watch.line(), site, seen)


def test_another_branch_is_another_history(site: Path) -> None:
    """One that goes on from here is not; one that does not is."""
    main = git(site, "branch", "--show-current")
    with begun(site) as watch:
        git(site, "switch", "-q", "-c", "side/deep")
        ahead = change(site, KEYS, "--priority", "2")
        assert watch.line()["what"] == "priority 1 -> 2"
        git(site, "switch", "-q", main)
        assert is_lost(watch.line(), site, ahead)
        change(site, KEYS, "--priority", "4")
        assert watch.line()["what"] == "priority 1 -> 4"


def test_a_branch_without_the_tracker_is_lived_through(site: Path) -> None:
    main = git(site, "branch", "--show-current")
    seen = git(site, "rev-parse", "HEAD")
    with begun(site, "portal") as watch:
        git(site, "switch", "-q", "--orphan", "empty")
        git(site, "commit", "-q", "--allow-empty", "-m", "nothing here")
        assert is_lost(watch.line(), site, seen)
        between = git(site, "rev-parse", "HEAD")
        git(site, "switch", "-q", main)
        assert is_lost(watch.line(), site, between)
        change(site, KEYS, "--priority", "4")
        assert watch.line()["what"] == "priority 1 -> 4"


def test_the_first_commit_of_all(repo: Path) -> None:
    assert run("init", cwd=repo, program="wrkqadm").exit == 0
    with begun(repo) as watch:
        git(repo, "add", "-A")
        git(repo, "commit", "-q", "-m", "first")
        assert {watch.line()["commit"]} == {git(repo, "rev-parse", "HEAD")}


# --- the store


def forget(site: Path) -> None:
    shutil.rmtree(site / ".git" / "wrkq")


def rebuild(site: Path) -> None:
    assert run("index", "rebuild", cwd=site, program="wrkqadm").exit == 0


@pytest.mark.parametrize("lose", [forget, rebuild])
def test_the_cache_may_vanish(site: Path, lose: Callable[[Path], None]) -> None:
    with begun(site) as watch:
        change(site, KEYS, "--priority", "2")
        first = watch.line()
        lose(site)
        change(site, KEYS, "--priority", "4")
        assert watch.line()["what"] == "priority 2 -> 4"
    lose(site)
    again = run("watch", "--since", first["cursor"], "-n", "1", cwd=site)
    assert json.loads(again.out)["what"] == "priority 2 -> 4"


def test_two_at_once(site: Path) -> None:
    with begun(site) as one, begun(site) as other:
        for number in (2, 4, 1, 2, 4, 1):
            change(site, KEYS, "--priority", str(number))
        for watch in (one, other):
            assert [each["to"] for each in watch.lines(6)] == [2, 4, 1, 2, 4, 1]


# --- cursors


def test_interrupted_watches_tell_each_event_once(site: Path) -> None:
    """The law: put together, what they print is the log."""
    git(site, "switch", "-q", "-c", "side")
    change(site, TASK, "--title", "Login", "--priority", "2", "--add-label", "later")
    git(site, "switch", "-q", "-")
    known = logged(site)
    cursor = json.loads(run("watch", "--timeout", "0", cwd=site).out)["cursor"]
    told: list[dict[str, Any]] = []
    for step in range(12):
        if step == 0:
            change(site, KEYS, "--priority", "2", "--title", "Keys", "--assignee", "agent-codex")
        if step == 3:
            git(site, "merge", "-q", "--no-ff", "-m", "merge", "side")
        if step == 5:
            forget(site)
        if step == 6:
            change(site, KEYS, "--priority", "4")
        done = run("watch", "--since", cursor, "-n", "1", "--timeout", "0", cwd=site)
        for line in done.lines:
            told.append(json.loads(line))
            cursor = told[-1]["cursor"]
    rest = [each for each in logged(site) if each not in known]
    assert len(rest) == 7
    assert [without_cursor(each) for each in told] == rest


def test_from_before_the_first_commit_the_whole_log(site: Path) -> None:
    """Parents come first, and nothing is left out."""
    for number in (2, 4):
        git(site, "switch", "-q", "-c", f"side{number}", "HEAD~1")
        change(site, KEYS, "--priority", str(number))
        git(site, "switch", "-q", "-")
        if number == 2:
            git(site, "merge", "-q", "--no-ff", "-m", "merge", "side2")
    cursor = cursors.encode(cursors.Cursor(""))
    done = run("watch", "--since", cursor, "--timeout", "0", cwd=site)
    told = [json.loads(line) for line in done.lines]
    key = lambda each: json.dumps(each, sort_keys=True)  # noqa: E731
    assert sorted(map(key, map(without_cursor, told))) == sorted(map(key, logged(site)))
    order = git(site, "rev-list", "--topo-order", "--reverse", "HEAD").split()
    places = [order.index(each["commit"]) for each in told]
    assert places == sorted(places)


def test_a_cursor_of_what_is_gone_is_lost(site: Path) -> None:
    gone = "f" * 40
    for cursor in (
        cursors.Cursor(gone),
        cursors.Cursor("", gone, gone, 3),
        cursors.Cursor(gone, git(site, "rev-parse", "HEAD"), gone),
    ):
        done = run("watch", "--since", cursors.encode(cursor), "--timeout", "0", cwd=site)
        assert done.exit == 0
        [told] = map(json.loads, done.lines)
        assert is_lost(told, site, cursor.tip)


@pytest.mark.parametrize("word", ["", "nonsense", "eyJ2IjoxfQ", cursors.encode(cursors.Cursor("--all"))])
def test_a_damaged_cursor_is_refused(site: Path, word: str) -> None:
    done = run("watch", "--since", word, "--json", cwd=site)
    assert (done.exit, done.told("error")["code"], done.out) == (2, "usage", "")


# --- targets


def test_only_what_is_asked_for(site: Path) -> None:
    with begun(site, "portal/auth") as watch:
        change(site, KEYS, "--priority", "2")
        change(site, TASK, "--priority", "2")
        assert watch.line()["path"] == TASK
        assert run("comment", "add", TASK, "Yes", cwd=site).exit == 0
        told = watch.line()
        assert (told["type"], told["path"]) == ("comment.created", TASK)
        assert run("mv", TASK, "inbox", cwd=site).exit == 0
        assert [each["type"] for each in watch.lines(2)] == ["task.moved"] * 2, "a subtask goes along"
        assert run("mv", "portal/auth", "portal/entry", cwd=site).exit == 0
        assert watch.line()["type"] == "container.moved"
        assert run("touch", "portal/entry/new", cwd=site).exit == 0
        assert watch.line()["path"] == "portal/entry/new"


# --- ends


def test_until(site: Path) -> None:
    with begun(site, TASK, KEYS, "--until", "state=cancelled", "--until", "assignee=agent-codex") as watch:
        change(site, KEYS, "--assignee", "agent-codex")
        assert watch.line()["what"] == "assignee agent-codex"
        assert watch.is_silent(0.5)
        assert watch.process.poll() is None
        change(site, TASK, "--state", "cancelled", "--resolution", "wont_do")
        assert watch.line()["to"] in ("cancelled", "wont_do")
        assert watch.process.wait(PATIENCE) == 0


def test_until_a_blocker_is_done(site: Path) -> None:
    with begun(site, TASK, "--until", "effective_state=open") as watch:
        change(site, KEYS, "--state", "completed")
        assert watch.process.wait(PATIENCE) == 0


def test_until_looks_at_what_is_committed(site: Path) -> None:
    change(site, KEYS, "--assignee", "agent-codex")
    place = site / "wrkq" / f"{KEYS}.md"
    place.write_text(place.read_text().replace("assignee: agent-codex\n", ""))
    assert run("watch", KEYS, "--until", "assignee=agent-codex", "--timeout", "0", cwd=site).exit == 0
    waited = run("watch", KEYS, "--until", "assignee=", "--timeout", "0", "--json", cwd=site)
    assert (waited.exit, waited.told("error")["code"]) == (1, "timeout")


def test_until_what_can_never_be_is_refused(site: Path) -> None:
    for words, code in (
        ((KEYS, "--until", "state=finished"), "validation"),
        ((KEYS, "--until", "state"), "usage"),
        ((KEYS, "--until", "stat=open"), "usage"),
        (("portal", "--until", "state=completed"), "usage"),
        (("--until", "state=completed"), "usage"),
        ((KEYS, "--until", "assignee=nobdy"), "validation"),
        ((KEYS, "--timeout", "soon"), "usage"),
    ):
        done = run("watch", *words, "--timeout" if "--timeout" not in words else "-n", "1", "--json", cwd=site)
        assert (done.told("error")["code"], done.out) == (code, ""), words


def test_timeout(site: Path) -> None:
    began = time.monotonic()
    done = run("watch", KEYS, "--until", "state=completed", "--timeout", "0.5s", "--json", cwd=site)
    assert 0.5 <= time.monotonic() - began < 3
    assert (done.exit, done.told("error")["code"]) == (1, "timeout")
    assert run("watch", "-n", "1", "--timeout", "0", cwd=site).exit == 1
    assert run("watch", "--timeout", "0", cwd=site).exit == 0


def test_count(site: Path) -> None:
    cursor = cursors.encode(cursors.Cursor(""))
    done = run("watch", "--since", cursor, "-n", "3", cwd=site)
    assert [without_cursor(json.loads(line)) for line in done.lines] == logged(site)[:3]


def test_signals(site: Path) -> None:
    with begun(site) as watch:
        assert watch.stop(signal.SIGINT) == 130
        assert watch.process.stderr is not None
        assert watch.process.stderr.read() == ""
    with begun(site) as watch:
        assert watch.stop(signal.SIGTERM) == -signal.SIGTERM


def test_whom_nobody_reads_ends(site: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "watch"]
    with subprocess.Popen(command, cwd=site, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""


def test_lines_for_people(site: Path) -> None:
    change(site, KEYS, "--priority", "2", "--title", "Keys")
    cursor = cursors.encode(cursors.Cursor(git(site, "rev-parse", "HEAD~1")))
    done = run("watch", "--since", cursor, "--timeout", "0", cwd=site, terminal=True)
    [line] = done.lines
    assert "portal/rotate-keys: title" in line
    assert line.endswith("…"), "it is cut to the terminal's width"
    done = run(
        "watch", "--since", cursors.encode(cursors.Cursor("f" * 40)), "--timeout", "0", cwd=site, terminal=True
    )
    assert "is no continuation of ffffffff" in done.out
    assert run("watch", "--timeout", "0", "--json", cwd=site, terminal=True).json["type"] == "cursor"


def test_without_file_notification_it_looks(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network file system: nothing comes, and HEAD itself tells."""
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    monkeypatch.setenv("WATCHFILES_POLL_DELAY_MS", "3600000")
    with begun(site) as watch:
        change(site, KEYS, "--priority", "2")
        assert watch.line(5)["what"] == "priority 1 -> 2"
