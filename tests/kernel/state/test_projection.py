"""The state is what the log says: projected again it is the same, and it follows whoever writes to the log."""

from __future__ import annotations

import dataclasses

import pytest
from desk import desk
from toy import COUNT, TOY

from peelian.errors import OutOfOrder
from peelian.kernel import verbs
from peelian.kernel.state.kernel import OfficeState
from peelian.kernel.state.projection import opened, project


def test_a_state_projected_again_from_the_log_is_the_same() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    again = opened(dataclasses.replace(town.kernel, state=OfficeState()))
    assert again.state == town.kernel.state


def test_a_state_follows_its_own_log_others_who_write_to_it_and_one_that_lies_beside() -> None:
    town = desk((TOY,))
    other = opened(dataclasses.replace(town.kernel, state=OfficeState()))
    other.append("SUSPENDED", technology="toy", by="x")
    town.kernel.append("HEARTBEAT", entries=1)
    assert "toy" in town.kernel.state.suspended, "what another program wrote meanwhile is projected, too"
    assert town.kernel.state.authorization_status.entries == len(list(town.kernel.stores.log.read()))
    beside = opened(dataclasses.replace(town.kernel, state=OfficeState()))
    stores = dataclasses.replace(beside.stores, log=type(town.kernel.stores.log)())  # type: ignore[call-arg]
    beside = dataclasses.replace(beside, stores=stores)
    beside.append("RESUMED", technology="toy", by="x")
    assert "toy" not in beside.state.suspended and "toy" in town.kernel.state.suspended


def test_an_office_of_an_earlier_version_is_refused_in_plain_words() -> None:
    kernel = desk((TOY,)).kernel
    entry = {"v": 1, "t": "2026-01-01T00:00:00.00Z", "kind": "ENROLLED", "mark": "ab" * 32}
    with pytest.raises(OutOfOrder, match="An earlier version made this office"):
        project(kernel, 0, entry)
