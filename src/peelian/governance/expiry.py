"""The office's daily job, and in it the archive's own retention: shelves whose time is over lose their key.

What is still needed (`needed`) is carried over before. It goes to a shelf of its own, whose marks the log holds as one
digest; the day on which one of them is needed no longer, that shelf is made anew without it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peelian.errors import IntegrityError, OutOfOrder
from peelian.governance.acts import time_must_go_on
from peelian.governance.house import House
from peelian.governance.lost import OLDER_LOG, Remembers
from peelian.governance.needed import keepers, needed_marks
from peelian.governance.ports import Entry, Leaf
from peelian.governance.retention import Swept, batched, drained, run_in_slices
from peelian.governance.shelving import CARRIED, CASES, DAYS, digest_of_marks, quarter_ends, retention_of, shelf_at

WARRANT = "warrant-"
DAILY = timedelta(days=1)
AT_ONCE, MOST_AT_ONCE = 25, 16 << 20  # documents and bytes that are carried over together


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What one run of the job did: the shelves it destroyed, how many documents with them, how many it carried over."""

    shelves: tuple[str, ...]
    documents: int
    carried: int


def is_due(house: House) -> bool:
    """Whether the daily job has not been done for a day. O(1)."""
    last = house.book.orders.jobs.last
    return bool(last) and house.now() - datetime.fromisoformat(last) >= DAILY


def has_jumped(house: House) -> int:
    """By how many days the clock has jumped, while the daily job has to wait for that; 0 where it may go on. O(1)."""
    return house.book.orders.jobs.jumped(house.now())


def sweep(house: House) -> tuple[Swept, Expired]:
    """The office's whole daily job in one go: see `sweep_in_slices`."""
    return drained(sweep_in_slices(house))


def sweep_in_slices(house: House) -> Generator[None, None, tuple[Swept, Expired]]:
    """The office's whole daily job: what of the data and then of the archive is over; logged, even where nothing was.

    It is O(datasets × log of cases + documents). The house is held for one slice at a time, some hundredths of a
    second; whoever draws the slices lets others have it in between. Refused while the clock is behind the log. Where it
    has jumped ahead (`jumps`) nothing is queued or destroyed for a day; the log says that the job waited, and for what.
    """
    time_must_go_on(house)
    with house.lock:
        if days := has_jumped(house):
            house.append("SWEPT", queued=0, destroyed=0, shelves=0, waited=days, by="office")
            return Swept(queued=(), destroyed=()), Expired(shelves=(), documents=0, carried=0)
    done = yield from run_in_slices(house)
    yield
    gone = yield from expire_in_slices(house)
    yield
    counts = {"queued": len(done.queued), "destroyed": len(done.destroyed), "shelves": len(gone.shelves)}
    house.append("SWEPT", **counts, by="office")
    return done, gone


def expire(house: House) -> Expired:
    """The office's job for its archive in one go: see `expire_in_slices`."""
    return drained(expire_in_slices(house))


def expire_in_slices(house: House) -> Generator[None, None, Expired]:
    """The office's job for its archive, daily. SHELF_DESTROYED is logged before a key goes and SHELF_SHREDDED after
    it: what an interruption left is completed by the next run. O(documents + cases).

    What is needed is copied slice by slice; whatever came to be needed meanwhile is copied in the slice that says so.
    Refused while the clock is behind the log.
    """
    time_must_go_on(house)
    house.archive.shelves()  # the first look at 100,000 documents takes a while, and needs nothing of the house
    with house.lock:
        _say_periods(house)
        remove_what_came_back(house)
    for shelf in sorted(house.book.shelves.pending):
        yield
        _shred(house, shelf)
    yield
    due, needed = _due(house)
    copies = {retention: f"{retention}.{CARRIED}-{house.book.orders.entries}" for retention in DAYS}
    for retention, copy in copies.items():
        for some in batched(sorted(_to_carry(retention, due, needed)), AT_ONCE):
            yield
            _copy(house, some, copy)
    yield
    with house.lock:
        due, needed = _due(house)
        carried = sum(_carry(house, copy, _to_carry(name, due, needed)) for name, copy in copies.items())
        gone = sum(map(len, due.values())) - carried
        for shelf, marks in due.items():
            house.append("SHELF_DESTROYED", shelf=shelf, n=len(marks), by="office")
    for shelf in due:
        yield
        _shred(house, shelf)
    return Expired(shelves=tuple(due), documents=gone, carried=carried)


