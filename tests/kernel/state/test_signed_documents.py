"""Signed documents: one that was altered, or that another office made, is never read as what the log names."""

from __future__ import annotations

import dataclasses

import pytest
from desk import desk
from toy import COUNT, TOY

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel.model.documents import Permit, digest_of, from_bytes, to_bytes
from peelian.kernel.state.signed_documents import archived, verify_against_log


def test_an_altered_archive_is_found() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    digest = digest_of(town.ask(COUNT))

    class Altered:
        def put(self, digest: str, document: bytes) -> None:
            raise AssertionError

        def get(self, wanted: str) -> bytes:
            kept = from_bytes(town.kernel.stores.archive.get(wanted), Permit)
            return to_bytes(dataclasses.replace(kept, runs=50))

    stores = dataclasses.replace(town.kernel.stores, archive=Altered())
    with pytest.raises(IntegrityError):
        archived(dataclasses.replace(town.kernel, stores=stores), digest, Permit)


def test_a_document_counts_only_as_it_was_logged_and_signed() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    permit, key = town.ask(COUNT), town.kernel.office.public_key
    assert verify_against_log(town.kernel, permit, key) == digest_of(permit)
    for forged in (dataclasses.replace(permit, runs=50), dataclasses.replace(permit, signature="00" * 64)):
        with pytest.raises(OutOfOrder):
            verify_against_log(town.kernel, forged, key)
    with pytest.raises(OutOfOrder):
        verify_against_log(town.kernel, permit, town.people["analyst"].person.public_key)
    other = desk((TOY,))
    with pytest.raises(OutOfOrder):
        verify_against_log(other.kernel, permit, key)
