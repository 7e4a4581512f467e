"""Signs that rows are the trace of persons or devices (pings, stops, a diary), not incidents that many people reported.

A sign is no limit. Whoever edits the rows gets past it: 400 pings with redrawn hours and 100 m of noise show none. It
stops an admission until somebody of another unit signs past it, with a reason that the board sees
(`kernel/disclosure/signed_past.py`); where nobody signs (`try`, `challenge`, the library) the rows are refused. No
other protection rests on it. Call `refuse_traces` on the rows as they will be used: after each filter, by category.

Three signs are measured:

- **places**: the share of the rows within 150 m of the fullest two, four and eight places. People keep to few.
- **following**: whether rows that are close in time are close in space. For each row, the nearest of the next m rows
  within 12 hours (m = 1 to 16) is compared with all rows: is it within 150 m, and which rank has its distance. What to
  expect of all permutations of the times is known exactly. The median over blocks in time counts, so that one festival
  weighs as one block; near repeats come back after days.
- **clock**: variance over mean of the counts per hour, within each hour of the day, and of the counts per day
  (Fisher's index of dispersion, 1 by chance, against the chi-squared law). Devices tick; reports scatter.

A sign weighs 0, 1 or 2; rows whose signs weigh 2 together are a trace. A date counts as its first hour: ties are in
random order, so dates and months alone show no following. `benchmarks/mapping_trace.py` measures the
rates of refusal and where they end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import SIGN
from peelian.technologies.mapping.declarations.places import ALL_REPORTED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_ROWS = 20  # fewer tell nothing of their source; no advice is given on them either
NEAR_METRES = 150  # a home with the error of a phone's position, or a block of a street
WIDE_METRES = 3_000.0  # rows over less ground may lie at few places because it has few
PLACES = (2, 4, 8)
WIDE_STRONG, WIDE_WEAK = (0.6, 0.75, 0.85), (0.45, 0.6, 0.5)  # shares at two, four and eight places
CLOSE_STRONG, CLOSE_WEAK = 0.82, 0.6  # at two places; strong by the low end of the interval
LEAST_FOR_EIGHT = 60  # of fewer rows, eight places hold much by chance
FOLLOW_STRONG, FOLLOW_WEAK = 0.27, 0.12
RANK_STRONG, RANK_WEAK = 0.33, 0.16
CLOCK_STRONG, CLOCK_WEAK = (0.5, 1e-5), (0.9, 1e-2)  # variance over mean, chance of as little
TRACE = 2
LEAST_Z = 3.5
LEAST_HOURS = 20  # rows of fewer different hours follow nothing: months and days are ties
AHEAD = (1, 2, 4, 8, 16)
WITHIN_HOURS = 12  # a device is near its last position for hours; a burglar comes back after days
BLOCKS, BLOCK_ROWS = 30, 30
REFERENCES, PLACED = 1_000, 2_000
LEAST_DAYS = 4
SEED = 20

LOOKS_LIKE = (
    "%(n)d rows (%(category)s) look like the trace of persons or devices, not like incidents that people reported: "
    "%(signs)s"
)
TRACE_SIGN = "%(n)d rows (%(category)s) look like the trace of persons or devices."
AT_PLACES = "%(found).0f%% lie within %(metres)d m of %(places)d places (accepted: under %(most).0f%%)"
FOLLOWING = (
    "rows that follow each other in time lie together, %(found).2f on a scale from 0 (chance) to 1 (always) (accepted: "
    "under %(most).2f)"
)
CLOCK = "counts per %(unit)s vary %(found).2f times as much as by chance (accepted: %(least).2f or more)"
EVERY = "all categories"
AND = "%(first)s; %(second)s"
ACCEPTED = (
    "incidents that many people reported, one row each, without rows that a geocoder put at one point; never positions "
    "of a person, a phone or a vehicle. In an office, the option signs=signed asks a second person to sign past this"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign: what was found, as a sentence with the numbers, and its weight (0, 1 or 2)."""

    name: str
    weight: int
    says: str


def refuse_traces(hour: Floats, points: tuple[Floats, Floats], words: Sequence[str], code: NDArray[np.integer]) -> None:
    """InputError, with what was found and what is accepted, where all rows or those of one category are a trace.

    `hour` in hours since any midnight, `points` east and north in metres: float64[rows]; `words` are the categories,
    `code` their numbers: int[rows]. Fewer than 20 rows say nothing. O(rows log rows) for the order in time, the rest
    on samples of fixed size.
    """
    for word, rows in _apart(words, code):
        refuse_trace(hour[rows], (points[0][rows], points[1][rows]), word)


