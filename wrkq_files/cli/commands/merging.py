"""What git calls to merge one file. Git decides by the exit status."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files.cli.request import request


def merge_driver(
    ctx: typer.Context,
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="The file that both sides began with (%O); empty: none.")
    ],
    ours: Annotated[str, typer.Argument(metavar="OURS", help="Our side's file (%A): the result goes into it.")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help="The other side's file (%B).")],
    size: Annotated[int, typer.Argument(metavar="SIZE", min=1, help="How many characters a marker has (%L).")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="The file's path in the repository (%P).")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAMES", help="What the sides are called (%X %Y).")
    ] = None,
) -> int:
    """Merge three versions of a file, as git's merge driver.

    Git runs it where `wrkq hooks install` has put it in. It prints `clean` (exit 0) or `conflict` (exit 1) once the
    result is in the file; where it says neither, it has not done its work.
    """
    from wrkq_files.service import driver

    ask = request(ctx)
    top = ask.door.cwd
    sides = driver.Sides(top / base, top / ours, top / theirs)
    done = driver.merge(top, sides, path, labels=driver.labels(tuple(names or ())), marker_size=size)
    if done.failure:
        ask.out.warn(f"{path}: merged by lines: {done.failure}")
    said = "clean" if done.clean else "conflict"
    if ask.form.is_json:
        ask.out.object({"file": path, "merged": said})
    else:
        ask.out.line(said)
    return 0 if done.clean else 1
