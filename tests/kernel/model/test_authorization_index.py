"""Authorizations are found by kind and service, newest first; what was given to a judge stays as it was."""

from __future__ import annotations

from collections.abc import Container, Iterable

from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st
from toy import COUNT, PROVE, TOY

from peelian.kernel.model.authorization_index import serving, warrant_roots
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization
from peelian.kernel.state.kernel import policy_inputs
from peelian.kernel.verbs import authorizations

KINDS, SERVICES = (AuthorizationKind.COUNCIL_APPROVAL, AuthorizationKind.WARRANT), ("toy.count", "toy.prove", "toy.*")
AUTHORIZATIONS = st.builds(
    lambda kind, serves, at, before: Authorization(
        kind=kind, serves=serves, purposes=(), starts="", ends="", body={}, by="", at=f"2026-01-{at:02}", before=before
    ),
    st.sampled_from(KINDS),
    st.sampled_from(SERVICES),
    st.integers(1, 31),
    st.sampled_from(["", "a", "b", "c"]),
)


def looked_for(
    authorizations: Iterable[Authorization], kind: AuthorizationKind, serves: Container[str]
) -> list[Authorization]:
    """Those of a kind that serve one of these, newest first, by a look at each. `authorizations`: as they were
    issued."""
    found = [
        authorization
        for authorization in authorizations
        if authorization.kind is kind and authorization.serves in serves
    ]
    return sorted(found, key=lambda authorization: authorization.at)[::-1]


@given(
    st.lists(AUTHORIZATIONS, max_size=12, unique_by=lambda authorization: authorization.at),
    st.sets(st.sampled_from(SERVICES)),
)
def test_they_are_found_as_by_looking_at_each(authorizations: list[Authorization], serves: set[str]) -> None:
    for kind in KINDS:
        assert serving(authorizations, kind, sorted(serves)) == looked_for(authorizations, kind, serves)


@given(st.lists(AUTHORIZATIONS, max_size=12), st.sampled_from(SERVICES))
def test_of_one_moment_the_one_that_was_issued_last_comes_first(
    authorizations: list[Authorization], serves: str
) -> None:
    for kind in KINDS:
        assert serving(authorizations, kind, [serves]) == looked_for(authorizations, kind, [serves])


@given(st.dictionaries(st.sampled_from("wxyz"), AUTHORIZATIONS))
def test_uses_of_a_warrant_count_under_the_one_it_confirms(authorizations: dict[str, Authorization]) -> None:
    warrants = {
        digest: authorization
        for digest, authorization in authorizations.items()
        if authorization.kind is AuthorizationKind.WARRANT
    }
    assert warrant_roots(authorizations) == {
        authorization.before or digest for digest, authorization in warrants.items()
    }


def test_authorizations_that_come_or_go_change_nothing_for_who_was_given_them_before() -> None:
    town: Desk = desk((TOY,))
    town.authorizations(COUNT)
    before = policy_inputs(town.kernel)["authorizations"]
    more = town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    after = policy_inputs(town.kernel)["authorizations"]
    assert len(after) == len(before) + 1 and more in after and more not in before
    authorizations.revoke(town.kernel, town.people["board"], more)
    assert policy_inputs(town.kernel)["authorizations"] == before and more in after