def notes_of_traces(
    hour: Floats, points: tuple[Floats, Floats], words: Sequence[str], code: NDArray[np.integer]
) -> tuple[Note, ...]:
    """A note for all rows, and for those of each category, that are a trace; arguments as `refuse_traces`."""
    rows = _apart(words, code)
    return tuple(
        Note(text=TRACE_SIGN, values={"n": len(which), "category": _word(word)}, kind=SIGN)
        for word, which in rows
        if is_trace(signs_of(hour[which], points[0][which], points[1][which]))
    )


def _apart(words: Sequence[str], code: NDArray[np.integer]) -> list[tuple[str, Ints]]:
    """All rows, and where there are several categories those of each: word and rows. O(rows log rows)."""
    kinds = sorted(set(words))
    kind = np.array([kinds.index(word) for word in words], dtype=np.int16)[code]
    many = np.bincount(kind, minlength=len(kinds))
    parts = np.split(np.argsort(kind, kind="stable"), np.cumsum(many)[:-1])
    whole = [(ALL_REPORTED, np.arange(len(code)))]
    return whole + list(zip(kinds, parts, strict=True)) if np.count_nonzero(many) > 1 else whole


def _word(category: str) -> str:
    return EVERY if category == ALL_REPORTED else category


def refuse_trace(hour: Floats, points: tuple[Floats, Floats], category: str) -> None:
    """InputError where these rows, which are said to be incidents of `category`, are a trace."""
    found = signs_of(hour, *points)
    if is_trace(found):
        says = sentence(LOOKS_LIKE, n=len(hour), category=sentence(_word(category)), signs=_listed(found))
        raise InputError(says, accepted=ACCEPTED)


def is_trace(signs: Sequence[Sign]) -> bool:
    """Whether one strong sign or two weak ones were found."""
    return sum(sign.weight for sign in signs) >= TRACE


def signs_of(hour: Floats, east: Floats, north: Floats) -> tuple[Sign, ...]:
    """The signs in these rows that weigh something; none in fewer than 20 rows.

    >>> home, work = np.array([0.0, 0.0]), np.array([4_000.0, 1_000.0])
    >>> hour = np.arange(24.0 * 14)
    >>> place = np.where(((hour % 24 > 8) & (hour % 24 < 17))[:, None], work, home)
    >>> [sign.name for sign in signs_of(hour, place[:, 0], place[:, 1])]
    ['places', 'following', 'clock']
    """
    placed = np.isfinite(hour) & np.isfinite(east) & np.isfinite(north)
    if not bool(placed.all()):
        hour, east, north = hour[placed], east[placed], north[placed]
    if len(hour) < LEAST_ROWS:
        return ()
    slot = _slots(hour)
    counts = np.bincount(slot, minlength=int(slot.max()) // 24 * 24 + 24)  # of each hour, from the first day on
    following = _following(hour, east, north, (slot, counts)) if np.count_nonzero(counts) >= LEAST_HOURS else None
    every = (_places(east, north), following, _clock(counts.reshape(-1, 24)))
    return tuple(sign for sign in every if sign is not None)


def fullest(east: Floats, north: Floats) -> tuple[float, ...]:
    """The share of the rows within 150 m of the fullest two, four and eight places; no row counts twice."""
    pick = _some(len(east), PLACED)
    points, counts = np.unique(east[pick] + 1j * north[pick], return_counts=True)
    one, other = _near(points.real, points.imag)
    left, n, held = counts.astype(np.float64), len(points), []
    for _ in range(max(PLACES)):
        full = left + np.bincount(one, left[other], minlength=n) + np.bincount(other, left[one], minlength=n)
        best = int(np.argmax(full))
        held.append(float(full[best]))
        left[[best, *other[one == best], *one[other == best]]] = 0.0
    share = np.cumsum(held) / len(pick)
    return tuple(float(share[many - 1]) for many in PLACES)


def _near(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """The pairs of points within 150 m: the first of each and the second, a later one. The points are in order of x."""
    ahead = np.searchsorted(x, x + NEAR_METRES, side="right") - np.arange(1, len(x) + 1)
    one = np.repeat(np.arange(len(x)), ahead)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(ahead) - ahead, ahead)
    near = (x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2 <= NEAR_METRES**2
    return one[near], other[near]


def _places(east: Floats, north: Floats) -> Sign | None:
    shares, n = fullest(east, north), len(east)
    if all(share < bar for share, bar in zip(shares, WIDE_WEAK, strict=True)):  # no bar is lower
        return None
    if all(float(np.ptp(np.quantile(axis, (0.05, 0.95)))) < WIDE_METRES for axis in (east, north)):
        strong = _low_end(shares[0], n) >= CLOSE_STRONG
        return _at_places(2, shares[0], CLOSE_WEAK, 2 if strong else 1) if shares[0] >= CLOSE_WEAK else None
    usable = range(len(PLACES) if n >= LEAST_FOR_EIGHT else len(PLACES) - 1)
    for weight, bars in ((2, WIDE_STRONG), (1, WIDE_WEAK)):
        for k in usable:
            if shares[k] >= bars[k]:
                return _at_places(PLACES[k], shares[k], bars[k], weight)
    return None


def _at_places(places: int, share: float, most: float, weight: int) -> Sign:
    says = sentence(AT_PLACES, found=100 * share, metres=NEAR_METRES, places=places, most=100 * most)
    return Sign(name="places", weight=weight, says=says)


def _low_end(share: float, n: int) -> float:
    """The low end of Wilson's 95 % interval."""
    z2 = 1.96**2
    middle = share + z2 / (2 * n)
    return float((middle - np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n)))) / (1 + z2 / n))


