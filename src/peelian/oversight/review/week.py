"""The weekly queue: what a reviewer must look at, and their signature under it; a week left unsigned is overdue.

CJIS AU-6 asks for a weekly review of unusual activity; here every week that holds accesses needs a signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.records.office_records import OfficeRecord, keep, records_of, still_kept
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import must_not_be_destroyed
from peelian.oversight.review.accesses import Access, accesses
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week's review: how many accesses, how many explained, what to look at, until when, and who signed."""

    week: str
    accesses: int
    explained: int
    items: tuple[Item, ...]
    sample: Sample | None
    due: datetime
    signed_by: str  # token, "" while nobody did
    signed_at: str
    overdue: bool
    blind: tuple[str, ...]  # rules that could not be applied, because a list is missing
    outcomes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What all weeks are reviewed from, gathered once: accesses, what explains them, lists, samples, signatures."""

    accesses: tuple[Access, ...]
    grounds: Grounds
    lists: Lists
    samples: Mapping[str, Sample]
    signed: Mapping[str, OfficeRecord]
    past: Mapping[str, str]  # week whose signed review was destroyed → the digest of it


def gathered(kernel: Kernel) -> Known:
    """Gather it. O(entries + cases)."""
    reviews = [record for _, record in records_of(kernel, "review")]
    signed = {str(record.body["week"]): record for record in reversed(reviews)}  # of two the first counts
    return Known(
        accesses=accesses(kernel),
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
    items = [*_unexplained_items(open_ones), *_pattern_items(seen, own, lists, limits), *_sample_items(own, sample)]
    signed = of.signed.get(week)
    due = end + DUE
    return Week(
        week=week,
        accesses=len(own),
        explained=len(own) - len(open_ones),
        items=tuple(items),
        sample=sample,
        due=due,
        signed_by=signed.by if signed else "",
        signed_at=signed.at if signed else "",
        overdue=signed is None and bool(own) and kernel.now() > due,
        blind=tuple(_blind(lists)),
        outcomes={item: str(told["choice"]) for item, told in signed.body["outcomes"].items()} if signed else {},
    )


@act
def draw_week(kernel: Kernel, by: Operator, week: str) -> Sample:
    """Draw the week's random sample from all its accesses."""
    start, end = bounds(week)
    return draw(kernel, by, week, [access.index for access in accesses(kernel, since=start, until=end)])


@act
def sign_off(kernel: Kernel, by: Operator, week: str, outcomes: Mapping[str, tuple[str, str]]) -> str:
    """Sign a week's review: for every item a choice (justified, referred, unclear) and a few words; returns the digest.

    OutOfOrder: the week is not over, its sample not drawn, or it is signed already. InputError: an item is missing or
    unknown. Refused: the reviewer looked at records in it themselves.
    """
    must_hold_role(kernel, by, REVIEWERS, "the_reviewer_may_review")
    review = week_review(kernel, week)
    if kernel.now() < bounds(week)[1]:
        raise OutOfOrder("A week can be signed once it is over.")
    if review.signed_by:
        raise OutOfOrder(SIGNED)
    if review.sample is None:
        raise OutOfOrder("Draw the week's random sample first: `peelian accesses draw`")
    if any(by.person.token in item.by for item in review.items):
        says = "the reviewer's own accesses are part of this review"
        raise Refused([refusal("nobody_reviews_themselves", says, "Ask another reviewer to sign this week.")])
    _all_answered(review, outcomes)
    told = {item: {"choice": choice, "words": words.strip()} for item, (choice, words) in outcomes.items()}
    body = {"week": week, "outcomes": told, "items": [asdict(item) for item in review.items]}
    referred = sum(choice == "referred" for choice, _ in outcomes.values())
    with kernel.lock:  # somebody else may have been as quick
        if any(record.body["week"] == week for _, record in records_of(kernel, "review")):
            raise OutOfOrder(SIGNED)
        return keep(kernel, by, "review", body, week=week, n=len(outcomes), referred=referred)


def overdue_weeks(kernel: Kernel) -> tuple[str, ...]:
    """The weeks whose review nobody signed in time. O(entries)."""
    signed = {str(entry["week"]) for _, entry in kernel.stores.log.read() if entry["kind"] == "REVIEWED"}
    now = kernel.now()
    return tuple(week for week in weeks(kernel) if week not in signed and now > bounds(week)[1] + DUE)


def _past(kernel: Kernel) -> dict[str, str]:
    """The weeks whose review was signed, and destroyed as its retention asks. O(entries)."""
    if not kernel.state.partitions.destroyed:
        return {}
    signed = {str(e["week"]): str(e["document"]) for _, e in kernel.stores.log.read() if e["kind"] == "REVIEWED"}
    return {week: digest for week, digest in signed.items() if still_kept(kernel, digest) is None}


def _all_answered(review: Week, outcomes: Mapping[str, tuple[str, str]]) -> None:
    known = {item.id for item in review.items}
    if missing := sorted(known - outcomes.keys()):
        says = sentence("%(n)d of %(all)d items without an outcome", n=len(missing), all=len(known))
        raise InputError(says, column=missing[0], accepted="all")
    if stray := sorted(outcomes.keys() - known):
        raise InputError("unknown item in this week", column=stray[0][:40], accepted="items of its list")
    for item, (choice, words) in outcomes.items():
        if choice not in CHOICES:
            raise InputError("not an outcome", column=item, accepted=", ".join(CHOICES))
        if len(words.split()) < FEWEST_WORDS:
            accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
            raise InputError("no reason given", column=item, accepted=accepted)


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


def _sample_items(own: Iterable[Access], sample: Sample | None) -> Iterator[Item]:
    picked = set(sample.entries) if sample else set()
    for access in own:
        if access.index in picked:
            yield _item("sample", [access], {"n": 1})


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
