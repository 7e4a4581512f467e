"""Retention acts: categories, holds, recovery, destruction, by people and by the daily job.

Everything is an act in the log, with its words in the archive: CATEGORY, TAGGED, HELD, RELEASED, QUEUED, RECOVERED,
DESTROYED, SHREDDED. It works for every dataset of the kernel: a table's time is the one its declaration states, an
object kept whole has none until it is tagged. What is queued can be used for nothing. Destroying is destroying the key.
A hold keeps alarms, too: they lie in the archive and go with its partitions (`expiry`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from peelian.errors import InputError, OutOfOrder, Reason, Refused, sentence
from peelian.kernel.model.archive_partitions import class_of
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Admission, Request, RetentionAct, digest_of, to_bytes
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.pseudonyms import CATEGORY
from peelian.kernel.model.retention_schedule import (
    ACCESS,
    MOST_DAYS,
    Category,
    Holds,
    Item,
    categories_of,
    to_destroy,
    to_queue,
)
from peelian.kernel.model.warrants import PAPERS
from peelian.kernel.policy.authorize import must_hold_role, refusal, time_must_go_on
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import CaseHistory, Kernel, signed
from peelian.kernel.state.object_state import objects_of
from peelian.kernel.state.record_index import MAKERS
from peelian.kernel.state.signed_documents import must_not_be_destroyed, still_archived

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
LIBRARIANS = frozenset({Role.PRIVACY_OFFICER, Role.BOARD})
TAGGERS = frozenset({Role.CLERK, Role.CUSTODIAN, Role.PRIVACY_OFFICER})
HOLDERS = frozenset({Role.CLERK, Role.PRIVACY_OFFICER, Role.BOARD})
HOLDS = ("legal", "case")
FOR_INCIDENT = "incident"  # a hold that the recording of an incident places by itself
FEWEST_WORDS = 3
MOST_CATEGORIES = 9  # of one dataset: more tokens do not fit into a value of the log
LOOKED_AT_ONCE, QUEUED_AT_ONCE, DESTROYED_AT_ONCE = 200, 10, 3  # datasets in a slice of the daily job
OPEN = frozenset({"PERMITTED", "STARTED", "OPENED", "KEEPING", "DERIVED", "TURNED_AWAY", "RAN"})

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one run of the office's job did: the datasets it queued and those it destroyed."""

    queued: tuple[str, ...]
    destroyed: tuple[str, ...]


@act
def define(kernel: Kernel, by: Operator, category: str, *, days: int, access: str = "", words: str) -> Category:
    """Define or change a category. `days` 0: until a person decides; at most 36,160 (99 years).

    Only the privacy officer may leave what carries it less closely held than it is, as in `tag`.
    """
    must_hold_role(kernel, by, LIBRARIANS, "the_librarian_may_define")
    if not SLUG.fullmatch(category):
        raise InputError("not a category name", accepted="2 to 40 small letters, digits and dashes")
    if not 0 <= days <= MOST_DAYS:
        raise InputError("retention period out of range", column="days", accepted=f"0 to {MOST_DAYS:,} days")
    if access not in ACCESS:
        raise InputError("unknown access class", column="access", accepted="restricted, confidential")
    with kernel.lock:
        key = key_of(kernel, category)
        if ACCESS.index(access) < strictest(kernel, [key]):
            must_hold_role(kernel, by, frozenset({Role.PRIVACY_OFFICER}), "the_one_who_opens_up_may_open_up")
        _retained(kernel, by, "CATEGORY", category, words, category=key, days=days, access=access)
        return kernel.state.retention.categories[key]