def time_must_not_jump(house: House) -> None:
    """OutOfOrder while the daily job has to wait because the clock jumped: nobody may say that its work was done."""
    if days := has_jumped(house):
        raise OutOfOrder(f"The clock jumped {days:,} days. Nothing is destroyed until the day after a job.")


def remove_what_came_back(house: House) -> None:
    """Destroy shelves that were carried, but a crash came before the log knew of it; and those that the log says are
    destroyed, again: a backup may have brought back their documents, their key, or both. When the office opens, and
    daily. O(documents + shelves that ever were).

    IntegrityError where a carried shelf that the log does not know is the only one that has a document: nothing is
    destroyed then, for a crash leaves the ones that were copied from.
    """
    known, shelves = house.book.shelves, house.archive.shelves()
    unknown = {shelf for shelf in shelves if _is_carried(shelf) and shelf not in known.carried}
    elsewhere = {mark for shelf, marks in shelves.items() if shelf not in unknown for mark in marks}
    if any(house.log.find("mark", mark) for shelf in unknown for mark in shelves[shelf] - elsewhere):
        raise IntegrityError(f"The archive holds documents carried over by entries this log lacks. {OLDER_LOG}")
    for shelf in sorted(unknown | known.destroyed.keys() - known.pending):
        house.archive.destroy_shelf(shelf)


def _due(house: House) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The shelves whose time is over, or that hold what is needed no longer, with their marks; and the marks that are
    needed. O(documents + cases)."""
    with house.lock:
        known, shelves = house.book.shelves, house.archive.shelves()
        over = sorted(shelf for shelf in shelves if known.is_due(shelf, house.now()))
        needed = needed_marks(house) if over or known.carried else frozenset()
        over += [s for s in known.carried if s in shelves and s not in known.destroyed and shelves[s] - needed]
        over += sorted(shelf for shelf in shelves if shelf.startswith(WARRANT) and _is_over(house, shelf))
        return {shelf: shelves[shelf] for shelf in over}, needed


def _quarters(house: House) -> frozenset[str]:
    """Every shelf of a quarter that there may ever have been. O(quarters)."""
    now = house.now()
    began = datetime.fromisoformat(house.book.began) if house.book.began else now
    months = range((now.year - began.year + 1) * 4)
    days = (datetime(began.year + n // 4, n % 4 * 3 + 1, 1, tzinfo=UTC) for n in months)
    return frozenset(shelf_at(retention, day) for day in days for retention in DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A class of the archive: for how many days after its quarter it is kept (0: no time), how many documents it has,
    and the day on which its next shelf is destroyed ("": none)."""

    retention: str
    days: int
    documents: int
    next: str


def kept_classes(house: House) -> tuple[Kept, ...]:
    """Every class with what it holds now. O(documents)."""
    shelves, found = house.archive.shelves(), []
    for retention in DAYS:
        days = house.keeps.get(retention, 0)
        own = {shelf: marks for shelf, marks in shelves.items() if shelf.partition(".")[0] == retention}
        ends = [end for shelf in own if (end := quarter_ends(shelf)) is not None]
        first = f"{min(ends) + timedelta(days=days):%Y-%m-%d}" if ends and days else ""
        documents = sum(map(len, own.values()))
        found.append(Kept(retention=retention, days=days, documents=documents, next=first))
    return tuple(found)


def must_be_whole(house: House) -> None:
    """IntegrityError where a document that the log says was carried over is not in the archive, or where a shelf was
    destroyed that the log does not say. O(documents + quarters since the office began)."""
    archive, known = house.archive, house.book.shelves.destroyed
    if isinstance(archive, Remembers) and any(s not in known and archive.is_destroyed(s) for s in _quarters(house)):
        raise IntegrityError(f"A retention partition was destroyed, but this log has no such entry. {OLDER_LOG}")
    shelves = archive.shelves() if house.book.shelves.carried else {}
    for shelf, marks in house.book.shelves.carried.items():
        if shelf not in house.book.shelves.destroyed and digest_of_marks(shelves.get(shelf, frozenset())) != marks:
            says = f"The archive lacks documents carried over to {shelf}"
            if isinstance(archive, Remembers) and archive.is_destroyed(shelf):
                raise IntegrityError(f"{says}. It was destroyed, but this log has no such entry. {OLDER_LOG}")
            raise IntegrityError(f"{says}. Restore the archive from its backup.")


