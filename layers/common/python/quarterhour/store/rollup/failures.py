"""What a run does about a site that cannot be settled: it is told of, and all others go on.

A site whose work failed stays in the todo, or is listed there (docs/table.md, "A site that fails").
"""

from collections.abc import Callable, Iterable

from quarterhour.errors import Busy

Tell = Callable[[str, Exception], None]
Work = Callable[[], object]


class Failures:
    """The sites that failed in a run, each told of once; without `tell` they end the run."""

    def __init__(self, tell: Tell | None = None) -> None:
        self._tell = tell
        self.owners: set[str] = set()

    def tried(self, owner: str, work: Work) -> bool:
        """Do a site's work; return whether it was done. Busy, no site's fault, ends the run."""
        try:
            work()
        except Busy:
            raise
        except Exception as error:
            if self._tell is None:
                raise
            if owner not in self.owners:
                self._tell(owner, error)
            self.owners.add(owner)
            return False
        return True


def each(works: Iterable[Work]) -> None:
    """Do all the works, also after one that failed; then raise what the first that did raised.

    Busy is raised at once: there is no time for the others.
    """
    failures: list[Exception] = []
    for work in works:
        try:
            work()
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001  raised below
            failures.append(error)
    if failures:
        raise failures[0]