@act
def tag(kernel: Kernel, by: Operator, dataset: str, categories: tuple[str, ...], *, words: str) -> None:
    """Give a dataset its categories, in place of those it had. They must be defined; none leaves it uncategorised.

    Only the privacy officer may leave it less closely held than it is: else whoever may not see it could tag it anew.
    """
    must_hold_role(kernel, by, TAGGERS, "the_tagger_may_tag")
    known, keys = kernel.state.retention.categories, {name: key_of(kernel, name) for name in categories}
    if unknown := sorted(name for name, key in keys.items() if key not in known):
        there = ", ".join(sorted(one.id for one in known.values())) or "none yet"
        raise InputError(f"unknown category {unknown[0][:40]!r}", accepted=there)
    if len(keys) > MOST_CATEGORIES:
        raise InputError(
            "too many categories", column="categories", accepted=f"at most {MOST_CATEGORIES} of one dataset"
        )
    with kernel.lock:
        _known(kernel, dataset)
        had = kernel.state.retention.tags.get(dataset, ())
        if strictest(kernel, keys.values()) < strictest(kernel, had):
            must_hold_role(kernel, by, frozenset({Role.PRIVACY_OFFICER}), "the_one_who_opens_up_may_open_up")
        _retained(kernel, by, "TAGGED", dataset, words, dataset=dataset, categories=",".join(sorted(keys.values())))


@act
def hold(kernel: Kernel, by: Operator, of: str, *, why: str = "legal", words: str) -> str:
    """Keep something, whatever its time says, until the hold is released; the hold's name.

    `of`: a dataset, kept with what was made from it; an alarm, with what joined it or the incident it joined; or a
    watch (its case), with all its alarms, those to come too; or the sealed paper of a warrant, by its name in the log.
    InputError: no such `why`, or no reasons. OutOfOrder:
    nothing of that name is there, or its retention destroyed it. Refused: they may not hold. What is held stays, and
    the log grows by an entry.
    """
    must_hold_role(kernel, by, HOLDERS, "the_holder_may_hold")
    if why not in HOLDS:
        raise InputError("unknown hold", accepted=", ".join(HOLDS))
    with kernel.lock:
        name = f"h-{secrets.token_hex(4)}"
        _retained(kernel, by, "HELD", of, words, **{held_as(kernel, of): of}, hold=name, why=why)
        return name


def hold_for_incident(kernel: Kernel, by: Operator, datasets: Iterable[str], *, words: str) -> None:
    """Hold the data that an incident concerns, with what they were made from, as part of the act that records it:
    nothing of them is destroyed, even what is queued. What is so held already, destroyed, or no dataset is left.
    O(datasets)."""
    must_hold_role(kernel, by, MAKERS["incident"], "the_recorder_may_record")
    state = kernel.state
    there = [state.datasets.get(name) or state.queued.get(name) for name in sorted(set(datasets))]
    line = dict.fromkeys(one.dataset for made in there if made for one in line_of(kernel, made))
    for name in line:
        known = name in state.datasets or name in state.queued
        if known and FOR_INCIDENT not in state.retention.holds.get(name, {}).values():
            _retained(kernel, by, "HELD", name, words, dataset=name, hold=f"h-{secrets.token_hex(4)}", why=FOR_INCIDENT)


@act
def release(kernel: Kernel, by: Operator, of: str, name: str, *, words: str) -> str:
    """Lift a hold: what is past its time goes with the next daily job. Returns what the log calls that which was held.

    Refused for who placed it, and for another of their unit. OutOfOrder: nothing of that name is so held. What a
    refused warrant destroyed in spite of a hold may be released. O(holds that ever were).
    """
    person = must_hold_role(kernel, by, HOLDERS, "the_holder_may_hold")
    with kernel.lock:
        key = next((key for key, holds in holds_in(kernel).items() if name in holds.get(of, {})), "")
        if not key:
            raise OutOfOrder("no such hold here")
        if reasons := tuple(_why_not_release(kernel, person, name)):
            raise Refused(reasons)
        _retained(kernel, by, "RELEASED", of, words, **{key: of}, hold=name)
        return key