def _following(hour: Floats, east: Floats, north: Floats, hours: tuple[Ints, Ints]) -> Sign | None:
    """The strongest following over all look-aheads whose z-value is at least 3.5."""
    n = len(hour)
    place, block = _blocks(n)
    after = place[:, None] + np.arange(1, max(m for m in AHEAD if n >= 5 * m + 10) + 1)
    others, inside = _some(n, REFERENCES), np.minimum(after, n - 1)
    row, other, later = _in_time(hour, hours, (place, others, inside))

    def metres(axis: Floats, of: Ints) -> Any:
        return (axis[of] - axis[0]).astype(np.float32)  # to a centimetre in a town

    x, y = metres(east, row), metres(north, row)
    away = _metres(x - metres(east, other)[:, None], y - metres(north, other)[:, None])
    _, own, same = np.intersect1d(place, others, assume_unique=True, return_indices=True)
    away[same, own] = np.inf
    soon = (after < n) & (hour[later] - hour[row][:, None] <= WITHIN_HOURS)
    apart = np.where(soon, _metres(x[:, None] - metres(east, later), y[:, None] - metres(north, later)), np.inf)
    together, ranked = _against_chance(apart, away, block)
    by_rank = ranked / RANK_STRONG > together / FOLLOW_STRONG
    found, strong, weak = (ranked, RANK_STRONG, RANK_WEAK) if by_rank else (together, FOLLOW_STRONG, FOLLOW_WEAK)
    weight = 2 if max(together / FOLLOW_STRONG, ranked / RANK_STRONG) >= 1 else 1
    if together < FOLLOW_WEAK and ranked < RANK_WEAK:
        return None
    says = sentence(FOLLOWING, found=found, most=strong if weight == TRACE else weak)
    return Sign(name="following", weight=weight, says=says)


