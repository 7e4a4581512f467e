"""What becomes of a warrant: a provisional one is confirmed, refused or lapses, and then what it brought is destroyed.

Who asks after the fact has 48 hours (AI Act, article 26(10), is the model). A refusal stops every use at once; the
findings, derivatives and datasets collected under it are destroyed with their keys, each destruction logged.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from peelian.errors import OutOfOrder
from peelian.governance.acts import must_hold, sign_paper
from peelian.governance.capability import Paper
from peelian.governance.documents import Admission, Authority, Refusal
from peelian.governance.house import House, signed
from peelian.governance.people import Operator
from peelian.governance.policy import ISSUERS
from peelian.governance.warrants import CONFIRMED, PROVISIONAL, PROVISIONAL_DAYS, root_of, shelf_of

FEWEST_WORDS = 3


def confirm(house: House, by: Operator, warrant: str, *, days: int, reference: str) -> Authority:
    """The court confirmed a provisional warrant: the same scope and count, under the court's own file number.

    `warrant` is the provisional one's mark. What was used of it counts on. OutOfOrder after its 48 hours.
    """
    with house.lock:
        must_hold(house, by, ISSUERS[Paper.WARRANT], "the_issuer_may_issue")
        made = _provisional(house, warrant)
        if _over(house, made):
            raise OutOfOrder("The 48 hours have passed. The data collected must be destroyed: see `peelian doctor`")
        if not reference.strip():
            raise OutOfOrder("Enter the court's file number.")
        body = {**made.body, "status": CONFIRMED, "reference": reference.strip()}
        return sign_paper(
            house, by, Paper.WARRANT, serves=made.serves, purposes=made.purposes, days=days, body=body, before=warrant
        )


def refuse(house: House, by: Operator, warrant: str, *, words: str) -> int:
    """The court refused a provisional warrant: from now on it is none, and all it brought is destroyed; how much."""
    with house.lock:
        person = must_hold(house, by, ISSUERS[Paper.WARRANT], "the_issuer_may_revoke")
        made = _provisional(house, warrant)
        if len(words.split()) < FEWEST_WORDS:
            raise OutOfOrder(f"State the court's decision in at least {FEWEST_WORDS} words.")
        document = Refusal(warrant=warrant, words=words.strip(), by=person.token, at=house.now().isoformat())
        house.record(signed(document, by.sign), before=warrant, by=person.token)
        return destroy_collected(house, root_of(made), by=person.token)


def lapsed(house: House) -> tuple[str, ...]:
    """The marks of provisional warrants whose 48 hours are over and which nobody confirmed."""
    warrants = {mark: one for mark, one in house.book.papers.items() if one.paper is Paper.WARRANT}
    return tuple(mark for mark, one in warrants.items() if one.body["status"] == PROVISIONAL and _over(house, one))


def let_lapse(house: House) -> int:
    """The office's duty: end provisional warrants that nobody confirmed and destroy what they brought; how much."""
    with house.lock:
        done = 0
        for warrant in lapsed(house):
            made = house.book.papers[warrant]
            house.append("WARRANT_LAPSED", before=warrant, by="office")
            done += destroy_collected(house, root_of(made), by="office")
        return done


def destroy_collected(house: House, root: str, *, by: str) -> int:
    """Destroy all that was collected under a warrant: datasets, derivatives, findings; how much. Again: what is left.

    Datasets are those that a case under it derived, or whose entry in the log names it (`warrant`). O(entries).
    """
    entries = [entry for _, entry in house.log.read() if entry.get("warrant") == root]
    cases = {str(entry["case"]) for entry in entries if "case" in entry}
    named = {str(entry["dataset"]) for entry in entries if "dataset" in entry}
    kept: list[Admission] = [*house.book.datasets.values(), *house.book.queued.values()]
    collected = [one for one in kept if one.dataset in named or one.case in cases]
    for one in collected:
        house.append("DESTROYED", dataset=one.dataset, object=one.object, warrant=root, by=by)
        house.vault.destroy(one.object)
    for case in sorted(cases):
        house.append("ERASED", case=case, warrant=root, by=by)
    return len(collected) + house.archive.destroy_shelf(shelf_of(root))


def _provisional(house: House, warrant: str) -> Authority:
    made = house.book.papers.get(warrant)
    if made is None or made.paper is not Paper.WARRANT or made.body.get("status") != PROVISIONAL:
        raise OutOfOrder("no valid provisional warrant with this digest")
    return made


def _over(house: House, warrant: Authority) -> bool:
    return house.now() - datetime.fromisoformat(warrant.starts) >= timedelta(days=PROVISIONAL_DAYS)
