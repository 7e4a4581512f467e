"""The protocol on one incident of the register: weigh the harm, choose how people are told, read its clocks."""

from __future__ import annotations

from datetime import datetime

from peelian.governance.house import House
from peelian.governance.people import Operator
from peelian.oversight.breach.channels import channels
from peelian.oversight.breach.harm import Worksheet, weighed
from peelian.oversight.breach.incident import Incident, amend, incident_of
from peelian.oversight.breach.regimes import Clock, clocks, strictest
from peelian.oversight.review.people import lists_of


def weigh_incident(
    house: House, by: Operator, id: str, sheet: Worksheet, *, hardship: bool = False, measures: tuple[str, ...] = ()
) -> Incident:
    """Enter the worksheet; where there is a real risk everybody affected gets a channel, else a reason for none."""
    incident, harm = incident_of(house, id), weighed(sheet)
    told = channels(lists_of(house), incident.subjects, hardship=hardship) if harm.real_risk else {}
    return amend(
        house,
        by,
        id,
        step="assessed",
        harm=harm.body(),
        effects=harm.rule,
        measures=tuple(dict.fromkeys((*incident.measures, *measures))),
        channels={token: {"channel": t.channel, "reason": t.reason} for token, t in told.items()},
        untold={} if harm.real_risk else dict.fromkeys(incident.subjects, "no_real_risk"),
    )


def clocks_of(house: House, incident: Incident) -> tuple[Clock, ...]:
    """The deadlines of an incident under its regimes, as they stand now."""
    done = {
        "internal": incident.internal_at,
        "regulator": incident.regulator_at,
        "persons": incident.persons_at or ("" if incident.subjects else incident.aware_at),
    }
    return clocks(
        strictest(incident.regimes),
        aware=datetime.fromisoformat(incident.aware_at),
        now=house.now(),
        done=done,
        harm=bool(incident.harm.get("real_risk", True)),
    )
