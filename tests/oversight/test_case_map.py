"""A case's map is had only of what was decided, and only of what is a map."""

from __future__ import annotations

import pytest
from deciding import read_and_decide
from desk import desk
from toy import COUNT, TOY

from peelian.errors import OutOfOrder
from peelian.kernel import verbs
from peelian.oversight.transparency.case_map import map_of_case


def test_only_a_decided_map_is_drawn() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    with pytest.raises(OutOfOrder, match="no findings"):
        map_of_case(town.kernel, permit.case, town.office.say("en"))
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="No decision yet"):
        map_of_case(town.kernel, permit.case, town.office.say("en"))
    words = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
    read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    with pytest.raises(OutOfOrder, match="have no map"):
        map_of_case(town.kernel, permit.case, town.office.say("en"))
