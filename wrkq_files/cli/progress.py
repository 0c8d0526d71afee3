"""How far a long request is: a bar on stderr, on a terminal, once it has taken a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from wrkq_files.cli.screen import Screen

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

#: Nobody needs a bar for less.
_PATIENCE: Final = 1.0


class Progress:
    """Called with what is done, how much of it, and of how much; gone when all is done or :meth:`close` is called."""

    def __init__(self, screen: Screen, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._clock = clock
        self._begun: float | None = None
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        now = self._clock()
        self._begun = now if self._begun is None else self._begun
        if done >= total:
            self.close()
        elif self._screen.err_terminal and now - self._begun >= _PATIENCE:
            self._show(what, done, total)

    def close(self) -> None:
        """Takes the bar away; nothing of it is left on the screen."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._begun = self._task = None

    def _show(self, what: str, done: int, total: int) -> None:
        if self._bar is None or self._task is None:
            # Half the start-up time of a command: imported when there is something to draw.
            from rich.console import Console
            from rich.progress import Progress as Bar

            console = Console(file=self._screen.err, force_terminal=True, no_color=not self._screen.err_colour)
            self._bar = Bar(console=console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task(what, total=total)
        self._bar.update(self._task, description=what, completed=done, total=total)
