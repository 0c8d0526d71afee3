"""The tracker as a branch has it that nobody has checked out.

What is written is a commit there at once: no working file, and nothing of git's index, is touched.
"""

from __future__ import annotations

from collections.abc import Mapping

from wrkq_files.errors import WrkqError
from wrkq_files.git import lock, onto
from wrkq_files.git.batch import Blobs
from wrkq_files.git.branches import LOCAL, Moved
from wrkq_files.git.repo import Repo
from wrkq_files.git.trees import Difference
from wrkq_files.model.config import ON_BASE_COMMIT
from wrkq_files.model.layout import CONFIG_NAME
from wrkq_files.service import message, publish, views
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.committed import Committed
from wrkq_files.service.publish import Attempts, Plan
from wrkq_files.service.tracker import Door

#: What depends on the commit that is looked at.
_OF_ITS_COMMIT = ("_read_config", "place", "tree", "_ignored")


class OnBranch(Committed):
    """``ref``: the branch's full name. ``old``: where it is; None where it is not there yet: a write makes it.
    That may be before the commit that is looked at, which contains it then: a write brings it forward.

    Its index is kept at the branch's tip, for the next process. To be closed.
    """

    def __init__(
        self,
        door: Door,
        repo: Repo,
        prefix: str,
        commit: str,
        blobs: Blobs,
        tree: str | None = None,
        *,
        ref: str,
        old: str | None,
    ) -> None:
        super().__init__(door, repo, prefix, commit, blobs, tree)
        self.ref = ref
        self.old = old
        self.publisher = self._carry_out

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(LOCAL)

    def close(self) -> None:
        super().close()
        self._blobs.close()

    def follow(self) -> None:
        """Goes on at where the branch is by now. Raises ``not_found`` where it is gone."""
        now = self.repo.ref(self.ref)
        if now == self.old:
            return
        if now is None:
            raise WrkqError("not_found", f"{self.branch}: the branch is gone", hint="wrkq bundle ls")
        self._go(now, tree_of(self._blobs, now) or "")

    def _go(self, commit: str, tree: str, changed: Mapping[str, tuple[str, str] | None] | None = None) -> None:
        """Goes on at another commit; ``changed``: what it has otherwise than the one before, where that is known."""
        self.old = commit
        if commit == self.commit:
            return
        settings, before = self.settings, self.tree
        for name in _OF_ITS_COMMIT:
            self.__dict__.pop(name, None)
        self.commit, self._tree = commit, tree
        self._folders.clear()
        if settings == self.settings:
            self.snapshot.of(self.place)
        else:  # other settings have an index of their own, in the same place
            self.snapshot.close()
            del self.__dict__["snapshot"]
        known = None if changed is None else (before, [_difference(path, entry) for path, entry in changed.items()])
        self.snapshot.keep(tree, known)

    def _config_bytes(self) -> bytes:
        # Not read(): that asks the index, which may be at another commit.
        return self._blobs.one(f"{self.commit}:{self.repository_path(CONFIG_NAME)}") or b""

    # Writing

    def _carry_out(self, plan: Plan, options: Options) -> Written:
        """As :func:`publish.carry_out`; who is overtaken by another writer begins again at the branch's new tip.

        Raises WrkqError ``refused`` where a worktree has the branch checked out by now, ``not_found`` where it is
        gone.
        """
        if options.commit is False:
            message = "a write to a bundle is a commit at once: no file of it is here that could wait for one"
            raise WrkqError("usage", message, hint="leave out --no-commit")
        if self.config.on_base != ON_BASE_COMMIT:
            from wrkq_files.service.bundles import standing

            standing.check_free(self)
        # Who waits for a turn loses no work; without it all but one of many would begin again.
        with lock.worktree_lock(self.repo, timeout=publish.LOCK_SECONDS):
            self.follow()
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
                self.follow()

    def _once(self, change: Change, options: Options) -> Written:
        writes = views.branch_writes(self, change.edits)
        if not writes:
            return publish.result_of(self, change, "unchanged", writes)
        text = message.compose(
            self.config,
            change.operations,
            publish.operations_of(self, change, options),
            why=options.message,
            coauthor=publish.coauthor(self),
        )
        self.index.release()
        built = onto.commit(self.repo, self.ref, writes, text, parent=self.commit, old=self.old)
        self._go(built.commit, built.tree, built.changed)
        return publish.result_of(self, change, "committed", writes, commit=built.commit)


def tree_of(blobs: Blobs, commit: str) -> str | None:
    """The id of a commit's tree, from the git that reads blobs anyway."""
    found = blobs.tree(f"{commit}^{{tree}}")
    return found[0] if found else None


def _difference(path: str, entry: tuple[str, str] | None) -> Difference:
    """A changed path as git tells of it; how it was before nobody asks."""
    mode, blob = entry or ("", "")
    return Difference(path, mode, blob, path, "")
