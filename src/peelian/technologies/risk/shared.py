"""What the declarations of audits share: who asks and decides, columns of figures, and the parameters of a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.tables import TableColumn, amount, count, group, level
from peelian.kernel.model.titles import Titled

Columns = Mapping[str, TableColumn]
SCALE = "a cut-off stands on the scale of its score, which may be any"
EVERYONE, CROSSED = "everyone", "crossed"
SHOWN, FEW, BARE, PARTNER = "no", "fewer than 10", "fewer than 30", "would reveal a small group"
"""Why the figures of a row are hidden, and that they are not."""
GROUPED: Columns = {"axis": group("Axis"), "group": group("Group")}
PEOPLE: Columns = {"n": count("People", "people")}
SUPPRESSED: Columns = {"suppressed": level("Hidden")}


def a_cut() -> Any:
    """The score from which on a person counts as high risk."""
    about = "Cut-off score for high risk (default: about as many people as had the outcome)"
    return number(None, about, why=SCALE)


def interval(*, percent: bool = False, decimals: int | None = None) -> Columns:
    """Both ends of a figure's interval."""
    return {
        "lo": amount("Lower end of the interval", "", decimals, percent=percent),
        "hi": amount("Upper end of the interval", "", decimals, percent=percent),
    }


def tested() -> Columns:
    """What a test says: its p-value, corrected for all of the report, and the difference it would have found."""
    return {"p": amount("Adjusted p-value"), "detectable": amount("Would be found")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreParams(Titled):
    """Cut-off and direction of a score."""

    cut: float | None = a_cut()
    low_is_high_risk: bool = flag(False, "A low score means high risk")


def rises_with_risk(params: Any) -> None:
    """InputError where a probability is said to fall with risk."""
    if params.probability and params.low_is_high_risk:
        raise InputError(
            "A probability of the outcome increases with risk",
            column="probability",
            accepted="either probability or low_is_high_risk",
        )


def an_audit(
    id: str,
    title: str,
    about: str,
    params: type,
    together: Callable[[Any], None] = lambda params: None,
    *,
    folder: str,
    emits: tuple[Emit, ...],
    reads: tuple[str, str, str] | None = None,
) -> Capability:
    """An audit or a plan of one, which emits these tables; `reads` are the role, title and shape of what it reads.

    No authorization is needed: an audit of counts harms nobody, and any town should be able to check.
    """
    return Capability(
        id=id,
        warrant="No warrant needed, because it audits an instrument from counts of groups, and tells of nobody.",
        title=title,
        about=about,
        asks=Asks(
            params=params,
            together=together,
            purposes=frozenset({Purpose.AUDIT}),
            askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
            deciders=frozenset({Role.BOARD, Role.COUNCIL}),
        ),
        reads=(Read(role=reads[0], title=reads[1], shape=reads[2]),) if reads else (),
        emits=emits,
        arithmetic=deferred(f"peelian.technologies.risk.{folder}.case:ARITHMETIC"),
    )


FEWEST_EVENTS = 100
"""Events, and as many others, that an external validation needs (Collins, Ogundimu, Altman 2016; Vergouwe 2005)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to count a tally; the fields are those of `AuditParams`."""

    axes: tuple[str, ...] = ()
    crossed: bool = True
    cut: float | None = None
    cuts: tuple[float, ...] = ()
    reference: tuple[str, ...] = ()
    low_is_high_risk: bool = False
    level: float = 0.95


def refuse_weights(names: Sequence[str]) -> None:
    """InputError where there are weights, which only the audit uses.

    >>> refuse_weights(["score", "outcome", "race"])
    """
    for name in names:
        if name.strip().lower() == "weight":
            raise InputError(
                "weights are not used here", column=name, accepted="no weights, or risk.audit, which uses them"
            )
