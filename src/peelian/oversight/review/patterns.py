"""What stands out among accesses: the patterns that auditors of police databases look for, each a pure function.

After Minnesota's Legislative Auditor, Law Enforcement's Use of State Databases (2013), and Saskatchewan's privacy
commissioner. Each finding names a rule and the log entries it rests on; nobody is scored or ranked, and a finding is a
question to be answered by a person, not a verdict.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from peelian.oversight.review.accesses import Access
from peelian.oversight.review.people import Lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where each pattern begins. A town may set them lower; the review says what was used."""

    crowd_people: int = 4  # different people looking at one person
    crowd_times: int = 5  # or one of them, on so many occasions
    crowd_days: int = 7
    skew_people: int = 20  # different people somebody looked at, before their sexes are compared
    skew_chance: float = 0.001
    bulk_print: int = 25  # people in one print or export
    bulk_read: int = 40  # people in one session within an hour
    grace: timedelta = timedelta(minutes=30)  # before and after a shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One thing that stands out: the rule, the log entries it rests on, and the numbers that say why."""

    rule: str
    entries: tuple[int, ...]
    facts: Mapping[str, int]


Rule = Callable[[Sequence[Access], Lists, Limits], Iterator[Pattern]]


def patterns(seen: Iterable[Access], lists: Lists, limits: Limits | None = None) -> tuple[Pattern, ...]:
    """Everything that stands out among `seen`, rule by rule. O(accesses × log accesses)."""
    known = tuple(seen)
    return tuple(pattern for rule in RULES for pattern in rule(known, lists, limits or Limits()))


