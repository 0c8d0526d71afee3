"""What waits for what, as people and programs see it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import run

TASK, KEYS = "portal/auth/login-ux", "portal/rotate-keys"


def identifier(site: Path, address: str) -> str:
    return str(run("stat", address, "--json", cwd=site).json[0]["id"])


def by_hand(site: Path, address: str, line: str) -> None:
    place = site / f"wrkq/{address}.md"
    place.write_text(place.read_text().replace("\n---", f"\n{line}\n---", 1))


def test_a_tree_with_what_finishing_the_task_would_free(site: Path) -> None:
    task, keys = identifier(site, TASK), identifier(site, KEYS)
    assert run("graph", TASK, cwd=site).lines == [
        f"{task}  blocked  Login UX",
        f"└── {keys}  open  Rotate keys",
        "",
        "nothing waits for it",
    ]
    assert run("graph", KEYS, "--reverse", cwd=site).lines == [
        f"{keys}  open  Rotate keys",
        f"└── {task}  blocked  Login UX",
        "",
        f"finishing it frees 1: {task} (login-ux)",
        "1 waits for it, directly or not",
    ]
    told = run("graph", KEYS, "--json", cwd=site).json
    assert [each["id"] for each in told["nodes"]] == [keys]
    assert (told["edges"], told["waiting"]) == ([], 1)
    assert told["frees"] == [{"id": task, "path": TASK, "title": "Login UX"}]


def test_edges_lead_from_the_one_that_blocks(site: Path) -> None:
    edge = {"from": identifier(site, KEYS), "to": identifier(site, TASK)}
    for words in ((), ("--reverse",), (TASK,), (KEYS, "--reverse")):
        assert run("graph", *words, "--json", cwd=site).json["edges"] == [edge]
    assert (
        f"n{edge['from']} --> n{edge['to']}".replace("T-", "T") in run("graph", "--format", "mermaid", cwd=site).out
    )
    assert f'"{edge["from"]}" -> "{edge["to"]}"' in run("graph", "--format", "dot", cwd=site).out


def test_signs(site: Path) -> None:
    """Login waits for the keys, for what is missing, and for itself; the subtask for both."""
    task, keys, google = (identifier(site, each) for each in (TASK, KEYS, f"{TASK}-google"))
    text = (site / f"wrkq/{TASK}.md").read_text()
    (site / f"wrkq/{TASK}.md").write_text(text.replace(f"- {keys}", f"- {keys}\n  - T-ZZZZZZZ9\n  - {task}"))
    by_hand(site, f"{TASK}-google", f"blocked_by: [{keys}, {task}]")
    assert run("graph", f"{TASK}-google", cwd=site).lines[:5] == [
        f"{google}  blocked  With Google",
        f"├── {task}  blocked  Login UX",
        f"│   ├── {task}  blocked  Login UX  (a cycle: it waits for itself)",
        f"│   ├── {keys}  open  Rotate keys  (shown below)",
        "│   └── T-ZZZZZZZ9  missing",
    ]
    assert {"id": "T-ZZZZZZZ9", "missing": True} in run("graph", TASK, "--json", cwd=site).json["nodes"]
    cut = run("graph", f"{TASK}-google", "--depth", "1", "--json", cwd=site)
    assert cut.told("meta")["deeper"] == 1
    assert (
        f"├── {task}  blocked  Login UX  … 1 more" in run("graph", f"{TASK}-google", "--depth", "1", cwd=site).lines
    )


def test_closed_tasks_are_counted_and_shown_on_demand(site: Path) -> None:
    assert run("done", KEYS, cwd=site).exit == 0
    done = run("graph", cwd=site)
    assert (done.out, done.err) == ("", "no open task waits for another\n1 closed hidden; -a shows it\n")
    assert "completed" in run("graph", "-a", cwd=site).lines[0]
    assert ":::closed" in run("graph", "-a", "--format", "mermaid", cwd=site).out


def test_titles_drive_no_terminal_and_no_diagram(site: Path) -> None:
    place = site / f"wrkq/{KEYS}.md"
    place.write_text(place.read_text().replace("title: Rotate keys", r'title: "a\u202e\"] --> b\\"'))
    keys = identifier(site, KEYS)
    assert run("graph", cwd=site).lines[0] == f'{keys}  open  a"] --> b\\'
    label = f'["{keys} open<br/>a #34;#93; --#62; b#92;"]'
    assert run("graph", "--format", "mermaid", cwd=site).lines[1].endswith(label)
    label = f'[label="{keys} open\\na \\"] --> b\\\\"]'
    assert run("graph", "--format", "dot", cwd=site).lines[3].endswith(label)


def test_one_form_at_a_time(site: Path) -> None:
    assert run("graph", "--json", "--format", "dot", cwd=site).exit == 2
    assert run("graph", "--format", "svg", cwd=site).exit == 2


def test_a_deep_chain_is_drawn_as_deep_as_it_can_be_read(site: Path) -> None:
    ids = [f"T-{number:08d}" for number in range(120)]
    for number, each in enumerate(ids):
        waits = f"blocked_by: [{ids[number + 1]}]\n" if number + 1 < len(ids) else ""
        (site / f"wrkq/inbox/t{number}.md").write_text(f"---\ntitle: T\nid: {each}\n{waits}---\n")
    done = run("graph", ids[0], cwd=site)
    shown = sum(line.lstrip("└─ ").startswith("T-") for line in done.lines)
    assert f"{len(ids) - shown} tasks lie deeper than {shown - 1}; " in done.err
    assert run("graph", ids[0], "--depth", "119", cwd=site).err == ""
    assert len(run("graph", ids[0], "--json", cwd=site).json["nodes"]) == len(ids)