def _why_not_release(kernel: Kernel, person: Person, name: str) -> Iterator[Reason]:
    """Whoever placed it, and everybody of a unit that they ever were of: they may have moved or left since."""
    rule, log = "the_holder_may_not_release", kernel.stores.log
    placed = next(str(e["by"]) for _, e in log.read(kinds=("HELD",)) if e["hold"] == name)
    units = {str(e["unit"]) for _, e in log.read(kinds=("ENROLLED",)) if e["person"] == placed and "unit" in e}
    if person.token == placed:
        yield refusal(rule, "Who placed a hold cannot release it.", "Ask someone in another unit to release it.")
    elif any(same_unit(person.unit, unit) for unit in units):
        yield refusal(
            rule, "The hold was placed by someone in your unit.", "Ask someone in another unit to release it."
        )


def held_as(kernel: Kernel, of: str) -> str:
    """What the log calls that which a hold keeps: "dataset", or "alarms" for an alarm and for a watch. OutOfOrder where
    nothing of that name is there, or its retention destroyed it."""
    state, watching, sealed = kernel.state, kernel.state.alarms, kernel.state.objects
    is_paper = of.startswith(PAPERS) and any(n == of and one not in sealed.gone for one, n in sealed.datasets.items())
    if of in state.datasets or of in state.queued or is_paper:
        return "dataset"
    must_not_be_destroyed(kernel, watching.gone.get(of, "") or watching.gone_watches.get(of, ""))
    if of in watching.floor.alarms or of in watching.stands:
        return "alarms"
    raise OutOfOrder("The dataset, alarm or watch is unknown or destroyed.")


def holds_in(kernel: Kernel) -> Mapping[str, Holds]:
    """Every hold, by what the log calls that which it keeps; released ones leave an empty place. O(1)."""
    return {"dataset": kernel.state.retention.holds, "alarms": kernel.state.alarms.holds}


@act
def queue(kernel: Kernel, by: Operator, dataset: str, *, words: str) -> None:
    """A person decides that a dataset may go: it is out of use at once, and destroyed after 7 days.

    Refused while a hold or an open case keeps it, while it has no category, before its longest time is over, and while
    the clock is behind the log: its 7 days would be over once that is set right.
    """
    must_hold_role(kernel, by, HOLDERS, "the_one_who_deletes_may_delete")
    time_must_go_on(kernel)
    with kernel.lock:
        if dataset not in kernel.state.datasets:
            raise OutOfOrder("The dataset is unknown, already queued for destruction or destroyed.")
        item = item_of(kernel, kernel.state.datasets[dataset], needed(kernel))
        if reasons := tuple(_why_not_queue(item, kernel.now())):
            raise Refused(reasons)
        _retained(kernel, by, "QUEUED", dataset, words, dataset=dataset, why="person")


@act
def recover(kernel: Kernel, by: Operator, dataset: str, *, words: str) -> None:
    """Take a dataset out of the queue; it is not due again by itself for 30 days."""
    must_hold_role(kernel, by, HOLDERS | {Role.CUSTODIAN}, "the_one_who_recovers_may_recover")
    with kernel.lock:
        if dataset not in kernel.state.queued:
            raise OutOfOrder("This dataset is not queued for destruction, or was destroyed.")
        _retained(kernel, by, "RECOVERED", dataset, words, dataset=dataset)


def key_of(kernel: Kernel, category: str) -> str:
    """What the log has for a category: a keyed token; in a log that is older than that, its name."""
    key = kernel.office.token(category, of=CATEGORY)
    return (
        category
        if key not in kernel.state.retention.categories and category in kernel.state.retention.categories
        else key
    )


def strictest(kernel: Kernel, keys: Iterable[str]) -> int:
    """The class of access of the strictest of these categories, by its place in `ACCESS`: 0 is open to all who may."""
    known = kernel.state.retention.categories
    return max((ACCESS.index(known[key].access) for key in keys if key in known), default=0)


def run_daily_job(kernel: Kernel) -> Swept:
    """The office's job, daily, in one go: see `run_in_slices`."""
    return drained(run_in_slices(kernel))