def may_say_of_shelves(house: House, entry: Entry) -> None:
    """Nothing where whoever holds log and archive may be told this of shelves; OutOfOrder otherwise, Refused while the
    clock is behind the log: a shorter time could be said as if long ago, and its notice be over. O(documents).

    The settings beside the log say how long a class is kept; a shelf goes when its time is over by this house's clock
    and everything needed of it lies elsewhere; what was carried over lies where it is said to.
    """
    shelf, shelves = str(entry.get("shelf", "")), house.archive.shelves()
    time_must_go_on(house)
    if entry["kind"] == "KEPT_FOR":
        if house.keeps.get(str(entry["retention"])) != entry["days"]:
            raise OutOfOrder("The settings state another retention period for this class.")
    elif entry["kind"] == "CARRIED":
        if not _is_carried(shelf) or digest_of_marks(shelves.get(shelf, frozenset())) != entry["marks"]:
            raise OutOfOrder("The archive does not hold the documents to be carried over.")
    else:
        time_must_not_jump(house)
        elsewhere = {mark for other, marks in shelves.items() if other != shelf for mark in marks}
        over = house.book.shelves.is_due(shelf, house.now()) or _is_over(house, shelf)
        carried = shelf in house.book.shelves.carried
        if not (over or carried) or shelves.get(shelf, frozenset()) & needed_marks(house) - elsewhere:
            raise OutOfOrder("The retention period of this partition has not ended, or a valid authorization still needs it.")


def may_go(house: House, shelf: str) -> bool:
    """Whether the log says that this shelf is destroyed, or has never heard of what was carried to it."""
    known = house.book.shelves
    return shelf in known.destroyed or (_is_carried(shelf) and shelf not in known.carried)


def _to_carry(retention: str, due: Mapping[str, frozenset[str]], needed: frozenset[str]) -> frozenset[str]:
    """The marks on the due shelves of a class that something in force still needs."""
    return frozenset(
        mark for shelf, marks in due.items() if retention_of(shelf) == retention for mark in marks & needed
    )


def _copy(house: House, marks: Iterable[str], shelf: str) -> None:
    """Put these documents on another shelf, too."""
    leaves: list[Leaf] = []
    with house.lock:
        for mark in marks:
            leaves.append(Leaf(mark=mark, document=house.archive.get(mark), shelf=shelf))
            if sum(len(leaf.document) for leaf in leaves) > MOST_AT_ONCE:
                house.archive.put_all(leaves)
                leaves.clear()
        house.archive.put_all(leaves)


def _carry(house: House, shelf: str, marks: frozenset[str]) -> int:
    """Say that these were carried over, once the last of them is there; how many."""
    if not marks:
        return 0
    _copy(house, sorted(marks - house.archive.shelves().get(shelf, frozenset())), shelf)
    there = house.archive.shelves()[shelf]
    house.append("CARRIED", shelf=shelf, n=len(there), marks=digest_of_marks(there))
    return len(there)


def _shred(house: House, shelf: str) -> None:
    house.archive.destroy_shelf(shelf)
    house.append("SHELF_SHREDDED", shelf=shelf, by="office")


def _is_over(house: House, shelf: str) -> bool:
    """Whether a warrant's findings have outlived the documents of every case under it."""
    root = shelf.removeprefix(WARRANT)
    under = [
        t for t in house.book.tracks.values() if any(str(e.get("warrant", "")).startswith(root) for _, e in t.entries)
    ]
    last = [str(track.entries[-1][1]["t"]) for track in under]
    days = house.book.shelves.days(CASES, house.now())
    if not last or not days or any(map(keepers(house), under)):
        return False
    return datetime.fromisoformat(max(last)) + timedelta(days=days + 92) <= house.now()


def _is_carried(shelf: str) -> bool:
    return f".{CARRIED}-" in shelf


def _say_periods(house: House) -> None:
    for retention, days in house.keeps.items():
        said = house.book.shelves.periods.get(retention, [])
        if not said or said[-1][1] != days:
            house.append("KEPT_FOR", retention=retention, days=days)
