"""Tasks that may be there twice, as people and programs see them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import run

TWIN = "Rotate the keys"


def test_add_names_what_is_similar(site: Path) -> None:
    done = run("add", TWIN, cwd=site)
    made, keys = done.out.split()[0], run("stat", "portal/rotate-keys", "--json", cwd=site).json[0]["id"]
    assert (done.exit, done.err.splitlines()) == (
        0,
        [
            f"similar: {keys}  portal/rotate-keys  open  Rotate keys",
            f"  if it is the same: wrkq set {made} --duplicate-of {keys}",
        ],
    )
    assert run("set", made, "--duplicate-of", keys, cwd=site).exit == 0


def test_programs_are_told_beside_the_answer(site: Path) -> None:
    done = run("touch", "portal/x", "--title", TWIN, "--json", cwd=site)
    assert done.json[0]["path"] == "portal/x"
    [told] = done.told("meta")["similar"]
    assert (told["path"], told["state"], told["title"], told["score"]) == (
        "portal/rotate-keys",
        "open",
        "Rotate keys",
        1.0,
    )


def test_who_does_not_want_to_know_is_not_told(site: Path) -> None:
    assert run("add", TWIN, "--quiet", cwd=site).err == ""
    assert run("touch", "portal/rotate-all-keys", "-q", cwd=site).err == ""


def test_nobody_is_told_of_many_at_once(site: Path) -> None:
    assert run("touch", "portal/rotate-the-key", "inbox/rotate-the-key", cwd=site).err == ""
    assert run("batch", "-", cwd=site, stdin='{"op": "add", "title": "Rotate keys"}\n').err == ""


def test_a_dry_run_tells_it_too(site: Path) -> None:
    done = run("add", TWIN, "--dry-run", cwd=site)
    assert "similar: " in done.err
    assert "--duplicate-of" not in done.err


def test_a_title_of_a_stranger_drives_no_terminal(site: Path) -> None:
    place = site / "wrkq/portal/rotate-keys.md"
    place.write_text(place.read_text().replace("title: Rotate keys", r'title: "Rotate\u202e keys"'))
    assert run("find", cwd=site).exit == 0
    for done in (run("add", TWIN, cwd=site), run("duplicates", cwd=site)):
        assert "Rotate keys" in done.out + done.err
        assert "\u202e" not in done.out + done.err


def test_pairs_in_every_form(site: Path) -> None:
    assert run("add", TWIN, "-q", cwd=site).exit == 0
    [pair] = run("duplicates", "--json", cwd=site).json
    assert list(pair) == ["score", "id", "path", "title", "other_id", "other_path", "other_title", "why"]
    assert (pair["score"], pair["path"], pair["other_path"]) == (1.0, "inbox/rotate-the-keys", "portal/rotate-keys")
    assert pair["why"] == "key, rotate"
    lines = run("duplicates", cwd=site).lines
    assert [line.split()[0] for line in lines] == ["1.00", pair["other_id"], "key,"]
    assert (
        run("duplicates", "--tsv", "--fields", "why,state,other_state", cwd=site).lines[1]
        == "key, rotate\topen\topen"
    )
    assert run("duplicates", "portal", cwd=site).err.startswith("no pair reaches 0.4\n")
    assert run("duplicates", "--fields", "colour", cwd=site).exit == 2


def test_a_score_is_from_0_to_1(site: Path) -> None:
    for score in ("2", "-0.1", "nan", "x"):
        assert run("duplicates", "--min-score", score, cwd=site).exit == 2


def test_pages(site: Path) -> None:
    for title in ("Same thing", "Same thing", "Same thing", "Same thing"):
        run("add", title, "-q", cwd=site)
    whole = run("duplicates", "--json", "--fields", "id", cwd=site).json
    first = run("duplicates", "--json", "--fields", "id", "--limit", "2", cwd=site)
    cursor = first.told("meta")["next_cursor"]
    assert [*first.json, *run("duplicates", "--json", "--fields", "id", "--cursor", cursor, cwd=site).json] == whole
    assert len(whole) == 3
