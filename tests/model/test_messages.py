"""What commit messages tell, wherever trailers stand in them."""

from __future__ import annotations

import time

import pytest

from wrkq_files.model.messages import Operation, read

ONE = "01HZY3Q2T4N5M6P7R8S9V0W1X2"
TWO = "01HZY3Q2T4N5M6P7R8S9V0W1X3"
A, B = "T-4K9X2M7Q", "T-8W2D5H0C"


def test_an_operation_and_its_actor() -> None:
    told = read(f"portal: done\n\nWhy.\n\nWrkq-Op: {ONE} set {A} {B}\nWrkq-Actor: codex\nWrkq-Via: cli\n")
    assert told.subject == "portal: done"
    assert told.operations == (Operation(ONE, "set", (A, B), "codex"),)
    assert told.named == ()


def test_the_time_of_a_ulid() -> None:
    assert Operation("01ARZ3NDEKTSV4RRFFQ69G5FAV", "set", ()).time == 1469922850259  # the example of the ULID spec


def test_an_operation_of_two_words() -> None:
    assert read(f"x\n\nWrkq-Op: {ONE} check --fix {A}\n").operations == (Operation(ONE, "check --fix", (A,)),)


@pytest.mark.parametrize("line", ["Wrkq-Op: set T-1", f"Wrkq-Op: {ONE}", f"Wrkq-Op: {ONE[:-1]}U set", "Wrkq-Op:"])
def test_what_is_no_operation(line: str) -> None:
    assert read(f"x\n\n{line}\n").operations == ()


def test_operations_of_two_actors() -> None:
    message = f"x\n\nWrkq-Op: {ONE} set {A}\nWrkq-Actor: codex\nWrkq-Op: {TWO} set {B}\nWrkq-Actor: mara\n"
    assert [(each.ulid, each.actor) for each in read(message).operations] == [(ONE, "codex"), (TWO, "mara")]


def test_two_actors_below_two_operations_belong_to_neither() -> None:
    told = read(f"x\n\nWrkq-Op: {ONE} set {A}\nWrkq-Op: {TWO} set {B}\nWrkq-Actor: codex\nWrkq-Actor: mara\n")
    assert [each.actor for each in told.operations] == ["", ""]
    assert told.actors == ("codex", "mara")


def test_another_trailer_in_between() -> None:
    told = read(f"x\n\nWrkq-Op: {ONE} set {A}\nSigned-off-by: A <a@b.c>\nWrkq-Actor: codex\n")
    assert told.operations[0].actor == "codex"


def test_a_squash_on_a_host() -> None:
    told = read(
        f"Land it (#12)\n\n* one thing\n\nWrkq-Op: {ONE} set {A}\nWrkq-Actor: codex\n\n* another\n\nmore words\n\n"
        f"Wrkq-Op: {TWO} set {B}\nWrkq-Actor: mara\n\n---------\n\nCo-authored-by: Ann <ann@example.org>\n"
    )
    assert [(each.item, each.actor) for each in told.operations] == [("one thing", "codex"), ("another", "mara")]
    assert told.coauthors == (("Ann", "ann@example.org"),)


def test_a_squash_by_git() -> None:
    head = "Squashed commit of the following:\n\n"
    commit = f"commit {'a' * 40}\nAuthor: A <a@b.c>\nDate:   now\n\n    one thing\n    \n    Wrkq-Op: {ONE} set {A}\n"
    told = read(head + commit)
    assert told.operations == (Operation(ONE, "set", (A,), item="one thing"),)


def test_an_operation_that_stands_twice_is_one() -> None:
    assert len(read(f"x\n\nWrkq-Op: {ONE} set {A}\n\nWrkq-Op: {ONE} set {A}\n").operations) == 1


def test_lines_of_windows() -> None:
    told = read(f"x\r\n\r\nWrkq-Op: {ONE} set {A}\r\nWrkq-Actor: codex\r\n")
    assert told.operations == (Operation(ONE, "set", (A,), "codex"),)


@pytest.mark.parametrize(
    ("text", "named", "closed"),
    [
        (f"see {A}", (A,), set()),
        (f"closes {A}", (A,), {A}),
        (f"Fixed: {A}, {B}", (A, B), {A, B}),
        (f"resolves #{A.lower()} and {B}", (A, B), {A, B}),
        (f"this closes the case; see {A}", (A,), set()),
        (f"unfixed {A}", (A,), set()),
        (f"{A}-extra x{B}", (), set()),
        ("T-4K9X2M7U", (), set()),  # no U in Crockford's base32
    ],
)
def test_ids_in_the_text(text: str, named: tuple[str, ...], closed: set[str]) -> None:
    told = read(text)
    assert (told.named, set(told.closed)) == (named, closed)


@pytest.mark.parametrize(
    "line",
    [
        f"Wrkq-Op:{' ' * 10**5}x",
        f"Co-authored-by: {'a ' * 10**5}",
        f"closes{' ' * 10**5}x",
        "closes " * 10**5,
        "- " * 10**5,
    ],
    ids=["op", "person", "closes", "often", "words"],
)
def test_a_hostile_message_costs_no_time(line: str) -> None:
    begin = time.process_time()
    read(f"x\n\n{line}\n")
    assert time.process_time() - begin < 2


def test_a_revert_names_its_commit() -> None:
    assert read(f'Revert "x"\n\nThis reverts commit {"b" * 40}.\n').reverts == "b" * 40
    assert read("This reverts commit nothing").reverts == ""
