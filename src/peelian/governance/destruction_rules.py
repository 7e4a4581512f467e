"""What must hold before the log says that something is collected under a warrant, due, destroyed, or paid for.

Such entries name a person only where a warrant fell: it is the log that says whose time is over, and the daily job that
acts on it, wherever it runs.
"""

from __future__ import annotations

from peelian.governance.expiry import may_say_of_shelves, time_must_not_jump
from peelian.governance.flow import ADMITTERS
from peelian.governance.house import House
from peelian.governance.issued import warrant_roots
from peelian.governance.noise import DRAWN, SENSOR_DAY, SPENT, YEARLY, charges, overlapping, span_of
from peelian.governance.retention import item_of, needed
from peelian.governance.retention_rules import to_destroy, to_queue
from peelian.governance.wishes import Wish, entries_with, entry_at, must


def may_be_collected(wish: Wish) -> None:
    """Under a warrant in force. What a gateway reads is counted against it, and names nobody."""
    must(wish.text("warrant") in warrant_roots(wish.house.book.papers), "no such valid warrant")
    if "dataset" in wish.entry:
        wish.signed(ADMITTERS, "the_admitter_may_admit")
        must(wish.text("dataset") in wish.house.book.datasets, "unknown dataset")
    readings = wish.entry.get("readings", 0)
    must(isinstance(readings, int) and readings >= 0, "A count of readings cannot be negative.")


def _fell(wish: Wish) -> bool:
    """Whether a court refused this warrant, or nobody confirmed it in time; and it is that person, or the office, who
    destroys what it brought."""
    ended = ("WARRANT_REFUSED", "WARRANT_LAPSED")
    found = [entry for entry in entries_with(wish.house, "before", wish.text("warrant")) if entry["kind"] in ended]
    return wish.text("by") in {str(entry["by"]) for entry in found}


def _was_under(house: House, case: str, warrant: str) -> bool:
    track = house.book.tracks.get(case)
    return track is not None and any(entry.get("warrant") == warrant for _, entry in track.entries)


def may_be_erased(wish: Wish) -> None:
    must(_fell(wish) and _was_under(wish.house, wish.text("case"), wish.text("warrant")), "Its warrant did not lapse and was not refused.")


def may_be_destroyed(wish: Wish) -> None:
    """What was collected under a warrant that fell; or what has waited its seven days in the queue."""
    house, dataset, warrant = wish.house, wish.text("dataset"), wish.text("warrant")
    made = house.book.datasets.get(dataset) or house.book.queued.get(dataset)
    if made is None or made.object != wish.text("object"):
        return must(False, "no such object of this dataset")
    if warrant:
        about = (entry_at(house, index) for index in house.book.about.get(dataset, ()))
        named = any(entry.get("warrant") == warrant for entry in about) or _was_under(house, made.case, warrant)
        return must(named and _fell(wish), "It was not collected under a warrant that lapsed or was refused.")
    time_must_not_jump(house)
    due = wish.is_the_offices() and wish.text("why") == "retention"
    over = due and to_destroy([item_of(house, made, needed(house))], house.now())
    return must(over, "Only the daily job can destroy data, after its retention period.")


def may_be_queued(wish: Wish) -> None:
    """By the office: a person who queues something says why in a document."""
    time_must_not_jump(wish.house)
    made = wish.house.book.datasets.get(wish.text("dataset"))
    there = made is not None and wish.is_the_offices() and wish.text("why") == "due"
    due = made is not None and to_queue([item_of(wish.house, made, needed(wish.house))], wish.house.now())
    must(there and due, "The retention period of this dataset has not ended.")


def may_be_shredded(wish: Wish) -> None:
    must(wish.text("dataset") in wish.house.book.shelf.pending, "Its destruction is not logged.")


def may_shred_a_shelf(wish: Wish) -> None:
    must(wish.text("shelf") in wish.house.book.shelves.pending, "The destruction of this partition is not logged.")


def may_be_said_of_shelves(wish: Wish) -> None:
    may_say_of_shelves(wish.house, wish.entry)


def may_be_paid(wish: Wish) -> None:
    """A charge: for a question that was not charged before, so that none is ever given back; within the budget of what
    it names, and of no period that a release overlaps, whichever of the office's programs made that. O(answers)."""
    noised, dataset, term = wish.house.book.noised, wish.text("dataset"), wish.text("term")
    question, span = wish.text("question"), span_of(wish.text("period"))
    says = "a charge for noise names the records, the question and the days that it is for"
    must(dataset and question and term and span and span[0].startswith(term), says)
    costs, budget = _whole(wish, "milli_epsilon"), SENSOR_DAY if dataset.startswith("sensor-") else YEARLY
    must(costs > 0, "A noise charge must be above zero.")
    must(not _of_noise(wish, SPENT), "This question was already charged.")
    left = budget - costs - sum(charges(noised, dataset=dataset, term=term).values())
    must(left >= 0, "The budget of these records has ended.")
    must(_whole(wish, "left") == left, "The budget was charged meanwhile. Try again.")
    overlaps = overlapping(noised, dataset, wish.text("period"), question)
    must(not any(overlaps), "A release of these records overlaps this period.")


def _whole(wish: Wish, key: str) -> int:
    number = wish.entry.get(key)
    return number if isinstance(number, int) else -1


def may_be_drawn(wish: Wish) -> None:
    """The commitment to an answer: of a question that was paid for, and once: no other takes its place. O(answers)."""
    must(_of_noise(wish, SPENT), "No noise budget was charged for this question.")
    must(not _of_noise(wish, DRAWN), "This question was already answered.")


def _of_noise(wish: Wish, kind: str) -> bool:
    said = [wish.entry.get(key) for key in ("dataset", "term", "question")]
    found = (entry for entry in wish.house.book.noised if entry["kind"] == kind)
    return any(said == [entry.get(key) for key in ("dataset", "term", "question")] for entry in found)
