"""The inventory names every table that may leave and every shape of data; no raw word of a declaration is shown."""

from __future__ import annotations

import pytest

from peelian.kernel.model.capability import Capability
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Watch
from peelian.operations.office import technologies
from peelian.oversight.inventory import gives, takes
from peelian.web.declared_words import DATA


def tables(one: Capability | Watch) -> tuple[str, ...]:
    """The tables of a capability; a watch releases none, and what it signals is told by its titles."""
    return () if isinstance(one, Watch) else gives(one)


@pytest.mark.parametrize("technology", technologies(), ids=lambda t: t.id)
def test_every_table_and_shape_of_data_is_named(technology: Technology) -> None:
    declared = (*technology.capabilities, *technology.watches)
    assert {word for one in declared for word in (*takes(one), *tables(one))} <= DATA.keys()


def test_no_word_is_named_that_nobody_declares() -> None:
    declared = [one for technology in technologies() for one in (*technology.capabilities, *technology.watches)]
    assert DATA.keys() == {word for one in declared for word in (*takes(one), *tables(one))}


def test_what_an_audit_of_scores_reads_is_not_called_by_another_room_s_name() -> None:
    risk = next(technology for technology in technologies() if technology.id == "risk")
    told = {DATA[word] for one in risk.capabilities for word in (*takes(one), *gives(one))}
    assert {"scores by quarter", "two scores of the same people"} <= told
    assert not [name for name in told if "sensor" in name or "energy" in name]
