"""``wrkq check``: its scopes, what it mends, and how long it watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import run

BAD = "---\ntitle: x\nstate: nonsense\nid: T-AAAAAAAA\n---\n"
GOOD = BAD.replace("nonsense", "open")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def bad(site: Path) -> Path:
    """A bad file is staged, and put right in the working file."""
    file = site / "wrkq" / "inbox" / "bad.md"
    file.write_text(BAD)
    git(site, "add", "-A")
    file.write_text(GOOD)
    return site


def test_staged(bad: Path) -> None:
    found = run("check", "--staged", cwd=bad)
    assert found.exit == 1
    assert found.lines[:3] == [
        "wrkq/inbox/bad.md:3:8: error: `state` is `nonsense` [unknown-state]",
        "    state: nonsense",
        "           ^",
    ]
    assert found.err.strip() == "1 error"
    assert run("check", cwd=bad).exit == 0


def test_the_file_can_be_opened_from_where_one_stands(bad: Path) -> None:
    [row] = run("check", "--staged", "--json", cwd=bad / "wrkq" / "inbox").json
    assert (row["file"], row["path"], row["commit"]) == ("bad.md", "inbox/bad.md", None)


def test_a_range_names_the_commit(bad: Path) -> None:
    git(bad, "commit", "-q", "-m", "bad")
    commit = git(bad, "rev-parse", "HEAD")
    git(bad, "commit", "-q", "-a", "-m", "good")
    found = run("check", "--range", "HEAD~2..HEAD", cwd=bad)
    assert found.exit == 1
    assert found.lines[0].endswith(f"`nonsense` (in {commit[:8]}) [unknown-state]")
    [row] = run("check", "--range", "HEAD~2..HEAD", "--ndjson", "--fields", "commit,rule", cwd=bad).lines
    assert commit in row
    assert run("check", "--range", "HEAD~1..HEAD", cwd=bad).exit == 0


def test_at_a_revision(bad: Path) -> None:
    git(bad, "commit", "-q", "-m", "bad")
    git(bad, "commit", "-q", "-a", "-m", "good")
    assert run("check", "--at", "HEAD~1", cwd=bad).exit == 1
    assert run("check", "--at", "HEAD", cwd=bad).exit == 0
    assert run("check", "--at", "nowhere", cwd=bad).exit == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--staged inbox", "--staged and TARGET are two scopes"),
        ("--staged --at HEAD", "--staged and --at are two scopes"),
        ("--range HEAD", "this is one commit"),
        ("--fix --at HEAD", "--fix is about working files"),
        ("--watch --staged", "--watch is about working files"),
        ("--watch --json", "--watch goes with no other form"),
        ("--dry-run", "--dry-run goes with --fix"),
    ],
)
def test_scopes_that_contradict_each_other(site: Path, words: str, said: str) -> None:
    found = run("check", *words.split(), cwd=site)
    assert found.exit == 2
    assert said in found.err


def test_fix_mends_and_says_what_is_left(site: Path) -> None:
    place = site / "wrkq" / "inbox" / "Login UX.md"
    place.write_text(BAD)
    shown = run("check", "--fix", "--dry-run", "inbox/Login UX", cwd=site)
    assert (shown.exit, place.exists()) == (0, True)
    assert "rename to wrkq/inbox/login-ux.md" in shown.lines
    found = run("check", "--fix", cwd=site)
    assert found.exit == 1
    assert "mended: " in found.err
    assert [line.partition(":")[0] for line in found.lines if "error" in line] == ["wrkq/inbox/login-ux.md"]
    assert git(site, "diff", "--cached", "--name-only") == ""


def test_fix_of_what_is_staged_leaves_the_rest(site: Path) -> None:
    for name in "ab":
        text = GOOD.replace("---\nt", "---\nlabels: [b, a]\nt").replace("T-AAAAAAAA", f"T-AAAAAAA{name.upper()}")
        (site / "wrkq" / "inbox" / f"{name}.md").write_text(text)
    git(site, "add", "wrkq/inbox/a.md")
    assert run("check", "--fix", "--staged", cwd=site).exit == 0
    assert "[a, b]" in (site / "wrkq" / "inbox" / "a.md").read_text()
    assert "[b, a]" in (site / "wrkq" / "inbox" / "b.md").read_text()
    git(site, "reset", "-q")
    assert run("check", "--fix", "--staged", cwd=site).exit == 0
    assert "[b, a]" in (site / "wrkq" / "inbox" / "b.md").read_text()


@pytest.fixture
def watching(site: Path) -> Iterator[subprocess.Popen[str]]:
    program = "from wrkq_files.cli.program import wrkq; wrkq()"
    command = [sys.executable, "-c", program, "check", "--watch"]
    with subprocess.Popen(command, cwd=site, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        yield process
        process.kill()


def until_done(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("done:"):
            return lines
    raise AssertionError(f"it ended: {lines}")


def test_watch_checks_again_after_each_change(site: Path, watching: subprocess.Popen[str]) -> None:
    assert until_done(watching) == ["checking…", "done: nothing found"]
    (site / "wrkq" / "inbox" / "bad.md").write_text(BAD)
    second = until_done(watching)
    assert second[0] == "checking…"
    assert second[1].startswith("wrkq/inbox/bad.md:3:8: error:")
    assert second[-1] == "done: 1 error"
    (site / "wrkq" / "inbox" / "bad.md").unlink()
    assert until_done(watching)[-1] == "done: nothing found"
    watching.send_signal(signal.SIGINT)
    assert watching.wait(20) == 130
