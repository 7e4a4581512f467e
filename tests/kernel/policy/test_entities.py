"""Facts are told as they are: nobody has no unit, a forged signature does not hold, numbers agree however written."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from uses import GOOD_WARRANT, PARTS, PEOPLE, use

from peelian.kernel.model.capability import AuthorizationKind, Need
from peelian.kernel.model.documents import digest_of
from peelian.kernel.policy import entities


def test_nobody_has_neither_unit_nor_role() -> None:
    nobody = entities.entity_of_person(None)
    assert nobody.id == ("Person", "nobody")
    assert nobody.attributes["enrolled"] is False and not nobody.attributes["roles"]


def test_a_unit_is_one_word_of_the_log() -> None:
    person = dataclasses.replace(PEOPLE["analyst"], unit="Crime  Analysis, North")
    assert entities.entity_of_person(person).attributes["unit"] == "crime-analysis-north"


def test_a_signature_that_does_not_hold_is_told() -> None:
    asked = use()
    for name in ("good", "for the technology"):
        assert entities.entity_of_authorization(PARTS["council"][name][0], asked).attributes["signature_holds"]
    assert not entities.entity_of_authorization(PARTS["council"]["forged"][0], asked).attributes["signature_holds"]


def test_a_warrant_counts_what_was_used_of_it_and_of_the_one_it_confirms() -> None:
    asked = use()
    assert entities.entity_of_authorization(GOOD_WARRANT, asked).attributes["warrant"]["used"] == 1
    confirmed = dataclasses.replace(GOOD_WARRANT, before="first")
    told = entities.entity_of_authorization(
        confirmed, dataclasses.replace(asked, used={"first": 2, digest_of(confirmed): 9})
    )
    assert told.attributes["warrant"]["used"] == 2
    assert "warrant" not in entities.entity_of_authorization(PARTS["warrant"]["without a count"][0], asked).attributes


@given(number=st.integers(-(10**6), 10**6))
def test_a_whole_number_is_the_same_however_it_is_written(number: int) -> None:
    asked = use()
    authorizations = [
        dataclasses.replace(next(iter(asked.authorizations)), body={"n": n, "flag": True})
        for n in (number, float(number))
    ]
    one, two = (
        entities.entity_of_authorization(authorization, asked).attributes["body"] for authorization in authorizations
    )
    assert one == two and "flag true" in one and f"n {number}" in one


def test_authorizations_of_another_kind_or_service_are_no_candidates() -> None:
    need = Need(kind=AuthorizationKind.COUNCIL_APPROVAL)
    other = use(council="for another capability")
    assert entities.candidates(need, use()) and not entities.candidates(need, other)
    assert entities.candidates(dataclasses.replace(need, or_of="toy.other"), other)


def test_a_authorization_is_what_its_own_words_and_its_issuer_say_now() -> None:
    asked = use()
    authorization = next(iter(asked.authorizations))
    one, two = (dataclasses.replace(authorization, body={"n": n}) for n in (1, True))
    assert one == two, "as Python compares them"
    bodies = [entities.entity_of_authorization(made, asked).attributes["body"] for made in (one, two, one)]
    assert bodies == [["n 1"], ["n true"], ["n 1"]]
    issuer = asked.issuers[authorization.by]
    for changed in (dataclasses.replace(issuer, roles=frozenset()), dataclasses.replace(issuer, public_key="00" * 32)):
        told = entities.entity_of_authorization(
            authorization, dataclasses.replace(asked, issuers={authorization.by: changed})
        ).attributes
        assert told["issuer_roles"] == sorted(changed.roles)
        assert told["signature_holds"] == (changed.public_key == issuer.public_key)
    assert not entities.entity_of_authorization(authorization, dataclasses.replace(asked, issuers={})).attributes[
        "signature_holds"
    ]