def self_access(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """Somebody looked at the record of themselves."""
    yield from _each("self", seen, lambda a: a.by in lists.staff and lists.staff[a.by].subject == a.subject != "")


def same_surname(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """Somebody looked at the record of a person of their own surname, who may be kin."""

    def kin(access: Access) -> bool:
        employee, subject = lists.staff.get(access.by), lists.subjects.get(access.subject)
        if employee is None or subject is None or employee.subject == subject.token:
            return False
        return employee.surname == subject.surname != ""

    yield from _each("same_surname", seen, kin)


def one_sex_skew(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """Somebody looks at people of one sex far more often than everybody else does (exact binomial, two-sided)."""
    looked: dict[str, dict[str, list[Access]]] = defaultdict(lambda: defaultdict(list))
    for access in seen:
        subject = lists.subjects.get(access.subject)
        if subject and subject.gender in ("f", "m"):
            looked[access.by][access.subject].append(access)
    women = {by: sum(lists.subjects[s].gender == "f" for s in people) for by, people in looked.items()}
    for by, people in looked.items():
        n, f = len(people), women[by]
        others = sum(len(p) for other, p in looked.items() if other != by)
        if n < limits.skew_people or others < limits.skew_people:
            continue
        share = (sum(w for other, w in women.items() if other != by) + 1) / (others + 2)
        if binomial_two_sided(f, n, share) < limits.skew_chance:
            entries = sorted(access.index for accesses in people.values() for access in accesses)
            facts = {"n": n, "women": f, "others_percent": round(100 * share)}
            yield Pattern(rule="one_sex_skew", entries=tuple(entries), facts=facts)


def crowding(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """Many people, or one of them again and again, looked at one person within days."""
    window = timedelta(days=limits.crowd_days)
    for found in _grouped(seen, lambda a: a.subject):
        best = max((_within(found, i, window) for i in range(len(found))), key=_crowd, default=[])
        people, times = len({a.by for a in best}), _occasions(best)
        if people >= limits.crowd_people or times >= limits.crowd_times:
            entries = tuple(a.index for a in best)
            yield Pattern(rule="crowding", entries=entries, facts={"people": people, "most_times": times})


def former_employee(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """Somebody's log-on was used after their last day."""

    def gone(access: Access) -> bool:
        employee = lists.staff.get(access.by)
        return bool(employee and employee.left and access.at.date() > date.fromisoformat(employee.left))

    yield from _each("former_employee", seen, gone)


def borrowed_session(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """One session was used from two addresses, or from one that its account had never used before that session.

    The entries are those from the address that the account had used least.
    """
    usual: dict[tuple[str, str], set[str]] = defaultdict(set)
    for access in seen:
        if access.address:
            usual[access.by, access.address].add(access.session)
    for found in _grouped([a for a in seen if a.address], lambda a: a.session):
        addresses = {a.address for a in found}
        by = found[0].by
        if len(addresses) < 2:
            continue
        odd = min(addresses, key=lambda address: (len(usual[by, address]), -_first(found, address)))
        entries = tuple(a.index for a in found if a.address == odd)
        yield Pattern(rule="borrowed_session", entries=entries, facts={"addresses": len(addresses)})


def wrong_address(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """A log-on that may come from named addresses only came from another one."""

    def elsewhere(access: Access) -> bool:
        employee = lists.staff.get(access.by)
        return bool(employee and employee.addresses and access.address not in employee.addresses)

    for found in _grouped([a for a in seen if elsewhere(a)], lambda a: (a.by, a.address or "none")):
        yield Pattern(rule="wrong_address", entries=tuple(a.index for a in found), facts={"n": len(found)})


def off_duty(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """Somebody on the roster looked at a record outside their shifts; whoever is not on it is not judged by it."""
    shifts = defaultdict(list)
    for shift in lists.shifts:
        shifts[shift.token].append((shift.starts - limits.grace, shift.ends + limits.grace))

    def off(access: Access) -> bool:
        own = shifts.get(access.by)
        return own is not None and not any(starts <= access.at <= ends for starts, ends in own)

    yield from _each("off_duty", seen, off)


def bulk_print(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """One print or export held the records of many people."""
    printed = [a for a in seen if a.action in ("print", "export") and a.batch]
    for found in _grouped(printed, lambda a: a.batch):
        if (n := len({a.subject for a in found})) >= limits.bulk_print:
            yield Pattern(rule="bulk_print", entries=tuple(a.index for a in found), facts={"people": n})


def bulk_read(seen: Sequence[Access], lists: Lists, limits: Limits) -> Iterator[Pattern]:
    """One session looked at the records of many people within an hour."""
    hour = timedelta(hours=1)
    for found in _grouped([a for a in seen if a.subject], lambda a: (a.session, a.address)):
        if (n := _most_within(found, hour)) >= limits.bulk_read:
            yield Pattern(rule="bulk_read", entries=tuple(a.index for a in found), facts={"people": n})


RULES: tuple[Rule, ...] = (
    self_access,
    same_surname,
    one_sex_skew,
    crowding,
    former_employee,
    borrowed_session,
    wrong_address,
    off_duty,
    bulk_print,
    bulk_read,
)


def binomial_two_sided(k: int, n: int, p: float) -> float:
    """The chance of a count at least as unlikely as `k` of `n` at share `p` (the minimum-likelihood method). O(n).

    >>> round(binomial_two_sided(20, 20, 0.5), 9)
    1.907e-06
    """
    chances = [math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1)]
    return min(1.0, sum(chance for chance in chances if chance <= chances[k] * (1 + 1e-7)))


def _each(rule: str, seen: Sequence[Access], holds: Callable[[Access], bool]) -> Iterator[Pattern]:
    """One pattern for each person at a desk and person looked at, with all entries of it."""
    for found in _grouped([a for a in seen if a.subject and holds(a)], lambda a: (a.by, a.subject)):
        yield Pattern(rule=rule, entries=tuple(a.index for a in found), facts={"n": len(found)})


def _grouped(seen: Iterable[Access], key: Callable[[Access], Hashable]) -> Iterator[list[Access]]:
    groups: dict[Hashable, list[Access]] = defaultdict(list)
    for access in seen:
        if key(access):
            groups[key(access)].append(access)
    yield from groups.values()


def _within(found: Sequence[Access], start: int, window: timedelta) -> list[Access]:
    """The accesses from one on within a time; the list is in order, so the end is the first too late."""
    end = found[start].at + window
    return [access for access in found[start:] if access.at <= end]


def _occasions(found: Sequence[Access]) -> int:
    """The most occasions (sessions) on which one person looked."""
    sessions: dict[str, set[str]] = defaultdict(set)
    for access in found:
        sessions[access.by].add(access.session or str(access.index))
    return max((len(s) for s in sessions.values()), default=0)


def _crowd(found: Sequence[Access]) -> tuple[int, int, int]:
    return len({a.by for a in found}), _occasions(found), len(found)


def _most_within(found: Sequence[Access], window: timedelta) -> int:
    """The most different people looked at within any such time. O(accesses): two ends move on through them."""
    inside: Counter[str] = Counter()
    most = start = 0
    for access in found:
        inside[access.subject] += 1
        while found[start].at < access.at - window:
            gone = found[start].subject
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            start += 1
        most = max(most, len(inside))
    return most


def _first(found: Sequence[Access], address: str) -> int:
    return min(a.index for a in found if a.address == address)
