"""Retention schedule: when a dataset is due for destruction. Pure rules, without log or clock.

They are the published rules of the widest used evidence store, so that a town that comes from there loses nothing:
a category says for how long; of several the longest counts; time runs from when it was recorded; what has no category
is never deleted; a legal hold or an open case exempts; deletion waits 7 days in a queue, from which a person can take
it back, and then it is not due again for 30 days. A category without a time means: until a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peelian.kernel.model.documents import RetentionAct
from peelian.kernel.model.ports import Entry

RECOVERY_DAYS = 7
RESPITE_DAYS = 30
MOST_DAYS = 36_160  # 99 years
Holds = MutableMapping[str, dict[str, str]]  # what is held → hold → legal or case
DECLARED = "declared"  # the category of a table: what its declaration states
ACCESS = ("", "restricted", "confidential")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category: for how many days what it holds is kept, 0 for "until a person decides", and who may see it."""

    id: str
    days: int = 0
    access: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What the rules look at: when it was recorded, its categories, and what keeps it."""

    dataset: str
    recorded_at: datetime
    categories: tuple[Category, ...] = ()
    held: bool = False  # a legal hold
    in_case: bool = False  # an open case needs it
    queued_at: datetime | None = None
    recovered_at: datetime | None = None


@dataclass(slots=True)
class RetentionState:
    """What the log says about retention: categories, what carries them, holds, the queue. Folded entry by entry.

    In the log a category is a keyed token, since a town may name one after somebody ("smith-case"); its name is in the
    act that defined it. In older logs it is its own name.
    """

    categories: dict[str, Category] = field(default_factory=dict)  # by what the log has for it
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)  # dataset → what the log has for its categories
    holds: Holds = field(default_factory=dict)  # of datasets
    queued: dict[str, datetime] = field(default_factory=dict)
    recovered: dict[str, datetime] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)  # destroyed by the log, the key perhaps not yet
    readers: dict[str, set[str]] = field(default_factory=dict)  # dataset → people allowed to use it though confidential


def due_at(item: Item) -> datetime | None:
    """When the item becomes due by itself; None where it never does while things stay as they are.

    >>> from datetime import UTC
    >>> day = datetime(2026, 1, 1, tzinfo=UTC)
    >>> stop, force = Category(id="stop", days=30), Category(id="force", days=90)
    >>> due_at(Item(dataset="a", recorded_at=day, categories=(stop, force))).date().isoformat()
    '2026-04-01'
    """
    if item.held or item.in_case or not item.categories or any(c.days == 0 for c in item.categories):
        return None
    due = item.recorded_at + timedelta(days=max(c.days for c in item.categories))
    if item.recovered_at is not None:
        return max(due, item.recovered_at + timedelta(days=RESPITE_DAYS))
    return due


def destroyed_at(item: Item) -> datetime | None:
    """When a queued item is destroyed; None where it is not queued, or where a hold or a case keeps it meanwhile."""
    if item.queued_at is None or item.held or item.in_case:
        return None
    return item.queued_at + timedelta(days=RECOVERY_DAYS)


def to_queue(items: Iterable[Item], now: datetime) -> tuple[Item, ...]:
    """The items that enter the queue now, the longest due first. O(items)."""
    due = [(at, item) for item in items if item.queued_at is None and (at := due_at(item)) is not None and at <= now]
    return tuple(item for _, item in sorted(due, key=lambda pair: (pair[0], pair[1].dataset)))


def to_destroy(items: Iterable[Item], now: datetime) -> tuple[Item, ...]:
    """The queued items whose 7 days are over and that nothing keeps. O(items)."""
    return tuple(item for item in items if (at := destroyed_at(item)) is not None and at <= now)


def coming(items: Iterable[Item], now: datetime, days: int = 7) -> tuple[tuple[datetime, Item], ...]:
    """The list a person looks at every week: what will enter the queue or be destroyed in the next days, by date."""
    until = now + timedelta(days=days)
    found = []
    for item in items:
        at = destroyed_at(item) if item.queued_at is not None else due_at(item)
        if at is not None and at <= until:
            found.append((at, item))
    return tuple(sorted(found, key=lambda pair: (pair[0], pair[1].dataset)))


def why_kept(item: Item) -> str:
    """In one word, why an item is not deleted by itself: held, case, uncategorised, person; "" where it will be."""
    if item.held:
        return "held"
    if item.in_case:
        return "case"
    if not item.categories:
        return "uncategorised"
    return "person" if any(c.days == 0 for c in item.categories) else ""


def fold_retention(
    state: RetentionState, entry: Entry, find: Callable[[str], RetentionAct | None] = lambda digest: None
) -> None:
    """Bring the state in step with one entry of the log; `find` reads the act with a digest (None: destroyed).
    O(1)."""
    kind, dataset = str(entry["kind"]), str(entry.get("dataset", ""))
    if kind == "CATEGORY":
        key = str(entry["category"])
        act = find(str(entry.get("document", "")))
        name = act.about if act else key
        state.categories[key] = Category(id=name, days=int(entry["days"]), access=str(entry["access"]))
    elif kind == "TAGGED":
        state.tags[dataset] = tuple(c for c in str(entry["categories"]).split(",") if c)
    elif kind in ("HELD", "RELEASED"):
        fold_hold(state.holds, dataset, entry)
    elif kind == "SHREDDED":
        state.pending.discard(dataset)
    elif kind in ("ALLOWED", "DISALLOWED"):
        readers = state.readers.setdefault(dataset, set())
        (readers.add if kind == "ALLOWED" else readers.discard)(str(entry["person"]))
    elif kind in ("QUEUED", "RECOVERED", "DESTROYED"):
        _fold_queue(state, kind, dataset, datetime.fromisoformat(str(entry["t"])))


def fold_hold(holds: Holds, of: str, entry: Entry) -> None:
    """Lay or lift the hold that an entry tells of; nothing where it is of something else (`of` is ""). O(1)."""
    if entry["kind"] == "HELD" and of:
        holds.setdefault(of, {})[str(entry["hold"])] = str(entry["why"])
    elif entry["kind"] == "RELEASED":
        holds.get(of, {}).pop(str(entry["hold"]), None)


def categories_of(state: RetentionState, keys: Iterable[str], declared_days: int) -> tuple[Category, ...]:
    """The categories by what the log has for them; a declaration's own days where there are none and days are given."""
    known: Mapping[str, Category] = state.categories
    found = tuple(known[key] for key in keys if key in known)
    return found or ((Category(id=DECLARED, days=declared_days),) if declared_days else ())


def _fold_queue(state: RetentionState, kind: str, dataset: str, at: datetime) -> None:
    if kind == "QUEUED":
        state.queued[dataset] = at
        return
    state.queued.pop(dataset, None)
    if kind == "RECOVERED":
        state.recovered[dataset] = at
    else:
        state.pending.add(dataset)
