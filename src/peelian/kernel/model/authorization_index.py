"""Authorization index: those issued and not revoked, by kind and by what they serve."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization


@dataclass(frozen=True, slots=True)
class Issued:
    """Authorizations as they stand at a moment, in the order in which they were issued."""

    authorizations: tuple[Authorization, ...] = ()

    def __iter__(self) -> Iterator[Authorization]:
        return iter(self.authorizations)

    def __len__(self) -> int:
        return len(self.authorizations)

    def of(self, kind: AuthorizationKind, serves: Container[str]) -> list[Authorization]:
        """Those of a kind that serve one of these, newest first; of one moment, the last one issued.
        O(authorizations)."""
        found = [
            authorization
            for authorization in reversed(self.authorizations)
            if authorization.kind is kind and authorization.serves in serves
        ]
        return sorted(found, key=attrgetter("at"), reverse=True)

    def only(self, kind: AuthorizationKind, wanted: Callable[[Authorization], bool]) -> Issued:
        """Those of a kind that are wanted, in the same order. O(authorizations)."""
        return Issued(
            tuple(
                authorization
                for authorization in self.authorizations
                if authorization.kind is kind and wanted(authorization)
            )
        )


def issued(authorizations: Iterable[Authorization]) -> Issued:
    """These authorizations, in the order in which they were issued."""
    return Issued(tuple(authorizations))


def warrant_roots(authorizations: Mapping[str, Authorization]) -> set[str]:
    """Of authorizations by digest, the digests under which uses of the warrants are counted (`warrants.root_of`).
    O(authorizations)."""
    return {
        authorization.before or digest
        for digest, authorization in dict(authorizations).items()
        if authorization.kind is AuthorizationKind.WARRANT
    }
