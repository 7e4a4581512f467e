"""The story of a meter, as the town's privacy officer would tell it.

A flat used as much power as a factory. The prosecutor wanted its hourly record, and the readings were soon overwritten.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from court import confirmed, recorded
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor
from years import LATER

from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity import enrolment
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.warrants import root_of
from peelian.kernel.records.owed_notices import Notice, notices
from peelian.kernel.retention.expiry_job import sweep
from peelian.kernel.retention.retention import hold
from peelian.kernel.verbs import warrant_lifecycle
from peelian.kernel.verbs.court_papers import read_paper
from peelian.kernel.verbs.warrant_notices import notify
from peelian.operations.office import technologies
from peelian.oversight.sensors.gate import collect
from peelian.oversight.sensors.warrants import used_of
from peelian.oversight.transparency.warrant_counts import counted

METER = a_sensor(
    id="meter-1", kind="energy_meter", title="Meter of one home", purpose="enforcement", why="Under a warrant only.",
    personal_data=True, format="green-button",
)  # fmt: skip
ORDER: dict[str, Any] = {
    "status": "confirmed", "reference": "2026-CR-17", "cells": "Centre", "sensors": "meter-1",
    "operations": "energy-single-meter", "count": 5,
}  # fmt: skip
HOUR = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="RetailCustomer/1/UsagePoint/1"/><content>
<UsagePoint xmlns="http://naesb.org/espi"/></content></entry><entry><content><ReadingType xmlns="http://naesb.org/espi">
<powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry><entry><content>
<IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading><timePeriod><duration>3600</duration><start>%d</start>
</timePeriod><value>7</value></IntervalReading></IntervalBlock></content></entry></feed>"""


def collected(town: Desk) -> str:
    """Three hours later the custodian takes one hour of the meter's record."""
    town.clock.now += timedelta(hours=3)
    start = int(town.kernel.now().timestamp()) // 3600 * 3600 - 3600
    return collect(town.kernel, town.people["custodian"], "meter-1", (HOUR % start).encode()).dataset


def the_notice(town: Desk) -> tuple[Notice, str]:
    (one,) = notices(town.kernel)
    return one, one.state(town.kernel.now())


def test_a_meter_is_read_under_a_court_s_order_and_whom_it_concerned_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "MOST_TRAINED", timedelta(days=36_500))
    town = desk(technologies())
    town.trained(LATER)
    kernel, officer, analyst = town.kernel, town.people["privacy-officer"], town.people["analyst"]
    register_in_area(kernel, town.people, METER)

    # Without a court's paper there was nothing to read, whoever asked.
    with pytest.raises(Refused, match="no valid warrant"):
        collected(town)

    # The judge could not be reached that night. I recorded the application: the meter was read, and nobody saw it.
    night = recorded(town, ORDER | {"status": "provisional", "reference": "2026-CR-16"})
    first = collected(town)
    report = kernel.capability("sensors.report")
    town.authorizations(report)
    use = {"purpose": "audit", "params": report.asks.params(), "datasets": {"windows": first}}
    with pytest.raises(PeelianError, match="collected under a provisional warrant"):
        verbs.ask(kernel, analyst, report.id, **use)

    # The order came the next morning. The board read it beside what I had typed, and confirmed it.
    town.clock.days(0.5)
    order = confirmed(town, recorded(town, ORDER, provisional=night))
    second = collected(town)
    assert used_of(kernel, root_of(order)) == 2, "what the night took counts"
    assert first in kernel.state.datasets and second in kernel.state.datasets
    hold(kernel, town.people["clerk"], second, words="the defence asked for it")

    # Then the court withdrew it: all was destroyed that day, hold or not, and nothing more was read.
    assert warrant_lifecycle.refuse(kernel, officer, digest_of(order), words="the court withdrew it") == 2
    assert {first, second} <= kernel.state.destroyed.keys() and not kernel.stores.vault.found(first)
    with pytest.raises(Refused, match="no valid warrant"):
        collected(town)
    with pytest.raises(OutOfOrder, match="refused or withdrew"):
        recorded(town, ORDER)

    # Those who live there were to be told within ninety days. A court deferred that twice, for three years each.
    notice, state = the_notice(town)
    assert state == "due" and notice.due == kernel.now().date() + timedelta(days=90)
    for reference in ("2026-CR-20", "2029-CR-3"):
        later = notice.due + timedelta(days=1_096)
        notify(kernel, officer, notice.warrant, until=later.isoformat(), reference=reference)
        town.clock.days((later - kernel.now().date()).days)
        notice, state = the_notice(town)
        assert state == "deferred" and notice.due == later
    town.clock.days(1)
    assert the_notice(town)[1] == "overdue"
    notify(kernel, officer, notice.warrant, sent=kernel.now().date().isoformat(), how="by registered mail")
    assert the_notice(town)[1] == "sent"
    told = {"asked": 2, "provisional": 1, "confirmed": 1, "refused": 0, "withdrawn": 1, "lapsed": 0, "deferred": 1}
    assert {name: n for name, n in counted(kernel, 2026).items() if n or name in told} == told
    assert counted(kernel, kernel.now().year)["sent"] == 1

    # Ten years after the order its record went, and the paper with it.
    paper = str(order.body["paper"])
    assert read_paper(kernel, officer, paper)
    for _ in range(2):  # a clock that jumped makes the job wait a day
        town.clock.days(3_653)
        sweep(kernel)
        town.clock.days(1)
        sweep(kernel)
    with pytest.raises(OutOfOrder, match="at the end of its retention"):
        read_paper(kernel, officer, paper)
    assert not notices(kernel)
