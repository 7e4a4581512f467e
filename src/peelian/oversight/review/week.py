"""The weekly queue: what reviewers must look at, and their signatures under it; a week left unsigned is overdue.

CJIS AU-6 asks for a weekly review of unusual activity; here every week that holds accesses needs a signature. Nobody
reviews themselves: a reviewer signs the items without their own accesses, another one the rest. The week is signed when
every item has an outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.records.office_records import OfficeRecord, keep, records_of, still_kept
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import must_not_be_destroyed
from peelian.oversight.review.accesses import Access, accesses, reviewed
from peelian.oversight.review.explanations import Grounds, grounds_of, unexplained
from peelian.oversight.review.patterns import Limits, patterns
from peelian.oversight.review.people import Lists, lists_of
from peelian.oversight.review.sampling import REVIEWERS, Sample, bounds, draw, samples, week_of

CHOICES = ("justified", "referred", "unclear")
DUE = timedelta(days=7)  # after a week's end
FEWEST_WORDS = 3
LOOK_BACK = timedelta(days=28)  # what a pattern may need to know of the time before
SIGNED = "this week is signed already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to look at: a rule (or "unexplained" or "sample"), the entries it rests on, who and what."""

    id: str  # stable within its week: the rule and its first entry
    rule: str
    entries: tuple[int, ...]
    by: tuple[str, ...]  # tokens of the actors
    units: tuple[str, ...]
    dataset: str
    facts: Mapping[str, int]
    explained: bool = False  # a ground explains it: that it fits needs no words


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week's review: how many accesses, how many explained, what to look at, until when, and who signed."""

    week: str
    accesses: int
    explained: int
    items: tuple[Item, ...]
    sample: Sample | None
    due: datetime
    signed_by: tuple[str, ...]  # tokens of those who answered its items
    signed_at: str  # "" until every item is answered
    overdue: bool
    blind: tuple[str, ...]  # rules that could not be applied, because a list is missing
    outcomes: Mapping[str, str]
    words: tuple[str, ...] = ()  # what was said under items that are answered

    @property
    def open(self) -> tuple[str, ...]:
        """The items without an outcome."""
        return tuple(item.id for item in self.items if item.id not in self.outcomes)

    def left_to(self, token: str) -> tuple[str, ...]:
        """Those of them that this person may answer: their own accesses are in none."""
        own = {item.id for item in self.items if token in item.by}
        return tuple(item for item in self.open if item not in own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What all weeks are reviewed from, gathered once: accesses, what explains them, lists, samples, signatures."""

    accesses: tuple[Access, ...]
    grounds: Grounds
    lists: Lists
    samples: Mapping[str, Sample]
    signed: Mapping[str, tuple[OfficeRecord, ...]]  # of each week, as they were signed
    past: Mapping[str, str]  # week whose signed review was destroyed → the digest of it


def gathered(kernel: Kernel) -> Known:
    """Gather it. O(entries + cases)."""
    signed: dict[str, tuple[OfficeRecord, ...]] = {}
    for _, record in records_of(kernel, "review"):
        week = str(record.body["week"])
        signed[week] = (*signed.get(week, ()), record)
    return Known(
        accesses=reviewed(kernel),
        grounds=grounds_of(kernel),
        lists=lists_of(kernel),
        samples=samples(kernel),
        signed=signed,
        past=_past(kernel),
    )


def all_weeks(kernel: Kernel) -> tuple[str, ...]:
    """The weeks that hold accesses, oldest first. O(entries)."""
    return tuple(sorted({week_of(access.at) for access in accesses(kernel)}))


def weeks(kernel: Kernel) -> tuple[str, ...]:
    """The same without those whose signed review was destroyed as its retention asks. O(entries)."""
    past = _past(kernel)
    return tuple(week for week in all_weeks(kernel) if week not in past)


def week_review(kernel: Kernel, week: str, *, limits: Limits | None = None, of: Known | None = None) -> Week:
    """What one week asks of its reviewer; `of` is what was gathered already. O(accesses) then, else O(entries)."""
    of = of or gathered(kernel)
    must_not_be_destroyed(kernel, of.past.get(week, ""))
    start, end = bounds(week)
    seen = tuple(access for access in of.accesses if start - LOOK_BACK <= access.at < end)
    own = [access for access in seen if access.at >= start]
    lists, sample = of.lists, of.samples.get(week)
    open_ones = unexplained(own, of.grounds)
    items = [
        *_unexplained_items(open_ones),
        *_pattern_items(seen, own, lists, limits),
        *_sample_items(own, sample, open_ones),
    ]
    signed = of.signed.get(week, ())
    ended = next((record.at for record in signed if not record.body.get("left")), "")
    due = end + DUE
    return Week(
        week=week,
        accesses=len(own),
        explained=len(own) - len(open_ones),
        items=tuple(items),
        sample=sample,
        due=due,
        signed_by=tuple(dict.fromkeys(record.by for record in signed)),
        signed_at=ended,
        overdue=not ended and bool(own) and kernel.now() > due,
        blind=tuple(_blind(lists)),
        outcomes={item: str(told["choice"]) for record in signed for item, told in record.body["outcomes"].items()},
        words=tuple(str(told["words"]) for record in signed for told in record.body["outcomes"].values()),
    )


@act
def draw_week(kernel: Kernel, by: Operator, week: str) -> Sample:
    """Draw the week's random sample from all its accesses."""
    start, end = bounds(week)
    return draw(kernel, by, week, [access.index for access in reviewed(kernel, since=start, until=end)])


@act
def sign_off(kernel: Kernel, by: Operator, week: str, outcomes: Mapping[str, tuple[str, str]]) -> str:
    """Sign what one reviewer answers of a week, each item singly; returns the digest. The rest is signed later, or by
    another reviewer.

    For each item: a choice (justified, referred, unclear) and a few words of its own; an item of the sample that a
    ground explains is justified without any. OutOfOrder: the week is not over, its sample not drawn, or it is signed
    already. InputError: no item is answered, one is unknown, or one text stands under several. Refused: an item, or all
    that is left, is about the reviewer's own accesses.
    """
    must_hold_role(kernel, by, REVIEWERS, "the_reviewer_may_review")
    with kernel.lock:  # somebody else may be as quick
        review = week_review(kernel, week)
        if kernel.now() < bounds(week)[1]:
            raise OutOfOrder("A week can be signed once it is over.")
        if review.signed_at:
            raise OutOfOrder(SIGNED)
        if review.sample is None:
            raise OutOfOrder("Draw the week's random sample first: `peelian accesses draw`")
        mine = review.left_to(by.person.token)
        _not_their_own(review, by.person.token, mine, outcomes)
        _each_answered({item.id: item for item in review.items if item.id in mine}, outcomes)
        _no_text_twice(review.words, outcomes)
        told = {item: {"choice": choice, "words": words.strip()} for item, (choice, words) in outcomes.items()}
        answered = [asdict(item) for item in review.items if item.id in told]
        left = len(set(review.open) - told.keys())
        body = {"week": week, "outcomes": told, "items": answered, "left": left}
        referred = sum(choice == "referred" for choice, _ in outcomes.values())
        return keep(kernel, by, "review", body, week=week, n=len(outcomes), referred=referred, left=left)


def signed_weeks(kernel: Kernel) -> frozenset[str]:
    """The weeks in which every item has an outcome. O(entries)."""
    read = kernel.stores.log.read()
    return frozenset(str(entry["week"]) for _, entry in read if entry["kind"] == "REVIEWED" and not entry.get("left"))


def overdue_weeks(kernel: Kernel) -> tuple[str, ...]:
    """The weeks whose review nobody signed in time. O(entries)."""
    signed, now = signed_weeks(kernel), kernel.now()
    return tuple(week for week in weeks(kernel) if week not in signed and now > bounds(week)[1] + DUE)


def _past(kernel: Kernel) -> dict[str, str]:
    """The weeks whose review was signed, and destroyed as its retention asks. O(entries)."""
    if not kernel.state.partitions.destroyed:
        return {}
    read = [entry for _, entry in kernel.stores.log.read() if entry["kind"] == "REVIEWED"]
    signed = [(str(entry["week"]), str(entry["document"])) for entry in read]
    return {week: digest for week, digest in signed if still_kept(kernel, digest) is None}


def _not_their_own(review: Week, token: str, mine: tuple[str, ...], outcomes: Mapping[str, object]) -> None:
    """O(items)."""
    own = {item.id for item in review.items if token in item.by}
    if own & outcomes.keys() or (review.open and not mine):
        says = "the reviewer's own accesses are part of this review"
        raise Refused([refusal("nobody_reviews_themselves", says, "Ask another reviewer to sign this week.")])


def _each_answered(known: Mapping[str, Item], outcomes: Mapping[str, tuple[str, str]]) -> None:
    if known and not outcomes:
        raise InputError("no item has an outcome", accepted="an outcome for each item that you looked into")
    if stray := sorted(outcomes.keys() - known.keys()):
        raise InputError("unknown item in this week", column=stray[0][:40], accepted="items of its list")
    for item, (choice, words) in outcomes.items():
        if choice not in CHOICES:
            raise InputError("not an outcome", column=item, accepted=", ".join(CHOICES))
        if len(words.split()) < FEWEST_WORDS and not (choice == "justified" and known[item].explained and not words):
            accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
            raise InputError("no reason given", column=item, accepted=accepted)


def _no_text_twice(before: Iterable[str], outcomes: Mapping[str, tuple[str, str]]) -> None:
    """One text under several items answers none of them, however it is spaced."""
    known, new = [*map(_spelled, before)], [_spelled(words) for _, words in outcomes.values()]
    if n := sum(text != "" and (new.count(text) > 1 or text in known) for text in new):
        says = sentence("the same words under several items, %(n)d of these", n=n)
        raise InputError(says, accepted="for each item what you asked about it and what you found")


def _spelled(words: str) -> str:
    return " ".join(words.casefold().split())


def _unexplained_items(found: Iterable[Access]) -> Iterator[Item]:
    """One item for each person at a desk and dataset."""
    groups: dict[tuple[str, str], list[Access]] = {}
    for access in found:
        groups.setdefault((access.by, access.dataset), []).append(access)
    for accesses_ in groups.values():
        yield _item("unexplained", accesses_, {"n": len(accesses_)})


def _pattern_items(seen: Iterable[Access], own: list[Access], lists: Lists, limits: Limits | None) -> Iterator[Item]:
    """Patterns that rest on at least one access of the week."""
    seen = tuple(seen)
    by_index = {access.index: access for access in seen}
    ours = {access.index for access in own}
    for pattern in patterns(seen, lists, limits):
        if ours & set(pattern.entries):
            yield _item(pattern.rule, [by_index[index] for index in pattern.entries], pattern.facts)


def _sample_items(own: Iterable[Access], sample: Sample | None, open_ones: Iterable[Access]) -> Iterator[Item]:
    picked, unexplained_ones = set(sample.entries) if sample else set(), {access.index for access in open_ones}
    for access in own:
        if access.index in picked:
            item = _item("sample", [access], {"n": 1})
            yield replace(item, explained=access.index not in unexplained_ones)


def _item(rule: str, found: list[Access], facts: Mapping[str, int]) -> Item:
    return Item(
        id=f"{rule}-{found[0].index}",
        rule=rule,
        entries=tuple(access.index for access in found),
        by=tuple(sorted({access.by for access in found})),
        units=tuple(sorted({access.unit for access in found})),
        dataset=found[0].dataset,
        facts=facts,
    )


def _blind(lists: Lists) -> Iterator[str]:
    if not lists.staff:
        yield from ("self", "same_surname", "former_employee")
    if not lists.subjects:
        yield "one_sex_skew"
    if not lists.shifts:
        yield "off_duty"
