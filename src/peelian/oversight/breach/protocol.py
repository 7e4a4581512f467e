"""The protocol on one incident of the register: weigh the harm, choose how people are told, read its clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.channels import channels
from peelian.oversight.breach.containment import Hands, contain
from peelian.oversight.breach.harm import Worksheet, weighed
from peelian.oversight.breach.incident import Incident, amend, incident_of
from peelian.oversight.breach.letters import MEASURES
from peelian.oversight.breach.regimes import Clock, clocks, strictest
from peelian.oversight.breach.signals import Signal
from peelian.oversight.review.accesses import accesses
from peelian.oversight.review.people import lists_of

IN_THE_OFFICE = frozenset({"session_misused", "account_leaked", "records_snooped", "records_taken", "copy_lost"})
"""What is contained by acts of the office; the rest is done by people, or while the office is shut."""


def weigh_incident(
    kernel: Kernel, by: Operator, id: str, sheet: Worksheet, *, hardship: bool = False, measures: tuple[str, ...] = ()
) -> Incident:
    """Enter the worksheet; where there is a real risk everybody affected gets a channel, else a reason for none."""
    incident, harm = incident_of(kernel, id), weighed(sheet)
    told = channels(lists_of(kernel), incident.subjects, hardship=hardship) if harm.real_risk else {}
    changes = {
        "harm": harm.body(),
        "effects": harm.rule,
        "measures": tuple(dict.fromkeys((*incident.measures, *measures))),
        "channels": {token: {"channel": t.channel, "reason": t.reason} for token, t in told.items()},
        "untold": {} if harm.real_risk else dict.fromkeys(incident.subjects, "no_real_risk"),
    }
    return amend(kernel, by, id, step="assessed", changes=changes)


def contain_incident(kernel: Kernel, by: Operator, id: str, *, stated: Iterable[str] = ()) -> Incident:
    """Stop what goes on as a custodian can: end sessions, close accounts, replace keys, seal anew what was read.

    `stated` are measures that people took outside the program (words of `letters.MEASURES`). OutOfOrder: the log itself
    is concerned, which is put right while the office is shut; or nothing is left that this could do.
    """
    incident, named = incident_of(kernel, id), tuple(dict.fromkeys(stated))
    if stray := sorted(set(named) - set(MEASURES)):
        raise InputError("unknown measure", column=stray[0][:40], accepted=", ".join(sorted(MEASURES)))
    taken: tuple[str, ...] = ()
    if incident.kind in IN_THE_OFFICE:
        found = [access for access in accesses(kernel) if access.index in set(incident.entries)]
        signal = Signal(
            kind=incident.kind,
            started=incident.started,
            ended=incident.ended,
            subjects=frozenset(incident.subjects),
            entries=incident.entries,
            exposure=incident.exposure,
            actors=frozenset(access.by for access in found if access.kind == "ACCESSED"),
            sessions=frozenset(access.session for access in found if access.session),
        )
        taken = contain(kernel, Hands(custodian=by, board=by), signal)
    elif not named:
        says = "this is put right outside the program: do it, then state what was done (--measure)"
        raise OutOfOrder(says)
    measures = tuple(dict.fromkeys((*incident.measures, *taken, *named)))
    return amend(kernel, by, id, step="contained", changes={"measures": measures})


def clocks_of(kernel: Kernel, incident: Incident) -> tuple[Clock, ...]:
    """The deadlines of an incident under its regimes, as they stand now."""
    done = {
        "internal": incident.internal_at,
        "regulator": incident.regulator_at,
        "persons": incident.persons_at,
    }
    return clocks(
        strictest(incident.regimes),
        aware=datetime.fromisoformat(incident.aware_at),
        now=kernel.now(),
        done=done,
        harm=bool(incident.harm.get("real_risk", True)),
        anybody=bool(incident.subjects),
    )
