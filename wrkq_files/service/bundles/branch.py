"""The tracker as a branch has it that nobody has checked out: what is written becomes a commit there at once."""

from __future__ import annotations

from wrkq_files.errors import WrkqError
from wrkq_files.git.batch import Blobs
from wrkq_files.git.branches import LOCAL
from wrkq_files.git.repo import Repo
from wrkq_files.model.layout import CONFIG_NAME
from wrkq_files.service.committed import Committed
from wrkq_files.service.tracker import Door

#: What depends on the commit that is looked at.
_OF_ITS_COMMIT = ("_read_config", "place", "tree", "_ignored")


class OnBranch(Committed):
    """``ref``: the branch's full name. ``is_new``: it is not there yet; the first write makes it.

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
        is_new: bool = False,
    ) -> None:
        super().__init__(door, repo, prefix, commit, blobs, tree)
        self.ref = ref
        self.is_new = is_new

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(LOCAL)

    def close(self) -> None:
        super().close()
        self._blobs.close()

    def follow(self, commit: str | None = None) -> bool:
        """Goes on at another tip: the one that is given, else where the branch is by now. Whether it moved.

        Raises ``not_found`` where the branch is gone.
        """
        now = commit or self.repo.at(self.ref)
        if now is None and not self.is_new:
            raise WrkqError("not_found", f"{self.branch}: the branch is gone", hint="wrkq bundle ls")
        if now is None or now == self.commit:
            return False
        self.is_new = False
        settings = self.settings
        for name in _OF_ITS_COMMIT:
            self.__dict__.pop(name, None)
        self.commit, self._tree = now, tree_of(self._blobs, now)
        self._folders.clear()
        self._move_index(same=settings == self.settings)
        return True

    def _config_bytes(self) -> bytes:
        # Not read(): that asks the index, which may be at another commit.
        return self._blobs.one(f"{self.commit}:{self.repository_path(CONFIG_NAME)}") or b""

    def _move_index(self, *, same: bool) -> None:
        if same:
            self.snapshot.of(self.place)
        else:  # other settings have an index of their own, in the same place
            self.snapshot.close()
            del self.__dict__["snapshot"]
        self.snapshot.keep(self.tree)


def tree_of(blobs: Blobs, commit: str) -> str | None:
    """The id of a commit's tree, from the git that reads blobs anyway."""
    found = blobs.tree(f"{commit}^{{tree}}")
    return found[0] if found else None
