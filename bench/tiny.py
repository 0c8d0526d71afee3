"""The smallest typer command: what starting any of ours cannot cost less than. Its time is the unit T."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command()
def hello() -> None:
    typer.echo("hello")


if __name__ == "__main__":
    app()
