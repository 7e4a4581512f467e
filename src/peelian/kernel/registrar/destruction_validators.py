"""Destruction validators: what must hold before the log says due, destroyed, collected under warrant, or paid.

Such entries name a person only where a warrant fell: it is the log that says whose time is over, and the daily job that
acts on it, wherever it runs.
"""

from __future__ import annotations

from peelian.kernel.disclosure.noise import SENSOR_DAY, YEARLY, charges, overlapping, span_of
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.retention_schedule import to_destroy, to_queue
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT
from peelian.kernel.registrar.append_request import AppendRequest, entries_with, must
from peelian.kernel.retention.expiry_job import may_say_of_partitions, time_must_not_jump
from peelian.kernel.retention.retention import item_of, needed
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import ADMITTERS


def may_be_collected(append: AppendRequest) -> None:
    """Under a warrant in force. What a gateway reads is counted against it, and names nobody."""
    must(append.text("warrant") in warrant_roots(append.kernel.state.authorizations), "no such valid warrant")
    if "dataset" in append.entry:
        append.signed(ADMITTERS, "the_admitter_may_admit")
        must(append.text("dataset") in append.kernel.state.datasets, "unknown dataset")
    readings = append.entry.get("readings", 0)
    must(isinstance(readings, int) and readings >= 0, "A count of readings cannot be negative.")


def _fell(append: AppendRequest) -> bool:
    """Whether a court refused this warrant, or nobody confirmed it in time; and it is that person, or the office, who
    destroys what it brought."""
    ended = ("WARRANT_REFUSED", "WARRANT_LAPSED")
    found = [entry for entry in entries_with(append.kernel, "before", append.text("warrant")) if entry["kind"] in ended]
    return append.text("by") in {str(entry["by"]) for entry in found}


def _was_under(kernel: Kernel, case: str, warrant: str) -> bool:
    history = kernel.state.histories.get(case)
    return history is not None and any(entry.get("warrant") == warrant for _, entry in history.entries)


def may_be_erased(append: AppendRequest) -> None:
    must(
        _fell(append) and _was_under(append.kernel, append.text("case"), append.text("warrant")),
        "Its warrant did not lapse and was not refused.",
    )


def may_be_destroyed(append: AppendRequest) -> None:
    """What was collected under a warrant that fell; or what has waited its seven days in the queue."""
    kernel, dataset, warrant = append.kernel, append.text("dataset"), append.text("warrant")
    made = kernel.state.datasets.get(dataset) or kernel.state.queued.get(dataset)
    if made is None or made.object != append.text("object"):
        return must(False, "no such object of this dataset")
    if warrant:
        about = (entry for _, entry in kernel.stores.log.found("dataset", dataset))
        named = any(entry.get("warrant") == warrant for entry in about) or _was_under(kernel, made.case, warrant)
        return must(named and _fell(append), "It was not collected under a warrant that lapsed or was refused.")
    time_must_not_jump(kernel)
    due = append.is_the_offices() and append.text("why") == "retention"
    over = due and to_destroy([item_of(kernel, made, needed(kernel))], kernel.now())
    return must(over, "Only the daily job can destroy data, after its retention period.")


def may_be_queued(append: AppendRequest) -> None:
    """By the office: a person who queues something says why in a document."""
    time_must_not_jump(append.kernel)
    made = append.kernel.state.datasets.get(append.text("dataset"))
    there = made is not None and append.is_the_offices() and append.text("why") == "due"
    due = made is not None and to_queue([item_of(append.kernel, made, needed(append.kernel))], append.kernel.now())
    must(there and due, "The retention period of this dataset has not ended.")


def may_be_shredded(append: AppendRequest) -> None:
    must(append.text("dataset") in append.kernel.state.retention.pending, "Its destruction is not logged.")


def may_shred_a_partition(append: AppendRequest) -> None:
    must(
        append.text("partition") in append.kernel.state.partitions.pending,
        "The destruction of this partition is not logged.",
    )


def may_be_said_of_partitions(append: AppendRequest) -> None:
    may_say_of_partitions(append.kernel, append.entry)


def may_be_paid(append: AppendRequest) -> None:
    """A charge: for a question that was not charged before, so that none is ever given back; within the budget of what
    it names, and of no period that a release overlaps, whichever of the office's programs made that. O(answers)."""
    noised, dataset, term = (append.kernel.state.noised, append.text("dataset"), append.text("term"))
    question, span = append.text("question"), span_of(append.text("period"))
    says = "a charge for noise names the records, the question and the days that it is for"
    must(dataset and question and term and span and span[0].startswith(term), says)
    costs, budget = _whole(append, "milli_epsilon"), SENSOR_DAY if dataset.startswith("sensor-") else YEARLY
    must(costs > 0, "A noise charge must be above zero.")
    must(not _of_noise(append, NOISE_SPENT), "This question was already charged.")
    left = budget - costs - sum(charges(noised, dataset=dataset, term=term).values())
    must(left >= 0, "The budget of these records has ended.")
    must(_whole(append, "left") == left, "The budget was charged meanwhile. Try again.")
    overlaps = overlapping(noised, dataset, append.text("period"), question)
    must(not any(overlaps), "A release of these records overlaps this period.")


def _whole(append: AppendRequest, key: str) -> int:
    number = append.entry.get(key)
    return number if isinstance(number, int) else -1


def may_be_drawn(append: AppendRequest) -> None:
    """The commitment to an answer: of a question that was paid for, and once: no other takes its place. O(answers)."""
    must(_of_noise(append, NOISE_SPENT), "No noise budget was charged for this question.")
    must(not _of_noise(append, NOISE_DRAWN), "This question was already answered.")


def _of_noise(append: AppendRequest, kind: str) -> bool:
    said = [append.entry.get(key) for key in ("dataset", "term", "question")]
    found = (entry for entry in append.kernel.state.noised if entry["kind"] == kind)
    return any(said == [entry.get(key) for key in ("dataset", "term", "question")] for entry in found)
