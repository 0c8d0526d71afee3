"""``wrkqadm migrate``: a tracker of format 0 becomes one of format 1, byte for byte; other formats are refused."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.files import legacy
from wrkq_files.files.config_file import FORMAT, format_of, read_config
from wrkq_files.model.fields import DocType
from wrkq_files.service import migrate
from wrkq_files.service.change import Options, Written

OLD = """\
---
# by hand
title:   Old one   # spaced
status: done  # how it stands
updated_at: 2020-01-01
'created_at': 2019-05-06
labels: [b, a]
etag: abc
---
status: stays in the text
"""
NEW = """\
---
# by hand
title:   Old one   # spaced
state: done  # how it stands
created: 2019-05-06
labels: [b, a]
---
status: stays in the text
"""


@pytest.fixture
def old(box: Sandbox) -> Sandbox:
    """A tracker of format 0, all committed."""
    box.write("wrkq.yaml", "# ours\nformat: 0\ncommit:\n  mode: auto\n")
    box.write("inbox/old.md", OLD)
    box.write("inbox/plain.md", "---\ntitle: Plain\n---\n")
    box.commit_all()
    return box


def forward(box: Sandbox, options: Options = COMMIT) -> Written:
    return migrate.migrate(migrate.opened(box.door), options)


def test_one_change_of_exactly_the_bytes_that_must(old: Sandbox) -> None:
    written = forward(old)
    assert (written.status, written.subject) == ("committed", "format 0 to 1: 2 files")
    assert set(written.paths) == {"wrkq/wrkq.yaml", "wrkq/inbox/old.md"}
    assert old.text("wrkq.yaml") == "# ours\nformat: 1\ncommit:\n  mode: auto\n"
    assert old.text("inbox/old.md") == NEW
    assert written.notes == ()
    assert old.repo.status() == []
    index = old.tracker.index
    index.refresh()
    entry = index.entry("inbox/old.md")
    assert entry is not None
    assert (entry.state, entry.document_fields()["created"]) == ("completed", "2019-05-06")


def test_a_second_time_there_is_nothing_to_do(old: Sandbox) -> None:
    forward(old)
    head = old.repo.head
    assert forward(old).status == "unchanged"
    assert old.repo.head == head


def test_a_dry_run_shows_it_and_writes_nothing(old: Sandbox) -> None:
    written = forward(old, Options(dry_run=True))
    assert "-status: done  # how it stands\n" in written.diff
    assert "+state: done  # how it stands\n" in written.diff
    assert "-format: 0\n+format: 1\n" in written.diff
    assert old.text("inbox/old.md") == OLD
    assert old.repo.status() == []


def test_line_ends_and_a_mark_stay(old: Sandbox) -> None:
    old.write("inbox/old.md", "\ufeff" + OLD.replace("\n", "\r\n"))
    old.commit_all()
    forward(old)
    assert old.text("inbox/old.md") == "\ufeff" + NEW.replace("\n", "\r\n")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "commit:\n  mode: auto\n", "# a\n\nbase: main\n"])
def test_settings_that_name_no_format(old: Sandbox, text: str) -> None:
    old.write("wrkq.yaml", text)
    old.commit_all()
    assert old.tracker.config.format == FORMAT, "read as the present one"
    forward(old)
    data = old.text("wrkq.yaml").encode()
    assert format_of(data) == FORMAT
    assert read_config(data, "wrkq.yaml")[1] == ()
    assert [line for line in old.text("wrkq.yaml").splitlines() if line != "format: 1"] == text.splitlines()


def test_what_is_left_is_said(old: Sandbox) -> None:
    old.write("inbox/both.md", "---\nstatus: done\nstate: open\n---\n")
    old.write("inbox/odd.md", "---\nstatus: thinking\nupdated_by: x\n---\n")
    old.write("inbox/bad.md", "---\ntitle: [\n---\n")
    old.commit_all()
    notes = forward(old).notes
    assert old.text("inbox/both.md") == "---\nstatus: done\nstate: open\n---\n"
    assert old.text("inbox/odd.md") == "---\nstatus: thinking\n---\n"
    assert old.text("inbox/bad.md") == "---\ntitle: [\n---\n"
    assert [note.partition(":")[0] for note in notes] == ["inbox/both.md", "inbox/odd.md", "inbox/bad.md"]


def test_an_uncommitted_edit_of_the_same_line_is_in_the_way(old: Sandbox) -> None:
    old.replace("inbox/old.md", "status: done", "status: todo")
    head = old.repo.head
    with pytest.raises(WrkqError) as caught:
        forward(old)
    assert (caught.value.code, old.repo.head) == ("dirty_file", head)
    assert "format: 0" in old.text("wrkq.yaml"), "nothing of it is done"
    assert forward(old, FILES_ONLY).status == "written"
    assert "state: todo" in old.text("inbox/old.md")


def test_an_uncommitted_edit_of_the_settings_is_in_the_way(old: Sandbox) -> None:
    old.replace("wrkq.yaml", "# ours", "# ours, and theirs")
    with pytest.raises(WrkqError) as caught:
        forward(old)
    assert caught.value.code == "dirty_file"
    assert old.text("inbox/old.md") == OLD


def test_an_edit_elsewhere_stays_uncommitted(old: Sandbox) -> None:
    old.replace("inbox/old.md", "Old one", "Older one")
    forward(old)
    assert "Older one" in old.text("inbox/old.md")
    assert old.repo.show("HEAD:wrkq/inbox/old.md") == NEW.encode()


def test_settings_that_cannot_be_read(old: Sandbox) -> None:
    old.write("wrkq.yaml", "format: 0\n\tx: [\n")
    with pytest.raises(WrkqError) as caught:
        forward(old)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("word", ["2", "2.0", "'2'", '"17"', "99"])
def test_a_newer_format_is_refused_however_it_is_written(old: Sandbox, word: str) -> None:
    old.write("wrkq.yaml", f"format: {word}\n")
    for ask in (lambda: old.tracker, lambda: forward(old)):
        with pytest.raises(WrkqError) as caught:
            ask()
        assert caught.value.code == "format"
        assert caught.value.hint == "pip install --upgrade wrkq-files"


@pytest.mark.parametrize("word", ["one", "true", "-1", "1.5", "[1]"])
def test_a_format_that_is_no_number_is_a_finding(old: Sandbox, word: str) -> None:
    config, findings = read_config(f"format: {word}\n".encode(), "wrkq.yaml")
    assert config.format == FORMAT
    assert [finding.rule for finding in findings] == ["config"]


def test_an_older_format_is_refused_until_it_is_migrated(old: Sandbox) -> None:
    with pytest.raises(WrkqError) as caught:
        _ = old.tracker
    assert caught.value.code == "format"
    assert caught.value.hint.startswith("wrkqadm migrate")
    forward(old)
    assert old.tracker.config.format == FORMAT


def test_steps_lead_to_the_present_format() -> None:
    assert migrate.steps(FORMAT) == []
    assert migrate.steps(0) == [migrate.MIGRATIONS[0]]
    with pytest.raises(WrkqError) as caught:
        migrate.steps(0, {})
    assert caught.value.code == "format"
    assert set(migrate.MIGRATIONS) == set(range(FORMAT)), "a way from every format that was"


def test_a_comment_is_never_changed() -> None:
    data = b"---\non: T-4K9X2M7Q\nupdated_at: 2020-01-01\n---\nText\n"
    assert legacy.document_0(data, DocType.COMMENT) == data


@pytest.mark.parametrize(
    "text",
    [
        "---\nstatus: [done]\n---\n",
        "---\nstatus: a: b\n---\n",
        "---\nunclosed\n",
        "no frontmatter\n",
        "---\nupdated_at:\n  deep: 1\nmeta: {status: done}\n---\n",
    ],
)
def test_what_does_not_fit_is_never_lost(text: str) -> None:
    new = legacy.document_0(text.encode(), DocType.TASK).decode()
    assert new in (text, text.replace("updated_at:\n  deep: 1\n", ""))