def run_in_slices(kernel: Kernel) -> Generator[None, None, Swept]:
    """The office's job, daily: queue what is due, destroy what has waited its 7 days. O(datasets + objects).

    DESTROYED is logged before the key goes and SHREDDED after it: what an interruption left is completed by the next
    run. Every object that was ever sealed under the dataset's name goes with it. Between its slices others have the
    kernel: what they did meanwhile (a hold, say) counts, for every dataset is looked at again when its turn comes.
    """
    found: list[Item] = []
    for some in batched([*kernel.state.datasets, *kernel.state.queued], LOOKED_AT_ONCE):
        found += _items_of(kernel, some)
        yield
    due = [item.dataset for item in to_queue(found, kernel.now())]
    over = [item.dataset for item in to_destroy(found, kernel.now())]
    queued, gone = [], []
    for some in batched(due, QUEUED_AT_ONCE):
        yield
        queued += _queued_now(kernel, some)
    for some in batched(over, DESTROYED_AT_ONCE):
        yield
        gone += _destroyed_now(kernel, some)
    pending = sorted(kernel.state.retention.pending)
    sealed: dict[str, list[str]] = {}
    for object, name in kernel.stores.vault.names().items() if pending else ():
        sealed.setdefault(name, []).append(object)
    for some in batched(pending, DESTROYED_AT_ONCE):
        yield
        with kernel.lock:
            for name in some:
                for object in {*objects_of(kernel, kernel.state.destroyed[name]), *sealed.get(name, ())}:
                    kernel.stores.vault.destroy(object)
                kernel.append("SHREDDED", dataset=name, by="office")
    return Swept(queued=tuple(queued), destroyed=tuple(gone))


def drained(slices: Generator[None, None, Done]) -> Done:
    """Every slice of a job, one after the other; what it returns."""
    while True:
        try:
            next(slices)
        except StopIteration as over:
            done: Done = over.value
            return done


def batched(names: Sequence[str], n: int) -> Iterator[Sequence[str]]:
    """These names, at most `n` at a time."""
    return (names[start : start + n] for start in range(0, len(names), n))


def _items_of(kernel: Kernel, names: Iterable[str]) -> list[Item]:
    """Those of these datasets that are there or in the queue, as the rules see them now."""
    with kernel.lock:
        wanted, known, queued = needed(kernel), kernel.state.datasets, kernel.state.queued
        there = [known.get(name) or queued.get(name) for name in names]
        return [item_of(kernel, admission, wanted) for admission in there if admission is not None]


def _queued_now(kernel: Kernel, names: Iterable[str]) -> list[str]:
    """Those of these datasets that are still due, queued."""
    with kernel.lock:
        due = to_queue(_items_of(kernel, names), kernel.now())
        for item in due:
            kernel.append("QUEUED", dataset=item.dataset, by="office", why="due")
        return [item.dataset for item in due]


def _destroyed_now(kernel: Kernel, names: Iterable[str]) -> list[str]:
    """Those of these datasets that nothing has kept meanwhile: said to be destroyed, their keys are next."""
    with kernel.lock:
        over = to_destroy(_items_of(kernel, names), kernel.now())
        for item in over:
            made = kernel.state.queued[item.dataset]
            kernel.append("DESTROYED", dataset=item.dataset, object=made.object, by="office", why="retention")
        return [item.dataset for item in over]


def items(kernel: Kernel) -> Iterator[Item]:
    """Every dataset that is there, as the rules see it; those in the queue, too."""
    wanted = needed(kernel)
    for admission in (*kernel.state.datasets.values(), *kernel.state.queued.values()):
        yield item_of(kernel, admission, wanted)


