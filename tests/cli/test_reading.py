"""Lists, trees, documents, findings: what people and programs see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import run

TASK = "portal/auth/login-ux"


def paths(site: Path, *words: str) -> list[str]:
    done = run(*words, "-1", cwd=site)
    assert done.exit == 0, done.err
    return done.lines


def test_ls_shows_state_priority_place_and_title(site: Path) -> None:
    first, second = run("ls", "portal", cwd=site).lines
    assert first.split()[1:] == ["feature", "portal/auth/", "Auth"]
    assert second.split()[1:] == ["open", "P1", "portal/rotate-keys", "Rotate", "keys"]


def test_ls_long_and_recursive(site: Path) -> None:
    text = run("ls", "-lR", "portal", cwd=site).out
    assert "2026-02-01" in text
    assert "0/2" in text
    assert "subtask" in text
    assert "ux" in text


def test_ls_all_shows_notes(site: Path) -> None:
    (site / "wrkq/portal/hints.md").write_text("# Hints\n")
    assert "note" in run("ls", "-a", "portal", cwd=site).out
    rows = run("ls", "-a", "portal", "--json", "--fields", "type,path", cwd=site).json
    assert {"type": "note", "path": "portal/hints.md"} in rows
    assert "hints" not in run("ls", "portal", cwd=site).out


def test_ls_of_the_working_directory(site: Path) -> None:
    assert run("ls", "-1", cwd=site / "wrkq/portal").lines == paths(site, "ls", "portal")


def test_tree_nests_subtasks(site: Path) -> None:
    lines = run("tree", "portal", cwd=site).lines
    assert lines == [
        "portal/",
        "├── auth/  Auth  feature",
        "│   └── login-ux  Login UX  blocked",
        "│       └── login-ux-google  With Google",
        "└── rotate-keys  Rotate keys  P1",
    ]
    [auth, _] = run("tree", "portal", "--json", cwd=site).json
    assert auth["children"][0]["children"][0]["path"] == "portal/auth/login-ux-google"
    assert run("tree", "--depth", "1", cwd=site).lines == [
        "wrkq/",
        "├── inbox/  Inbox  area",
        "└── portal/  Portal  project",
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--type p portal", ["portal/auth"]),
        ("--type task,container */auth", ["portal/auth"]),
        ("--state completed", ["portal/auth/old"]),
        ("--effective-state blocked", [TASK]),
        ("--kind subtask", [f"{TASK}-google"]),
        ("--label ux", [TASK]),
        ("--any-label ux,api", [TASK]),
        ("--assignee none portal/rotate-keys", ["portal/rotate-keys"]),
        ("--assignee me", []),
        ("--reviewer agent-codex", []),
        ("--priority high,1", ["portal/rotate-keys"]),
        (f"--parent {TASK}", [f"{TASK}-google"]),
        ("--due-before 2026-02-02", ["portal/rotate-keys"]),
        ("--due-after 2026-02-02", []),
        ("--section-role ready --label ux", [TASK]),
        ("--text button", [TASK]),
        ("portal/auth/**", [f"{TASK}-google", TASK]),
        ("*/*/login-*google", [f"{TASK}-google"]),
        ("portal/auth", [f"{TASK}-google", TASK]),
        ("wrkq/portal/rotate-keys.md", ["portal/rotate-keys"]),
        ("-a portal/auth", [f"{TASK}-google", TASK, "portal/auth/old"]),
        ("--archived", []),
        ("--score 3", []),
        ("--source github:x", []),
    ],
)
def test_find(site: Path, words: str, found: list[str]) -> None:
    assert sorted(paths(site, "find", *words.split())) == sorted(found)


def test_find_archived(site: Path) -> None:
    run("rm", "portal/rotate-keys", cwd=site)
    assert paths(site, "find", "--archived") == ["portal/rotate-keys"]
    assert run("find", "portal/rotate-keys", cwd=site).err == "1 archived hidden; -a shows it\n"


@pytest.mark.parametrize("words", ["--type x", "--state x", "--priority 9", "--due-before soon", "--priority low,0"])
def test_find_refuses_what_it_does_not_know(site: Path, words: str) -> None:
    assert run("find", *words.split(), cwd=site).exit == 2


def test_sorted_pages(site: Path) -> None:
    whole = paths(site, "find", "-a", "--sort", "-priority,path")
    assert whole[-1] == "portal/rotate-keys"
    seen: list[str] = []
    cursor: tuple[str, ...] = ()
    while True:
        done = run("find", "-a", "--json", "--sort", "-priority,path", "--limit", "1", *cursor, cwd=site)
        seen += [row["path"] for row in done.json]
        if "next_cursor" not in done.err:
            break
        cursor = ("--cursor", done.told("meta")["next_cursor"])
    assert seen == whole


@pytest.mark.parametrize("command", ["queue --all-states", "groom"])
def test_pages_of_what_is_in_an_order_of_its_own(site: Path, command: str) -> None:
    run("set", "portal/rotate-keys", "--due", "2020-01-01", cwd=site)
    run("set", TASK, "--due", "2020-01-01", cwd=site)
    run("touch", "portal/scored", "--score", "effort=3", cwd=site)
    whole = run(*command.split(), "--json", cwd=site).json
    assert len({row["id"] for row in whole}) < len(whole) or command != "groom", "a task may come twice"
    seen: list[dict[str, str]] = []
    cursor: tuple[str, ...] = ()
    for _ in whole:
        done = run(*command.split(), "--json", "--limit", "1", *cursor, cwd=site)
        seen += done.json
        if len(seen) < len(whole):
            cursor = ("--cursor", done.told("meta")["next_cursor"])
    names = ("what", "id")
    assert [[row.get(name) for name in names] for row in seen] == [[row.get(name) for name in names] for row in whole]


def test_fields_in_a_table_have_heads_on_a_terminal(site: Path) -> None:
    done = run("find", "--fields", "path,labels", "--label", "ux", cwd=site, terminal=True)
    assert [line.split() for line in done.lines[-1:]] == [[TASK, "ux"]]
    assert "PATH" in done.lines[0]


def test_search_shows_the_words_in_their_place(site: Path) -> None:
    head, words = run("search", "button", cwd=site).lines
    assert TASK in head
    assert "sign-in button" in words
    [row] = run("search", "button", "--json", cwd=site).json
    assert row["path"] == TASK
    assert row["relevance"] > 0
    assert "\x1b[1;33mbutton\x1b[0m" in run("search", "button", cwd=site, terminal=True).out


def test_search_looks_into_comments_when_asked(site: Path) -> None:
    assert run("search", "Firefox", cwd=site).out == ""
    assert "Firefox" in run("search", "Firefox", "-t", "c", cwd=site).out


def test_cat_is_the_file(site: Path) -> None:
    place = site / "wrkq" / f"{TASK}.md"
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n")[:-2])
    assert run("cat", TASK, cwd=site).raw == place.read_bytes()


def test_cat_of_several_names_each(site: Path) -> None:
    lines = run("cat", TASK, "portal", cwd=site).lines
    assert lines[0] == f"==> {TASK}.md <=="
    assert "==> portal/README.md <==" in lines
    shown = run("cat", TASK, "--json", cwd=site).json[0]
    assert shown["body"].startswith("Users cannot find")
    assert shown["fields"]["labels"] == ["ux"]


@pytest.mark.parametrize("value", ["5", "x", "[1, x]", "{a: 1}", "[{a: 1}, 5]"])
def test_unknown_keys_of_any_shape_are_shown(site: Path, value: str) -> None:
    place = site / "wrkq/portal/README.md"
    more = "".join(f"{name}: {value}\n" for name in ("blocked_by", "assignee", "score", "colour"))
    place.write_text(place.read_text().replace("---\n", f"---\n{more}", 1))
    for words in (("stat", "portal"), ("stat", "-r", "portal"), ("ls", "-l"), ("cat", "portal", "--json")):
        done = run(*words, cwd=site)
        assert done.exit == 0, done.err
    assert "\nblocked_by " in run("stat", "portal", cwd=site).out
    assert run("set", "portal", "--title", "New", "--with-edits", cwd=site).exit == 0


def test_stat_says_everything(site: Path) -> None:
    text = run("stat", TASK, cwd=site).out
    assert "effective_state  blocked" in text
    assert "2 [ ]* Keyboard focus lands on it" in text
    [facts] = run("stat", TASK, "--json", cwd=site).json
    assert facts["criteria_open"] == 2
    assert len(facts["etag"]) == 40
    assert run("stat", TASK, "-1", "--fields", "etag", cwd=site).lines == [facts["etag"]]


def test_targets_from_standard_input(site: Path) -> None:
    names = "\n".join(paths(site, "find", "portal"))
    assert run("stat", "-", "-1", cwd=site, stdin=names).lines == names.splitlines()
    nul = run("find", "portal", "-0", cwd=site).out
    assert run("stat", "-", "-1", cwd=site, stdin=nul).lines == names.splitlines()


def test_check_shows_place_line_and_caret(site: Path) -> None:
    (site / "wrkq/portal/broken.md").write_text("---\ntitle: Leases: who\n---\n")
    done = run("check", cwd=site)
    assert done.exit == 1
    place, line, caret, *_ = done.lines
    assert place.startswith("wrkq/portal/broken.md:2:")
    assert ": error: " in place
    assert place.endswith("[yaml-syntax]")
    assert line == "    title: Leases: who"
    assert caret.strip() == "^"
    assert line[caret.index("^")] == line[3 + int(place.split(":")[2])]
    assert done.err == "1 error\n"
    [row] = run("check", "--json", cwd=site / "wrkq").json
    assert (row["path"], row["file"], row["line"]) == ("portal/broken.md", "portal/broken.md", 2)


def test_check_of_a_target_and_strictness(site: Path) -> None:
    assert run("check", cwd=site).exit == 0
    (site / "wrkq/portal/warn.md").write_text("---\ntitle: Warn\nstate: in_progress\nunknown_thing: 1\n---\n")
    assert run("check", cwd=site).exit == 0
    assert run("check", "--strict", cwd=site).exit == 1
    assert run("check", "--strict", "portal/auth", cwd=site).exit == 0
    assert "notice" in run("check", cwd=site).out
    assert "notice" not in run("check", "-q", cwd=site).out


def test_comments(site: Path) -> None:
    [comment] = run("comment", "ls", TASK, "--json", cwd=site).json
    assert (comment["author"], comment["kind"], comment["body"].strip()) == (
        "robin",
        "blocker",
        "Focus is lost on Firefox",
    )
    text = run("comment", "ls", TASK, cwd=site).out
    assert "blocker" in text
    assert "    Focus is lost on Firefox" in text
    assert run("comment", "cat", comment["id"][:5], cwd=site).out.startswith("---\nid: C-")
    run("comment", "rm", comment["id"], cwd=site)
    gone = run("comment", "ls", TASK, cwd=site)
    assert (gone.out, gone.err) == ("", "1 withdrawn hidden; -a shows it\n")
    assert "withdrawn" in run("comment", "ls", TASK, "-a", cwd=site).out


def test_attachments(site: Path, tmp_path: Path) -> None:
    assert run("attach", "ls", TASK, cwd=site).out.split()[:2] == ["10", "shot.txt"]
    assert run("attach", "get", TASK, "shot.txt", cwd=site).raw == b"a picture\n"
    assert run("attach", "get", TASK, "shot.txt", "-o", str(tmp_path), cwd=site).exit == 0
    again = run("attach", "get", TASK, "shot.txt", "-o", str(tmp_path), cwd=site)
    assert (again.exit, "--force" in again.err) == (1, True)
    assert run("attach", "get", TASK, "shot.txt", "-o", str(tmp_path), "--force", cwd=site).exit == 0
    assert run("attach", "put", TASK, "-", "--name", "b.bin", cwd=site, stdin=b"\0\1").exit == 0
    assert run("attach", "get", TASK, "b.bin", cwd=site).raw == b"\0\1"
    assert run("attach", "get", TASK, "b.bin", cwd=site, terminal=True).exit == 1
    assert run("attach", "put", TASK, "-", cwd=site).exit == 2


def test_status(site: Path) -> None:
    assert "nothing to commit in the tracker" in run("status", cwd=site).out
    place = site / "wrkq/portal/rotate-keys.md"
    place.write_text(place.read_text().replace("priority: 1", "priority: 2"))
    (site / "wrkq/portal/bad.md").write_text("---\ntitle: a: b\n---\n")
    done = run("status", cwd=site)
    assert "2 files not committed (wrkq commit):" in done.out
    assert "priority 2" in done.out
    assert "cannot be read" in done.err
    facts = run("status", "--json", cwd=site).json
    assert {each["status"] for each in facts["pending"]} == {"changed", "created"}
    assert facts["actor"] == {"actor": "robin", "role": "human", "source": "git"}


def test_version() -> None:
    assert run("version", "--json").json["machine_interface_version"] == 1
    assert run("version").out.startswith("wrkq-files ")
