"""``rm``, ``rm --purge`` and ``restore``."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import attachments, checking, comments, create, reading, relations, remove
from wrkq_files.service.change import Options, Written
from wrkq_files.service.create import New

FORCE = Options(commit=True, force=True)


@pytest.fixture
def places(box: Sandbox) -> Sandbox:
    create.mkdir(box.tracker, ["portal", "portal/auth"], COMMIT)
    create.touch(box.tracker, ["portal/a", "portal/auth/b", "inbox/c"], New(), COMMIT)
    return box


def rm(box: Sandbox, *targets: str, options: Options = COMMIT, purge: bool = False, deep: bool = False) -> Written:
    return remove.rm(box.tracker, targets, options, purge=purge, recursive=deep)


def restore(box: Sandbox, *targets: str) -> Written:
    return remove.restore(box.tracker, targets, COMMIT)


def clean(box: Sandbox) -> None:
    assert box.repo.status() == []
    assert not list(checking.errors(checking.check(box.tracker)))


def shown(box: Sandbox, address: str) -> list[str]:
    return [entry.address for entry in reading.ls(box.tracker, [address]).entries]


def test_archived_and_back(places: Sandbox) -> None:
    before = places.text("portal/a.md")
    rm(places, "portal/a")
    assert "archived: 2026-01-19T" in places.text("portal/a.md")
    assert shown(places, "portal") == ["portal/auth"]
    assert rm(places, "portal/a").status == "unchanged"
    restore(places, "portal/a")
    assert places.text("portal/a.md") == before
    assert restore(places, "portal/a").status == "unchanged"
    clean(places)


def test_a_container_takes_what_it_holds_along(places: Sandbox) -> None:
    with pytest.raises(WrkqError, match="holds 3 documents") as caught:
        rm(places, "portal")
    assert caught.value.code == "refused"
    rm(places, "portal", deep=True)
    assert "archived" not in places.text("portal/a.md")
    assert shown(places, "/") == ["inbox"]
    with pytest.raises(WrkqError) as caught:
        restore(places, "portal/auth/b")
    assert (caught.value.code, caught.value.hint) == ("refused", "wrkq restore portal")
    restore(places, "portal")
    assert shown(places, "/") == ["inbox", "portal"]


def test_purge(places: Sandbox) -> None:
    identifier = create.touch(places.tracker, ["portal/x"], New(), COMMIT).ids[0]
    comments.add(places.tracker, identifier, "One", COMMIT)
    attachments.put(places.tracker, identifier, "f.txt", b"x", COMMIT)
    comments.add(places.tracker, "portal/a", "Stays", COMMIT)
    rm(places, identifier, purge=True)
    assert not (places.root / "portal/x.md").exists()
    assert not list(places.root.glob(f"_*/*/{identifier}/*"))
    assert len(comments.ls(places.tracker, "portal/a")) == 1
    clean(places)


def test_purge_of_a_container_takes_its_own_comments_and_references(places: Sandbox) -> None:
    area = comments.add(places.tracker, "portal/auth", "On the area", COMMIT).data["on"]
    relations.relate(places.tracker, "inbox/c", "relates-to", "portal/auth", COMMIT)
    with pytest.raises(WrkqError) as caught:
        rm(places, "portal/auth", purge=True, deep=True)
    assert caught.value.code == "refused"
    assert caught.value.details["references"][0]["to"] == area
    rm(places, "portal/auth", purge=True, deep=True, options=FORCE)
    assert not (places.root / "portal/auth").exists()
    assert "relates_to" not in places.text("inbox/c.md")
    assert not list(places.root.glob(f"_comments/*/{area}/*"))
    clean(places)


def test_references_from_within_go_along(places: Sandbox) -> None:
    relations.relate(places.tracker, "portal/a", "blocks", "portal/auth/b", COMMIT)
    relations.relate(places.tracker, "inbox/c", "blocks", "portal/a", COMMIT)
    rm(places, "portal", purge=True, deep=True)
    clean(places)


def test_purge_takes_every_kind_of_reference_out(places: Sandbox) -> None:
    for word in ("relates-to", "duplicate-of", "blocked-by"):
        relations.relate(places.tracker, "inbox/c", word, "portal/a", COMMIT)
    create.touch(places.tracker, ["portal/sub"], New(parent="portal/a"), COMMIT)
    rm(places, "portal/a", purge=True, options=FORCE)
    assert "parent" not in places.text("portal/sub.md")
    assert not {"relates_to", "duplicate_of", "blocked_by"} & set(
        places.text("inbox/c.md").replace(":", "\n").split()
    )
    clean(places)


def test_a_folder_without_a_document_has_no_comments_to_lose(places: Sandbox) -> None:
    comments.add(places.tracker, "inbox/c", "Stays", COMMIT)
    attachments.put(places.tracker, "inbox/c", "f.txt", b"x", COMMIT)
    places.write("bare/deep/t.md", "---\ntitle: T\n---\n")
    places.commit_all()
    with pytest.raises(WrkqError) as caught:
        rm(places, "bare", deep=True)
    assert caught.value.code == "not_found"
    rm(places, "bare", purge=True, deep=True)
    assert not (places.root / "bare").exists()
    assert len(comments.ls(places.tracker, "inbox/c")) == 1
    assert len(attachments.ls(places.tracker, "inbox/c")) == 1
    clean(places)


@pytest.mark.parametrize("purge", [False, True])
def test_the_root_stays(places: Sandbox, purge: bool) -> None:
    places.write("README.md", "---\ntitle: All\n---\n")
    places.commit_all()
    with pytest.raises(WrkqError, match="root"):
        rm(places, ".", purge=purge, deep=True, options=FORCE)
    assert (places.root / "wrkq.yaml").exists()


def test_several_and_globs(places: Sandbox) -> None:
    count = len(places.repo.log())
    rm(places, "portal/a", "inbox/*")
    assert len(places.repo.log()) == count + 1
    restore(places, "**/*")
    clean(places)


def test_what_was_never_committed_is_not_purged(places: Sandbox) -> None:
    places.write("portal/new.md", "---\ntitle: New\n---\n")
    with pytest.raises(WrkqError) as caught:
        rm(places, "portal", purge=True, deep=True)
    assert caught.value.code == "dirty_file"
    assert (places.root / "portal/new.md").exists()


def test_hand_made_ids_are_written_with_the_archiving(places: Sandbox) -> None:
    places.write("portal/hand.md", "---\ntitle: Hand\n---\n")
    places.commit_all()
    rm(places, "portal/hand")
    assert "\nid: T-" in places.text("portal/hand.md")
