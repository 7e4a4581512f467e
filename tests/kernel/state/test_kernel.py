"""The book is what the log says: folded again it is the same, and an altered archive is found."""

from __future__ import annotations

import dataclasses

import pytest
from desk import desk
from toy import COUNT, TOY

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel import verbs
from peelian.kernel.model.documents import Permit, digest_of, from_bytes, to_bytes
from peelian.kernel.state.kernel import OfficeState, archived, opened


def test_a_state_folded_again_from_the_log_is_the_same() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    again = opened(dataclasses.replace(town.kernel, state=OfficeState()))
    assert again.state == town.kernel.state


def test_an_altered_archive_is_found() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    digest = digest_of(permit)

    class Altered:
        def put(self, digest: str, document: bytes) -> None:
            raise AssertionError

        def get(self, wanted: str) -> bytes:
            kept = from_bytes(town.kernel.stores.archive.get(wanted), Permit)
            return to_bytes(dataclasses.replace(kept, runs=50))

    with pytest.raises(IntegrityError):
        archived(
            dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, archive=Altered())),
            digest,
            Permit,
        )


def test_an_unknown_capability_names_the_known_ones() -> None:
    with pytest.raises(OutOfOrder, match=r"toy\.count, toy\.prove"):
        desk((TOY,)).kernel.capability("toy.dig")


def test_a_state_follows_its_own_log_others_who_write_to_it_and_one_that_lies_beside() -> None:
    town = desk((TOY,))
    other = opened(dataclasses.replace(town.kernel, state=OfficeState()))
    other.append("SUSPENDED", technology="toy", by="x")
    town.kernel.append("HEARTBEAT", entries=1)
    assert "toy" in town.kernel.state.suspended, "what another program wrote meanwhile is folded, too"
    assert town.kernel.state.authorization_status.entries == len(list(town.kernel.stores.log.read()))
    beside = opened(dataclasses.replace(town.kernel, state=OfficeState()))
    beside = dataclasses.replace(beside, stores=dataclasses.replace(beside.stores, log=type(town.kernel.stores.log)()))  # type: ignore[call-arg]
    beside.append("RESUMED", technology="toy", by="x")
    assert "toy" not in beside.state.suspended and "toy" in town.kernel.state.suspended
