"""A person's own count of a zone, signed: from then on its gate counters add to that."""

from __future__ import annotations

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.alarms.event_plans import watched_zones
from peelian.kernel.alarms.operator_desk import SHIFT
from peelian.kernel.model.documents import ZoneCount
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, signed

MOST_PEOPLE = 1_000_000


@act
def count_zone(kernel: Kernel, by: Operator, *, zone: str, people: int) -> ZoneCount:
    """Log how many people are in a zone now, counted by a person; 0 where it was seen empty.

    OutOfOrder where no watch has this zone; InputError where it is no number of people.
    """
    with kernel.lock:
        must_hold_role(kernel, by, SHIFT, "the_decider_may_decide")
        now = kernel.now()
        if zone not in watched_zones(kernel, now):
            raise OutOfOrder("No watch has this zone.")
        if type(people) is not int or not 0 <= people <= MOST_PEOPLE:
            raise InputError("not a number of people", column="people", accepted="0 to 1,000,000")
        made = ZoneCount(zone=zone, people=people, by=by.person.token, at=now.isoformat())
        made = signed(made, by.sign)
        kernel.record(made, zone=zone, people=people, by=made.by)
        return made
