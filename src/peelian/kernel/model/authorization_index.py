"""Authorization index: those issued and not revoked, by kind and by what they serve."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from operator import attrgetter

from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization


def serving(
    authorizations: Sequence[Authorization], kind: AuthorizationKind, serves: Container[str]
) -> list[Authorization]:
    """Of authorizations in the order in which they were issued those of a kind that serve one of these, newest first;
    of one moment, the last one issued. O(authorizations)."""
    found = [one for one in reversed(authorizations) if one.kind is kind and one.serves in serves]
    return sorted(found, key=attrgetter("at"), reverse=True)


def warrant_roots(authorizations: Mapping[str, Authorization]) -> set[str]:
    """Of authorizations by digest, the digests under which uses of the warrants are counted (`warrants.root_of`).
    O(authorizations)."""
    known = dict(authorizations).items()
    return {one.before or digest for digest, one in known if one.kind is AuthorizationKind.WARRANT}
