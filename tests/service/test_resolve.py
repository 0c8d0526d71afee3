"""From words to documents: the order of lookup, selectors, globs, and what is refused."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model.fields import DocType
from wrkq_files.service import comments, create, resolve

EVERY = (DocType.TASK, DocType.CONTAINER, DocType.COMMENT)
IDS = {"portal/a": "T-4K9AAAAA", "portal/auth/b": "T-4K9BBBBB", "inbox/c": "T-7ZZCCCCC", "portal/deed": "T-8ZZDDDDD"}


@pytest.fixture
def places(box: Sandbox) -> Sandbox:
    create.mkdir(box.tracker, ["portal", "portal/auth"], FILES_ONLY)
    for address, identifier in IDS.items():
        box.write(f"{address}.md", f"---\ntitle: {address}\nid: {identifier}\n---\n")
    box.commit_all()
    return box


def named(box: Sandbox, text: str, types: tuple[DocType, ...] = resolve.ANY) -> list[str]:
    return [entry.address for entry in resolve.named(box.tracker, text, types)]


def one(box: Sandbox, text: str) -> Entry:
    return resolve.one(box.tracker, text)


def code(box: Sandbox, text: str, types: tuple[DocType, ...] = resolve.ANY) -> str:
    with pytest.raises(WrkqError) as caught:
        resolve.one(box.tracker, text, types)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("T-4K9AAAAA", "portal/a"),
        ("t-4k9aaaaa", "portal/a"),
        ("t:T-4K9AAAAA", "portal/a"),
        ("T-4K9A", "portal/a"),
        ("4k9a", "portal/a"),
        ("t:4k9a", "portal/a"),
        ("7zz", "inbox/c"),
        ("portal/a", "portal/a"),
        ("portal/a.md", "portal/a"),
        ("/portal/a", "portal/a"),
        ("./portal/../portal/a", "portal/a"),
        ("wrkq/portal/a.md", "portal/a"),
        ("wrkq/portal/a", "portal/a"),
        ("portal", "portal"),
        ("portal/", "portal"),
        ("portal/README.md", "portal"),
        ("p:portal", "portal"),
        ("t:portal/a", "portal/a"),
    ],
)
def test_one(places: Sandbox, text: str, address: str) -> None:
    assert one(places, text).address == address


def test_from_a_folder_inside(places: Sandbox) -> None:
    places.cwd = places.root / "portal"
    for text in ("a", "a.md", "./a", "../portal/a", "portal/a", str(places.root / "portal/a.md")):
        assert named(places, text) == ["portal/a"], text
    assert named(places, ".") == ["portal"]
    assert named(places, "../inbox/c") == ["inbox/c"]
    assert named(places, "*") == ["portal/a", "portal/auth", "portal/deed"]
    assert named(places, "inbox/*") == ["inbox/c"]
    places.write("portal/inbox/c.md", "---\ntitle: nearer\n---\n")
    assert named(places, "inbox/c") == ["portal/inbox/c"]
    assert named(places, "/inbox/c") == ["inbox/c"]


def test_an_id_wins_over_a_path(places: Sandbox) -> None:
    places.write("4k9a.md", "---\ntitle: x\n---\n")
    assert named(places, "4k9a") == ["4k9a"]
    assert named(places, "T-4K9AAAAA") == ["portal/a"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("portal/*", ["portal/a", "portal/auth", "portal/deed"]),
        ("t:portal/*", ["portal/a", "portal/deed"]),
        ("p:**", ["inbox", "portal", "portal/auth"]),
        ("portal/?", ["portal/a"]),
        ("portal/[ab]", ["portal/a"]),
        ("**/b", ["portal/auth/b"]),
        ("portal/**", ["portal/a", "portal/auth", "portal/auth/b", "portal/deed"]),
        ("portal/a*.md", ["portal/a", "portal/auth"]),
        ("wrkq/inbox/*", ["inbox/c"]),
    ],
)
def test_globs(places: Sandbox, pattern: str, found: list[str]) -> None:
    assert sorted(named(places, pattern)) == found


def test_several_each_once_in_order(places: Sandbox) -> None:
    found = resolve.many(places.tracker, ["inbox/c", "**/b", "T-7ZZ", "portal/auth/*"])
    assert [entry.address for entry in found] == ["inbox/c", "portal/auth/b"]


def test_ambiguous(places: Sandbox) -> None:
    for text in ("4k9", "T-4K9", "portal/*"):
        with pytest.raises(WrkqError) as caught:
            one(places, text)
        assert (caught.value.code, caught.value.exit_status) == ("ambiguous", 2)
    assert {each["id"] for each in caught.value.details["candidates"]} >= {"T-4K9AAAAA"}
    with pytest.raises(WrkqError, match="T-4K9AAAAA portal/a; T-4K9BBBBB portal/auth/b"):
        resolve.many(places.tracker, ["4k9"])
    places.write("portal.md", "---\ntitle: Twin\n---\n")
    assert code(places, "portal") == "ambiguous"


def test_not_found_suggests(places: Sandbox) -> None:
    for text, near in (("portal/ded", "portal/deed"), ("dede", "portal/deed"), ("inbx", "inbox")):
        with pytest.raises(WrkqError) as caught:
            one(places, text)
        assert (caught.value.code, caught.value.exit_status) == ("not_found", 3)
        assert near in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "..",
        "../..",
        "../../etc/passwd",
        "/etc/passwd",
        "wrkq/../../x",
        "portal/../../..",
        "T-4K",
        "zz",
        "T-",
        "t:",
        "T-00000000",
        "*.rs",
        "nope/**",
        "portal/a/b",
        "x" * 5000,
        "a\0b",
        "a\nb",
        "Ｔ-4K9",
        "T-４K9",
        "t-4k9ſ",
        "_comments",
        "wrkq.yaml",
        ".git",
        "-",
        "--help",
        "README.md",
        "\udcff",
        "c:4k9",
        "~",
        "%s",
        "{}",
    ],
)
def test_what_is_nowhere(places: Sandbox, text: str) -> None:
    assert code(places, text) in ("not_found", "usage")
    with pytest.raises(WrkqError):
        resolve.many(places.tracker, [text])


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_word_is_never_the_whole_tracker(places: Sandbox, text: str) -> None:
    places.write("README.md", "---\ntitle: All\n---\n")
    assert code(places, text) == "usage"
    with pytest.raises(WrkqError):
        resolve.container_address(places.tracker, text)


def test_selectors_keep_to_what_is_allowed(places: Sandbox) -> None:
    identifier = comments.add(places.tracker, "portal/a", "Hi", COMMIT).data["id"]
    for text in (identifier, f"c:{identifier}", f"c:{identifier[2:6]}", identifier[:6]):
        assert resolve.one(places.tracker, text, EVERY).id == identifier
    assert code(places, f"c:{identifier}") == "usage"
    assert code(places, identifier) == "not_found"
    assert resolve.one(places.tracker, identifier[2:6], (DocType.COMMENT,)).id == identifier
    assert code(places, "p:portal/a") == "not_found"
    assert code(places, "x:portal/a") == "not_found"


def test_files_that_cannot_be_read_are_named(places: Sandbox) -> None:
    places.write("portal/a.md", f"---\ntitle: [\nid: {IDS['portal/a']}\n---\n")
    for text in ("portal/a", "portal/a.md", "wrkq/portal/a.md", IDS["portal/a"]):
        with pytest.raises(WrkqError, match=r"portal/a\.md:[0-9]+:") as caught:
            one(places, text)
        assert caught.value.code == "unreadable"


def test_containers(places: Sandbox) -> None:
    tracker = places.tracker
    identifier = resolve.one(tracker, "portal").id
    for text in (
        "portal",
        "portal/",
        "/portal",
        "p:portal",
        identifier,
        identifier.lower(),
        identifier[:6],
        "wrkq/portal",
    ):
        assert resolve.container_address(tracker, text) == "portal", text
    assert resolve.container_address(tracker, "/") == ""
    assert resolve.container_address(tracker, ".") == ""
    for text in ("..", "../..", "../x", "portal/../../.."):
        with pytest.raises(WrkqError) as caught:
            resolve.container_address(tracker, text)
        assert caught.value.code == "refused"


def test_links(places: Sandbox) -> None:
    outside = places.repo.path / "outside.md"
    outside.write_text("---\ntitle: Outside\n---\n")
    (places.root / "portal/link.md").symlink_to(outside)
    (places.root / "portal/folder").symlink_to(places.root / "inbox")
    for text in ("portal/link", "portal/folder/c", "portal/link.md"):
        assert code(places, text) in ("not_found", "unreadable", "refused"), text
    assert named(places, "**/c") == ["inbox/c"]
    with pytest.raises(WrkqError):
        create.touch(places.tracker, ["portal/folder/new"], create.New(), COMMIT)
    assert not (places.root / "inbox/new.md").exists()


def test_two_of_one_id_are_ambiguous(places: Sandbox) -> None:
    places.write("inbox/copy.md", places.text("portal/a.md"))
    assert code(places, IDS["portal/a"]) == "ambiguous"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("\n---\ntitle: A\n---\n", "first line of exactly `---`"),
        ("-----\ntitle: A\n-----\n", "first line of exactly `---`"),
        ('{\n"title": "A"\n}\n', "is json"),
        ("# A\n", "begin it with `---`"),
    ],
)
def test_a_file_that_is_no_document_is_called_a_note(places: Sandbox, text: str, hint: str) -> None:
    places.write("portal/note.md", text)
    for name in ("portal/note", "portal/note.md", "note"):
        places.cwd = places.root / "portal" if name == "note" else places.repo.path
        with pytest.raises(WrkqError) as caught:
            one(places, name)
        assert (caught.value.code, caught.value.message) == (
            "not_found",
            "portal/note.md is a note: it has no frontmatter",
        )
        assert hint in caught.value.hint


def test_another_type_than_is_meant_is_said(places: Sandbox) -> None:
    with pytest.raises(WrkqError) as caught:
        resolve.one(places.tracker, "portal", (DocType.TASK,))
    assert (caught.value.code, caught.value.message) == (
        "not_found",
        "`portal` is a container, and a task is meant here",
    )


@pytest.mark.parametrize("text", ["T-4", "t-", "T-ZZ"])
def test_a_beginning_that_is_too_short_is_said(places: Sandbox, text: str) -> None:
    with pytest.raises(WrkqError) as caught:
        one(places, text)
    assert "at least 3 characters" in caught.value.hint
