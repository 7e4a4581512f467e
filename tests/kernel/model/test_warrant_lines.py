"""Every capability says whether it takes a court's warrant, and why not where it takes none; else it does not load."""

from __future__ import annotations

import dataclasses

import pytest
from toy import COUNT, TOY
from uses import HEAT

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import NO_WARRANT, WARRANT_NEEDED, AuthorizationKind
from peelian.kernel.model.technology import OnDemand, all_needs
from peelian.kernel.policy.assessment_fingerprint import assessed_digest
from peelian.operations.office import technologies

SAYS_NO, SAYS_YES = f"{NO_WARRANT}it counts wells.", f"{WARRANT_NEEDED}for every use."


def test_every_capability_of_the_program_has_the_line() -> None:
    every = [one for technology in technologies() for one in technology.capabilities]
    assert len(every) >= 41
    for one in every:
        needed = any(need.kind is AuthorizationKind.WARRANT for need in all_needs(one))
        assert one.warrant.startswith(WARRANT_NEEDED if needed else NO_WARRANT), one.id
        assert len(one.warrant.split()) >= 8 and one.warrant.endswith("."), f"{one.id} gives no reason"


@pytest.mark.parametrize(
    ("capability", "line", "loads"),
    [
        *[(COUNT, "", False), (COUNT, "no", False), (COUNT, SAYS_YES, False), (COUNT, SAYS_NO, True)],
        *[(HEAT, "", False), (HEAT, SAYS_NO, False), (HEAT, SAYS_YES, True)],
    ],
)
def test_one_without_the_line_or_with_the_other_one_fails_at_load(capability: object, line: str, loads: bool) -> None:
    said = dataclasses.replace(capability, warrant=line)  # type: ignore[type-var]
    folder = dataclasses.replace(TOY, capabilities=(said,))
    if loads:
        assert OnDemand(["toy"], lambda name: folder).named("toy") is folder
        return
    with pytest.raises(OutOfOrder, match="does not declare whether it needs a warrant"):
        OnDemand(["toy"], lambda name: folder).named("toy")


def test_the_line_alone_makes_no_assessment_void() -> None:
    """It follows from the needs, which are part of what is assessed: assessments of before it was written down hold."""
    params = COUNT.arithmetic().example().params
    lines = {assessed_digest(dataclasses.replace(COUNT, warrant=one), params) for one in ("", SAYS_NO, SAYS_YES)}
    assert len(lines) == 1
