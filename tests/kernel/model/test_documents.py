"""Documents: digests cover every field, survive storage, and refuse what is no document."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization, Decision, Permit, Request, digest_of, from_bytes, to_bytes

REQUEST = Request(
    case="c-1",
    capability="toy.count",
    purpose="advice",
    params={"deepest": 3, "share": 0.25, "many": ["a", "b"]},
    datasets={"wells": "wells-1"},
    by="t",
    unit="u",
    at="2026-01-01T00:00:00+00:00",
)
AUTHORIZATION = Authorization(
    kind=AuthorizationKind.WARRANT,
    serves="toy.*",
    purposes=("advice",),
    starts="a",
    ends="b",
    body={"n": 1},
    by="t",
    at="c",
)


@pytest.mark.parametrize("document", [REQUEST, AUTHORIZATION])
def test_a_document_survives_storage_with_its_digest(document: Request | Authorization) -> None:
    back = from_bytes(to_bytes(document), type(document))
    assert back == document and digest_of(back) == digest_of(document)


def test_every_field_but_the_signature_changes_the_digest() -> None:
    for field in dataclasses.fields(REQUEST):
        value = getattr(REQUEST, field.name)
        other = {"x": "y"} if isinstance(value, dict) else f"{value}!"
        changed = dataclasses.replace(REQUEST, **{field.name: other})
        assert (digest_of(changed) == digest_of(REQUEST)) is (field.name == "signature")


def test_equal_documents_have_different_digests_because_each_is_salted() -> None:
    again = Authorization(
        **{f.name: getattr(AUTHORIZATION, f.name) for f in dataclasses.fields(AUTHORIZATION) if f.name != "salt"}
    )
    assert digest_of(again) != digest_of(AUTHORIZATION)


def test_one_kind_is_not_taken_for_another() -> None:
    with pytest.raises(OutOfOrder):
        from_bytes(to_bytes(REQUEST), Permit)


@given(st.binary(max_size=300))
def test_noise_is_no_document(noise: bytes) -> None:
    with pytest.raises(OutOfOrder):
        from_bytes(noise, Decision)
