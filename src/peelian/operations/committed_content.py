"""Committed content: documents, names and noisy answers, which the log commits to and nobody can derive from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from functools import partial

from peelian.errors import IntegrityError, OutOfOrder, PeelianError, sentence
from peelian.kernel.disclosure.noise import Answers, commitment, witnessed
from peelian.kernel.model.archive_partitions import homes
from peelian.kernel.model.pseudonyms import ANSWER
from peelian.kernel.model.vocabulary import NOISE_DRAWN
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import was_lost
from peelian.operations.doctor_archive import digests_of, lost_documents

TABLES = frozenset({"documents", "names", "answers"})


def lost_content(kernel: Kernel) -> Iterator[str]:
    """Table and key of each document, name and answer that is missing or is not what the log commits to. Whatever was
    destroyed, or lost in a restore, as the log says is not missed. O(bytes of the archive + entries)."""
    documents = list(_documents(kernel))
    yield from (f"documents {digest}" for digest in documents)
    if documents:  # without them nobody can tell what is due
        return
    yield from (f"names {digest}" for digest in _names(kernel))
    yield from (f"answers {question}" for question in lost_answers(kernel))


def lost_answers(kernel: Kernel) -> list[str]:
    """Questions whose answer the log says was drawn, and that is not kept as it was; not those whose answer was lost in
    a restore. O(entries of noise)."""
    if kernel.release.noise is None:
        return []
    drawn, token = witnessed(kernel.state.noised), partial(kernel.office.token, of=ANSWER)
    left, lost = answers_left_behind(kernel), []
    for question, committed in drawn.items():
        answer = None
        with suppress(IntegrityError):
            answer = kernel.release.noise.answers.find(question)
        if question not in left and (not answer or commitment(question, answer, token) != committed):
            lost.append(question)
    return lost


def answers_left_behind(kernel: Kernel) -> Set[str]:
    """Questions that have no answer, as a restored log says: it took the entry without it. O(entries of noise)."""
    known, noise = kernel.state.partitions, kernel.release.noise
    if noise is None or not known.restored:
        return frozenset()
    drawn = kernel.stores.log.read(kinds=(NOISE_DRAWN,))
    alone = {str(entry["question"]) for index, entry in drawn if known.came_alone(index)}
    return {question for question in alone if _has_none(noise.answers, question)}


def _has_none(answers: Answers, question: str) -> bool:
    try:
        return answers.find(question) is None
    except IntegrityError:  # it has one, which was altered
        return False


def of_the_answers(kernel: Kernel) -> Iterator[tuple[bool, str, str]]:
    """What is to be said of the noisy answers: whether it is a fault, what it is, and what to do."""
    if lost := lost_answers(kernel):
        says = sentence("Logged noisy answers missing or different: %(n)d. The database is older.", n=len(lost))
        yield True, says, "Restore the newest database from its backup. No noise is drawn twice meanwhile."
    if left := answers_left_behind(kernel):
        says = sentence("Noisy answers lost when the log was restored: %(n)d.", n=len(left))
        yield False, says, "No noise is drawn twice: these questions stay without an answer."


def _documents(kernel: Kernel) -> Iterator[str]:
    seen = set[str]()
    for one in lost_documents(kernel):
        if not one.restored:
            seen.add(one.digest)
            yield one.digest
    partitions = kernel.stores.archive.partitions()
    elsewhere = [digest for digest in _findings_elsewhere(kernel, partitions) if digest not in seen]
    seen.update(elsewhere)
    yield from elsewhere
    damaged = dict.fromkeys(
        digest
        for partition, digests in sorted(partitions.items())
        for digest in sorted(digests - seen)
        if _is_damaged(kernel, digest, partition)
    )
    yield from damaged


def _is_damaged(kernel: Kernel, digest: str, partition: str) -> bool:
    """Whether this copy of a document cannot be opened, though its partition was not destroyed."""
    try:
        kernel.stores.archive.get(digest, partition=partition)
    except OutOfOrder:
        return False
    except PeelianError:
        return True
    return False


def _findings_elsewhere(kernel: Kernel, partitions: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Findings that lie with the case or in the register alone, where the log says that they are kept with both."""
    destroyed, found = kernel.state.partitions.destroyed, dict[str, None]()
    for _, entry in kernel.stores.log.read(kinds=("RAN", "PUBLISHED")):
        own = homes(entry)
        if any(partition in destroyed for partition in own):
            continue
        for digest in digests_of(kernel, entry, frozenset()):
            there = [partition for partition, digests in partitions.items() if digest in digests]
            if there and not set(there) & set(own):
                found[digest] = None
    yield from found


def _names(kernel: Kernel) -> Iterator[str]:
    """Enrolments and proposals to enrol whose name is due and is not there, or is another's."""
    for digest, person in names_due(kernel).items():
        named = None
        with suppress(IntegrityError):
            named = kernel.stores.directory.known(digest)
        if (named is None or named.person != person) and not was_lost(kernel, digest):
            yield digest


def names_due(kernel: Kernel) -> Mapping[str, str]:
    """Whose name lies under which document: of everybody who was not forgotten since."""
    due: dict[str, str] = {}
    proposals = kernel.state.dual_control.proposals
    for _, entry in kernel.stores.log.read(kinds=("ENROLLED", "PROPOSED", "FORGOTTEN")):
        document = str(entry.get("document", ""))
        if entry["kind"] == "FORGOTTEN":
            due = {digest: person for digest, person in due.items() if person != entry["person"]}
        elif entry["kind"] == "ENROLLED":
            due[document] = str(entry["person"])
        elif document in proposals and proposals[document].what == "enrol":
            due[document] = str(proposals[document].body["person"])
    return due
