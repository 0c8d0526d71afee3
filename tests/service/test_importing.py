"""A real backlog, and another tool's real files: imported, listed, searched, edited, checked; no word is lost."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.files.documents import parse
from wrkq_files.model.fields import DocType
from wrkq_files.service import checking, create, importing, reading, resolve, update
from wrkq_files.service.importing import Imported

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = _DATA / "workrail-backlog.md"
FOREIGN = _DATA / "backlogmd-sample"

SMALL = b"""# Our backlog

What we may do.

## Now

### Login fails (Apr 30, 2026)

**Status: bug** | Priority: high

**Score: 9** | Cor:3 Cap:1 Eff:2 Lev:2 Con:1 | Blocked: no

The sign-in button
does nothing.

---

### Login fails

Twice the same heading.

## Later

### Dark mode

**Status: idea**

Eyes hurt.
"""


def bring(box: Sandbox, content: bytes = SMALL, into: str = "portal", again: bool = False) -> Imported:
    return importing.import_markdown(box.tracker, content, "backlog.md", into, COMMIT, again=again)


def test_a_small_one(box: Sandbox) -> None:
    done = bring(box)
    assert (done.features, done.tasks) == (2, 3)
    assert box.repo.log()[0] == "portal: 3 tasks imported from backlog.md"
    assert box.repo.status() == []
    found = [entry.address for entry in reading.ls(box.tracker, ["portal"], recursive=True, everything=True).entries]
    assert found == [
        "portal/later",
        "portal/later/dark-mode",
        "portal/now",
        "portal/now/login-fails",
        "portal/now/login-fails-apr-30-2026",
    ]
    text = box.text("portal/now/login-fails-apr-30-2026.md")
    assert "kind: bug\n" in text
    assert "created: 2026-04-30" in text
    assert "priority: 2\n" in text
    assert text.endswith("\nThe sign-in button\ndoes nothing.\n")
    assert "What we may do." in box.text("portal/README.md")
    assert not [each for each in checking.check(box.tracker) if each.severity != "notice"]


def test_a_second_time(box: Sandbox) -> None:
    bring(box)
    head = box.repo.head
    with pytest.raises(WrkqError) as caught:
        bring(box)
    assert (caught.value.code, box.repo.head) == ("exists", head)
    bring(box, again=True)
    assert (box.root / "portal/now-2/login-fails.md").exists()
    assert box.text("portal/README.md").count("backlog.md") == 1


def test_into_what_is_there(box: Sandbox) -> None:
    box.write("portal/README.md", "---\ntitle: Mine # keep\nmeta:\n  a: 1\n---\n\nMy text.\n")
    box.commit_all()
    bring(box)
    text = box.text("portal/README.md")
    assert "title: Mine # keep\n" in text
    assert "\nid: P-" in text
    assert "  a: 1\n" in text
    assert text.endswith("My text.\n")
    with pytest.raises(WrkqError):
        bring(box)


@pytest.mark.parametrize("into", ["_comments", "..", "nowhere/x", "inbox/t", "Up", "", ".git"])
def test_where_nothing_goes(box: Sandbox, into: str) -> None:
    create.touch(box.tracker, ["inbox/t"], create.New(), COMMIT)
    with pytest.raises(WrkqError) as caught:
        bring(box, into=into)
    assert caught.value.code in ("refused", "not_found", "exists", "validation", "usage")
    assert box.repo.status() == []


def test_what_is_no_text(box: Sandbox) -> None:
    with pytest.raises(WrkqError) as caught:
        bring(box, b"# \xff\n")
    assert caught.value.code == "validation"


# The real one


def words(text: str) -> Counter[str]:
    return Counter(word.strip("*|#`") for word in text.split() if word.strip("*|#`-"))


@pytest.fixture(scope="module")
def real() -> bytes:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not on this machine")
    return REAL.read_bytes()


def test_the_real_backlog(box: Sandbox, real: bytes) -> None:
    done = bring(box, real)
    assert done.tasks == 134 + 4
    assert box.repo.status() == []
    assert not list(checking.errors(checking.check(box.tracker)))
    everything = reading.ls(box.tracker, ["portal"], recursive=True, everything=True).entries
    assert len([entry for entry in everything if entry.type is DocType.TASK]) == done.tasks
    hits, _ = reading.search(box.tracker, "currentSliceIndex")
    assert len(hits) >= 1
    path = hits[0].entry.path
    before = box.text(path).splitlines()
    box.set(hits[0].entry.id, summary="Mended")
    after = box.text(path).splitlines()
    assert [line for line in after if line not in before] == ["summary: Mended"]
    with pytest.raises(WrkqError):
        bring(box, real)
    _find_every_word(box, real, done)


def _find_every_word(box: Sandbox, real: bytes, done: Imported) -> None:
    """Each word stands as often in the files as in the source, or is a key, a value of a field, or reported."""
    found: Counter[str] = Counter()
    for path in (box.root / "portal").rglob("*.md"):
        kind = DocType.CONTAINER if path.name == "README.md" else DocType.TASK
        document = parse(path.read_bytes(), kind, path.name).document
        assert document is not None
        found += (
            words(str(document.get("title"))) + words(document.body) + words(str(document.get("blocked_reason", "")))
        )
    lines = real.decode().splitlines()
    metadata = Counter[str]()
    for line in lines:
        if line.lstrip("*").startswith(("Status:", "Score:", "Priority:", "Blocked:")):
            metadata += words(line)
    missing = words(real.decode()) - found - metadata
    reported = words(" ".join(f"{note.message}" for note in done.notes))
    assert not set(missing) - set(reported), sorted(set(missing) - set(reported))[:20]


# Another tool's files


def test_another_tools_files_are_listed_or_named(box: Sandbox) -> None:
    if not FOREIGN.exists():
        pytest.skip(f"{FOREIGN} is not on this machine")
    shutil.copytree(FOREIGN, box.root / "theirs")
    for path in (box.root / "theirs").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (box.root / "theirs").chmod(0o755)
    box.commit_all()
    there = {path.relative_to(box.root).as_posix() for path in (box.root / "theirs").rglob("*.md")}
    listing = reading.ls(box.tracker, ["theirs"], recursive=True, everything=True)
    shown = {entry.path: entry for entry in listing.entries if entry.type is DocType.TASK}
    assert len(there) >= 40
    assert set(shown) | {finding.path for finding in listing.broken} | set(listing.notes) == there
    before = {path: (box.root / path).read_bytes() for path in shown}
    outcome = update.Outcome()
    asked = update.Assignments([("priority", "1")])
    update.set_fields(box.tracker, list(shown), asked, FILES_ONLY, outcome=outcome)
    assert outcome.failed == []
    for name, old in before.items():
        new = (box.root / name).read_bytes()
        kept = [line for line in old.splitlines(keepends=True) if not line.startswith(b"priority:")]
        others = [line for line in new.splitlines(keepends=True) if not line.startswith(b"priority:")]
        assert others == kept, name
        assert b"\npriority: 1\n" in new
    assert resolve.one(box.tracker, next(iter(shown))).priority == 1


def test_another_tools_id_stays_until_ours_is_needed(box: Sandbox) -> None:
    box.write("inbox/back-1.md", "---\nid: BACK-1\ntitle: Theirs\n---\n")
    task = box.add("Ours", options=FILES_ONLY)
    box.commit_all()
    box.set("inbox/back-1", priority="1")
    assert "id: BACK-1\n" in box.text("inbox/back-1.md")
    with pytest.raises(WrkqError, match="none of ours"):
        box.set(task, blocked_by="inbox/back-1")
    box.replace("inbox/back-1.md", "id: BACK-1\n", "")
    box.commit_all()
    box.set(task, blocked_by="inbox/back-1")
    assert "\nid: T-" in box.text("inbox/back-1.md")