def needed(kernel: Kernel) -> frozenset[str]:
    """The datasets that a case which is not over has opened, may still open, or has made. One whose request was lost in
    a restore opens nothing more. O(cases + datasets)."""
    state, now = kernel.state, kernel.now()
    open_cases = {
        t.case: t.digests("ASKED")[0] for t in state.histories.values() if t.digests("ASKED") and is_open(t, now)
    }
    requests = (still_archived(kernel, digest, Request) for digest in open_cases.values())
    read = {d for request in requests if request is not None for d in request.datasets.values()}
    read |= {part for name in read for part in state.objects.members.get(name, ())}
    return frozenset(read | {name for name, made in state.datasets.items() if made.case in open_cases})


def item_of(kernel: Kernel, admission: Admission, wanted: Set[str]) -> Item:
    """A dataset as the rules see it: derivatives carry their parent's categories, time and holds, besides their own."""
    partition, line = kernel.state.retention, tuple(line_of(kernel, admission))
    tags = tuple(dict.fromkeys(tag for a in line for tag in partition.tags.get(a.dataset, ())))
    declared = 0 if admission.description else int(admission.declaration["retention_days"])
    kept_by = (*(a.dataset for a in line), *kernel.state.objects.wholes(admission.dataset))
    holds = {why for name in kept_by for why in partition.holds.get(name, {}).values()}
    return Item(
        dataset=admission.dataset,
        recorded_at=_recorded(line[-1]),
        categories=categories_of(partition, tags, declared),
        held=bool(holds & {"legal", FOR_INCIDENT}),
        in_case="case" in holds or admission.dataset in wanted,
        queued_at=partition.queued.get(admission.dataset),
        recovered_at=partition.recovered.get(admission.dataset),
    )


def line_of(kernel: Kernel, admission: Admission) -> Iterator[Admission]:
    """A dataset and what it was made from, the original last."""
    yield admission
    name = admission.parent
    while name:
        state = kernel.state
        found = state.datasets.get(name) or state.queued.get(name) or state.destroyed.get(name)
        if found is None:
            return
        yield found
        name = found.parent


def _recorded(admission: Admission) -> datetime:
    stated = str(admission.facts.get("recorded_at", "")) or admission.at
    at = datetime.fromisoformat(stated)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def is_open(history: CaseHistory, now: datetime) -> bool:
    if history.state not in OPEN or history.digests("DECIDED"):
        return False
    until = next((str(e["until"]) for _, e in history.entries if e["kind"] == "PERMITTED"), "")
    return bool(history.digests("RAN")) or (bool(until) and datetime.fromisoformat(until) > now)


def _why_not_queue(item: Item, now: datetime) -> Iterator[Reason]:
    if item.held or item.in_case:
        says = "on legal hold" if item.held else "needed by an open case"
        yield refusal("nothing_held_is_deleted", says, "Release the hold, or close the case.")
    if not item.categories:
        yield refusal("the_uncategorised_is_not_deleted", "no retention category", "Give it a category first.")
    timed = [c.days for c in item.categories if c.days]
    if timed and (now - item.recorded_at).days < max(timed):
        says = sentence("retention period of %(n)d days not ended", n=max(timed))
        yield refusal(
            "nothing_is_deleted_before_its_time", says, "Wait, or ask the privacy officer to change its categories."
        )


def _known(kernel: Kernel, dataset: str) -> None:
    if dataset not in kernel.state.datasets and dataset not in kernel.state.queued:
        raise OutOfOrder("The dataset is unknown or destroyed.")


def _retained(kernel: Kernel, by: Operator, kind: str, about: str, words: str, **fields: str | int) -> None:
    if len(words.split()) < FEWEST_WORDS:
        raise InputError("reasons missing or too short", accepted=sentence("at least %(n)d words", n=FEWEST_WORDS))
    document = RetentionAct(
        act=kind.lower(), about=about, words=words.strip(), by=by.person.token, at=kernel.now().isoformat()
    )
    digest = digest_of(document)  # the document holds the words, the entry what is done: the person signs both
    kernel.stores.archive.put(digest, to_bytes(signed(document, by.sign)), partition=kernel.partition(class_of(kind)))
    acted(kernel, by, kind, document=digest, **fields)