def _blocks(n: int) -> tuple[Ints, Ints]:
    """The rows (in order of time) that are looked at, in up to 30 blocks of 30 spread over time, and their blocks."""
    size = min(BLOCK_ROWS, max(n // 3, 10))
    starts = np.linspace(0, n - 1 - size, max(min(BLOCKS, (n - 1) // size), 1)).astype(np.int64)
    row = np.unique(starts[:, None] + np.arange(size))
    return row, np.searchsorted(starts, row, side="right") - 1


def _against_chance(apart: Floats, away: Floats, block: Ints) -> tuple[float, float]:
    """How much nearer the nearest of the next rows (`apart`) is than that of as many others (`away`), at most over all
    look-aheads; 0 where z is small.

    `away` has a column for each row. First by the share within 150 m, (found - expected) / (1 - expected); then by
    rank, 1 - 2 × its mean. Medians of blocks. A row that no other follows stands as chance would have it.
    """
    nearest = np.minimum.accumulate(apart, axis=1)
    many = np.cumsum(np.isfinite(apart), axis=1)
    used = [ahead - 1 for ahead in AHEAD if ahead <= apart.shape[1]]
    nearest, many = nearest[:, used], many[:, used]
    ends = np.full((len(apart), 2), (np.nextafter(np.float32(NEAR_METRES), np.float32(np.inf)), np.inf))
    found = _below(away, np.concatenate([nearest - 0.01, nearest + 0.01, ends], axis=1, dtype=np.float32))
    halves, near, among = found[:, : len(used)] + found[:, len(used) : -2], found[:, -2:-1], found[:, -1:]
    rows = np.bincount(block)
    rank = np.where(many > 0, 1 - (1 - halves / (2 * among)) ** many, 0.5)
    expected = 1 - (1 - near / among) ** many
    beyond = (nearest <= NEAR_METRES) - expected
    together, ranked = 0.0, 0.0
    for k in range(len(used)):
        followed = many[:, k] > 0
        if not bool(followed.any()):
            continue
        overlap = int(many[:, k].max())  # neighbouring rows look at the same next rows
        chance, left = expected[:, k], np.bincount(block, 1 - expected[:, k])
        if beyond[:, k].sum() / np.sqrt(max(float((chance * (1 - chance)).sum()) * overlap, 1e-9)) >= LEAST_Z:
            share = np.bincount(block, beyond[:, k]) / np.maximum(left, 0.05 * rows)
            together = max(together, float(np.median(share)))
        lean = 1 - 2 * float(rank[followed, k].mean())
        if lean / np.sqrt(overlap / (3 * int(followed.sum()))) >= LEAST_Z:
            ranked = max(ranked, 1 - 2 * float(np.median(np.bincount(block, rank[:, k]) / rows)))
    return together, ranked


def _below(columns: Floats, bars: Floats) -> Ints:
    """How many values of each column are below each of its bars: int64[columns, bars]. O(values x bars), which is less
    than to put a thousand of them in order for a dozen bars."""
    each = np.ascontiguousarray(bars.T)
    return np.stack([(columns < bar).sum(axis=0, dtype=np.uint16) for bar in each], axis=1).astype(np.int64)


def _metres(east: Floats, north: Floats) -> Floats:
    """Distances, in the place of `east`; `hypot` guards against lengths that are on no map, for four times as long."""
    east *= east
    north *= north
    east += north
    return np.sqrt(east, out=east)


def _slots(hour: Floats) -> Ints:
    """Whole hours since the first day."""
    slot = np.floor(hour).astype(np.int64)
    slot -= slot.min() // 24 * 24
    return slot


def _clock(counts: Ints) -> Sign | None:
    """The more regular of the counts per hour and per day; even days alone may be a sample of so many a day."""
    both = (("hour", counts), ("day", counts.sum(axis=1, keepdims=True)))
    made = [(unit, *found) for unit, per_day in both if (found := _dispersion(per_day))]
    for weight, (most, chance) in ((2, CLOCK_STRONG), (1, CLOCK_WEAK)):
        for unit, ratio, p in made:
            if ratio <= most and p < chance and (unit == "hour" or weight < TRACE):
                says = sentence(CLOCK, unit=sentence(unit), found=ratio, least=most)
                return Sign(name="clock", weight=weight, says=says)
    return None


def _dispersion(counts: Ints) -> tuple[float, float] | None:
    """Variance over mean of the counts (days, parts of the day) within each part of the day, and chance of as little;
    None if few or uneven."""
    up_to = np.cumsum(counts.sum(axis=1))
    first, last = np.searchsorted(up_to, np.rint((up_to[-1] - 1) * np.array([0.01, 0.99])), side="right").tolist()
    counts = counts[first + 1 : last]  # the first and the last day may be cut
    days = len(counts)
    if days < LEAST_DAYS or int(counts.sum()) < LEAST_ROWS:
        return None
    mean = counts.mean(axis=0)
    used = mean * days >= 2
    if not bool(used.any()):
        return None
    squares = ((counts[:, used] - mean[used]) ** 2).sum(axis=0)
    ratio = float(squares.sum() / (days - 1) / mean[used].sum())
    if ratio > CLOCK_WEAK[0]:
        return None
    return ratio, _chance_of_less((days - 1) * int(used.sum()) / 2, float((squares / mean[used]).sum()) / 2)


def _chance_of_less(a: float, x: float) -> float:
    """The gamma law's share below `x`, by its series (Abramowitz and Stegun 6.5.29); 1 from its mean `a` on, where no
    bar is."""
    if x <= 0 or x >= a:
        return float(x > 0)
    term = total = math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    more = 0
    while term > 1e-12 * total:
        more += 1
        term *= x / (a + more)
        total += term
    return total


def _in_time(hour: Floats, hours: tuple[Ints, Ints], places: Sequence[Ints]) -> list[Ints]:
    """The rows that stand at these places in order of time, rows of one hour in random order. `hours`: that of each row
    (`_slots`), and how many rows each has. O(n)."""
    slot, each = hours
    up_to = np.cumsum(each)
    at = [np.searchsorted(up_to, some, side="right") for some in places]
    wanted = np.zeros(len(each), dtype=bool)
    wanted[np.concatenate([some.ravel() for some in at])] = True
    rows = np.random.default_rng(SEED).permutation(np.flatnonzero(wanted[slot]))
    if len(each) <= 1 << 16:  # numpy puts small numbers in order in O(n); what is in order takes one pass below
        rows = rows[np.argsort(slot[rows].astype(np.uint16), kind="stable")]
    rows = rows[np.argsort(hour[rows], kind="stable")]
    left_out = np.cumsum(np.where(wanted, 0, each))  # rows of other hours, up to each hour
    return [rows[some - left_out[of]] for some, of in zip(places, at, strict=True)]


def _some(n: int, most: int) -> Ints:
    """All rows, or `most` of them by a fixed seed."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(SEED).choice(n, most, replace=False))


def _listed(signs: Sequence[Sign]) -> str:
    says = signs[0].says
    for sign in signs[1:]:
        says = sentence(AND, first=says, second=sign.says)
    return says
