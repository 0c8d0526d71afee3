"""A tracker as a branch has it.

What is written is a commit on that branch: no working file, and nothing of git's index, is touched.
"""

from __future__ import annotations

from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, build, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.branches import Branch, Moved
from wrkq_files.git.repo import Repo
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.service import message, publish, views
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.committed import Committed
from wrkq_files.service.publish import Attempts, Plan
from wrkq_files.service.tracker import Door

_NO_COMMIT: Final = "what is written to a branch that is not checked out is a commit"


class OnBranch(Committed):
    """To be closed. It follows the branch where another process moves it between two tries of a write."""

    def __init__(self, door: Door, repo: Repo, prefix: str, branch: Branch, blobs: Blobs) -> None:
        super().__init__(door, repo, prefix, branch.tip, blobs, branch.tree)
        self.branch = branch
        self.snapshot.keep(branch.tree)
        self.publisher = self._publish

    # What is there, which the working files would tell otherwise

    def names(self, folder: str) -> list[str]:
        at = self.repository_path(folder) if folder else self.prefix
        return [each.path for each in trees.entries(self.repo, self.commit, at)]

    def files(self, folder: str) -> list[str]:
        cut = len(self.prefix) + 1 if self.prefix else 0
        return sorted(each.path[cut:] for each in self._listing(self.repository_path(folder)))

    # Writing

    def _publish(self, plan: Plan, options: Options) -> Written:
        """As :func:`publish.carry_out`, on the branch."""
        if options.commit is False:
            raise WrkqError("usage", f"--no-commit: {_NO_COMMIT}", hint="leave it out, or check the branch out")
        if options.key:
            from wrkq_files.service import keys

            return keys.once(self, options.key, lambda: self._try(plan, options))
        return self._try(plan, options)

    def _try(self, plan: Plan, options: Options) -> Written:
        attempts = Attempts()
        while True:
            try:
                return self._once(plan(), options)
            except Moved as moved:
                attempts.again(str(moved), moved=True)
                self._follow()

    def _once(self, change: Change, options: Options) -> Written:
        writes = [
            FileWrite(each.path, each.work, UNCHANGED, UNCHANGED) for each in views.working_writes(self, change.edits)
        ]
        if not writes:
            return publish.result_of(self, change, "unchanged", writes)
        operations = publish.operations_of(self, change, options)
        text = message.compose(
            self.config, change.operations, operations, why=options.message, coauthor=publish.coauthor(self)
        )
        built = build.build(self.repo, writes, build.Request(text, self.commit))
        if built.storing:
            built.storing.wait()
        subject = text.split("\n", 1)[0]
        branches.move(self.repo, self.branch.ref, built.commit, self.commit, f"commit: {subject}")
        written = publish.result_of(self, change, "committed", writes, commit=built.commit)
        note = f"on {self.branch.name}"
        return written._replace(notes=(*written.notes, note))

    def _follow(self) -> None:
        """Goes to where the branch is now."""
        now = branches.branch(self.repo, self.branch.name)
        if now is None:
            raise WrkqError("not_found", f"{self.branch.name} is gone", hint="wrkq bundle ls shows what there is")
        self.branch, self.commit, self._tree = now, now.tip, now.tree
        for name in ("place", "tree", "_read_config"):
            self.__dict__.pop(name, None)
        self._modes.clear()
        self.snapshot.of(self.place)
        self.snapshot.keep(now.tree)
