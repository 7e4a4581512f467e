"""correct: a published case that has an error is withdrawn, and a newer one stands in its place.

Both stay in the register. Nothing that was published is changed, and people may have kept it: later releases are
compared with it all the same. The newer case was requested, run, decided and published as any other, so that two people
stand behind it; this act ties the two together and says why, in public.
"""

from __future__ import annotations

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.access.access_classes import why_not_see
from peelian.kernel.model.documents import Correction
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import CaseHistory, Kernel, signed
from peelian.kernel.state.refusal_log import log_refusal
from peelian.kernel.verbs.publication import PUBLISHERS
from peelian.measure.contacts import must_hold_no_contact

MOST_REASON = 2_000  # characters


@act
def correct(kernel: Kernel, by: Operator, case: str, *, newer: str, reason: str) -> Correction:
    """Say in the register that the published case `newer` stands in the place of `case`, and why.

    1. A reason is given, without e-mail address and telephone number. Else InputError.
    2. Both are published, of the same use, the newer one after the other; neither is corrected. Else OutOfOrder.
    3. The person may publish, and may see both cases. Else logged, and Refused.
    4. The correction is signed and logged.
    """
    with kernel.lock:
        # 1. A reason is given, without e-mail address and telephone number.
        reason = reason.strip()
        if not 0 < len(reason) <= MOST_REASON:
            accepted = sentence("1 to %(n)d characters", n=MOST_REASON)
            raise InputError("reason of the correction missing or too long", accepted=accepted)
        must_hold_no_contact(reason)

        # 2. Both are published, the newer one after the other; neither is corrected.
        old, new = _published(kernel, case), _published(kernel, newer)
        if old.capability != new.capability or _last(new)[0] <= _last(old)[0]:
            raise OutOfOrder("A case is corrected by one of the same use that was published later.")
        if any(entry["kind"] == "CORRECTED" for one in (old, new) for _, entry in one.entries):
            raise OutOfOrder("This case is already corrected. Correct the newest one.")

        # 3. The person may publish, and may see both cases.
        person = must_hold_role(kernel, by, PUBLISHERS, "the_publisher_may_publish")
        for one in (old, new):
            if faults := tuple(why_not_see(kernel, person, one.case)):
                log_refusal(kernel, one.case, _last(one)[1], faults)
                raise Refused(faults)

        # 4. The correction is signed and logged.
        made = Correction(
            case=case,
            publication=_last(old)[1],
            newer=newer,
            before=_last(new)[1],
            reason=reason,
            by=by.person.token,
            unit=person.unit,
            at=kernel.now().isoformat(),
        )
        made = signed(made, by.sign)
        kernel.record(made, case=case, before=made.before, newer=newer, by=made.by)
        return made


def _published(kernel: Kernel, case: str) -> CaseHistory:
    history: CaseHistory | None = kernel.state.histories.get(case)
    if history is None or not history.digests("PUBLISHED"):
        raise OutOfOrder("no published case with this name")
    return history


def _last(history: CaseHistory) -> tuple[int, str]:
    """The newest publication of a case: its index in the log and its digest."""
    return next((i, str(e["document"])) for i, e in reversed(history.entries) if e["kind"] == "PUBLISHED")
