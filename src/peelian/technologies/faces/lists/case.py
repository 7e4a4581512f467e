"""Audit candidate lists: FPIR, FNIR, TPIR and CMC of searches made elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Panels, Say
from peelian.technologies.faces.declared import CANDIDATES, LEAST_SUBJECTS
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.lists.declared import GALLERIES, LENGTHS, PRICES, RANKS, SEARCHES, SearchParams
from peelian.technologies.faces.lists.page import figures
from peelian.technologies.faces.measure import price as price_of
from peelian.technologies.faces.measure import thresholds, uncertainty
from peelian.technologies.faces.measure.price import MEASURED_PRICE, NO_PRICE, Operation, Price, price
from peelian.technologies.faces.measure.scores import EVERYBODY, labels_of
from peelian.technologies.faces.measure.searches import (
    FNIR,
    FPIR,
    TPIR,
    Searches,
    gathered_searches,
    grouped,
    halved,
    hit_rates,
    returned,
    share_at,
)
from peelian.technologies.faces.measure.thresholds import (
    FPIR_TARGETS,
    GIVEN,
    HALF,
    HALF_OF_SEARCHES,
    Threshold,
    enough,
    operational,
    strictest,
)
from peelian.technologies.faces.measure.uncertainty import AT_MOST, NOT_DETERMINABLE, Estimate
from peelian.technologies.faces.shown import CORPUS, DISTANCES, NO_USE, SIMILARITIES, ZEROS, told_first
from peelian.technologies.faces.small_counts import SMALLEST, blanked, hidden_rates, keys

COUNTED = (
    "%(mated)d %(mated:search|searches) of enrolled people and %(nonmated)d of people not enrolled, in a gallery of "
    "%(gallery)d."
)
COUNTED_SIZES = (
    "%(mated)d %(mated:search|searches) of enrolled people and %(nonmated)d of people not enrolled, in galleries of "
    "%(galleries)d sizes from %(least)d to %(most)d."
)
AT = (
    "At threshold “%(policy)s”, %(alerts)d of %(nonmated)d searches of people not enrolled %(alerts:returns|return) "
    "somebody (%(sure)s). %(missed)d of %(mated)d searches of enrolled people %(missed:misses|miss) them "
    "(%(sure_missed)s)."
)
WORST = "Searches miss enrolled people most often in group %(group)s: %(missed)d of %(mated)d (%(adequacy)s)."
NO_WORST = "No group of searches has enough errors to say whom they touch most."
NO_CURVE = "All searches are of enrolled people. False alerts are unknown, so hit rates by rank are not shown."
BESIDE = "Hit rates by rank ignore false alerts. Read them only with FPIR."
NO_INTERVALS = "No intervals: the people searched for have no pseudonyms here."
HALVES = "Thresholds were set on half of the searches and tested on the other half."
MESSAGES = frozenset(
    {
        COUNTED,
        COUNTED_SIZES,
        AT,
        WORST,
        NO_WORST,
        NO_CURVE,
        BESIDE,
        NO_INTERVALS,
        HALVES,
        CORPUS,
        NO_USE,
        ZEROS,
        DISTANCES,
        SIMILARITIES,
    }
)
VOCABULARY = frozenset(
    {
        *thresholds.POLICIES,
        *thresholds.SET_ON,
        *(FPIR, FNIR, TPIR, EVERYBODY),
        *price_of.BASES,
        *uncertainty.METHODS,
        *(uncertainty.MEASURED, uncertainty.INDICATIVE, uncertainty.NOT_DETERMINABLE),
        *(uncertainty.EXACT, uncertainty.AT_MOST, uncertainty.AT_LEAST),
    }
)

MOST_SIZES = 12
REVIEWED = (1, 2, 5, 10, 20, 50, 100)
"""Numbers of candidates reviewed per search, as far as the lists are that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The identification error rates at one threshold, by (measure, group)."""

    threshold: Threshold
    estimates: Mapping[tuple[str, str], Estimate]
    returned: tuple[int, int]
    price: Price


def run(params: SearchParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Audit candidate lists. NotEnoughData: no threshold is given and there are too few searches to set one."""
    lists = datasets["candidates"]
    mates = datasets["mates"].table if "mates" in datasets else None
    gallery = int(lists.facts.get("gallery", 0)) or params.gallery
    searches = gathered_searches(lists.table, mates, direction=params.direction, gallery=gallery)
    if not (searches.gallery > 0).all():
        accepted = "gallery = number of people enrolled. It is never inferred from the candidates returned"
        raise InputError("gallery size not declared", column="gallery", accepted=accepted)
    if "subjects" in datasets:
        labels = labels_of(searches.subject, datasets["subjects"].table, params.by) or []
        named = dict(zip(searches.subject.tolist(), labels, strict=True))
        searches = grouped(searches, named, LEAST_SUBJECTS)
    context.progress("Counting errors", 0.5)
    shares = [*_given(params, searches), *_set_here(params, searches, context.seed)]
    if not shares and bool((~searches.mated).any()):
        says = sentence(
            "%(n)d %(n:search|searches) of people not enrolled %(n:is|are) too few to set a threshold",
            n=int((~searches.mated).sum()),
        )
        raise NotEnoughData(says, accepted="thresholds = …, or at least 200 such searches")
    return Findings(
        tables=_tables(searches, shares, params.rank), notes=_notes(searches, shares), facts=_facts(searches, params)
    )


def public_lists(findings: Findings) -> Findings:
    """The findings without rates that rest on 1 to 10 errors, and without the counts of errors."""
    made = {t.name: t for t in findings.tables}
    rows = made["searches"]
    gone = hidden_rates(rows)
    few = np.array([key in gone for key in keys(rows)], dtype=np.bool_)
    shown = blanked(rows, few, ("rate", "low", "high"), ("errors",))
    made["searches"] = shown.take(~((rows["n"] > 0) & (rows["n"] < SMALLEST)))
    made["ranks"] = made["ranks"].take(np.asarray(made["ranks"]["adequacy"] != NOT_DETERMINABLE, dtype=np.bool_))
    for name in ("galleries", "lengths"):
        made[name] = _without_few(made[name])
    hidden = {policy for policy, gone in zip(rows["policy"].tolist(), few.tolist(), strict=True) if gone}
    made["prices"] = made["prices"].take(np.array([p not in hidden for p in made["prices"]["policy"]], dtype=np.bool_))
    few_in = [n for n in findings.notes if any(0 < int(n.values.get(k, 0)) < SMALLEST for k in ("alerts", "missed"))]
    notes = tuple(n for n in findings.notes if n.text != WORST and n not in few_in)
    facts = {k: v for k, v in findings.facts.items() if not (k in ("mated", "nonmated") and 0 < int(v) < SMALLEST)}
    return Findings(tables=tuple(made.values()), notes=notes, facts=facts)


def _without_few(rows: Table) -> Table:
    """Rows without those of few searches, without the counts of errors; no rate where one rests on 1 to 10 errors.

    The parts of one threshold and measure add up or nest, so that all of its rates are left out together.
    """
    keys = [(row["policy"], row.get("measure", FNIR)) for row in rows.records()]
    few = {key for key, k in zip(keys, rows["errors"].tolist(), strict=True) if 0 < k < SMALLEST}
    enough = np.array([key not in few for key in keys], dtype=np.bool_) & ~((rows["n"] > 0) & (rows["n"] < SMALLEST))
    return Table(name=rows.name, columns=tuple(c for c in rows.columns if c.name != "errors")).take(enough)


def _given(params: SearchParams, searches: Searches) -> list[Shares]:
    return [_shares(t, searches, params) for t in operational(params.thresholds, searches.distance)]


def _set_here(params: SearchParams, searches: Searches, seed: int) -> list[Shares]:
    first, second = halved(searches, seed)
    ascending = np.sort(first.best[~first.mated])
    set_on = HALF if searches.known else HALF_OF_SEARCHES
    made = [
        Threshold(policy=policy, value=strictest(ascending, target), set_on=set_on)
        for policy, target in FPIR_TARGETS.items()
        if enough(len(ascending), target)
    ]
    return [_shares(t, second, params) for t in made if math.isfinite(t.value)]


def _shares(threshold: Threshold, searches: Searches, params: SearchParams) -> Shares:
    groups: Sequence[tuple[str, int | None]] = [(EVERYBODY, None), *((g, i) for i, g in enumerate(searches.groups))]
    estimates = {
        (measure, name): share_at(searches, measure, threshold.value, rank=params.rank, group=group)
        for measure in (FPIR, FNIR, TPIR)
        for name, group in groups
    }
    use = Operation(
        searches_per_day=params.searches_per_day, gallery=int(searches.gallery.max()), mated_share=params.mated_share
    )
    fpir, fnir = estimates[(FPIR, EVERYBODY)], estimates[(FNIR, EVERYBODY)]
    cost = price(use, fpir=fpir.seen, fnir=fnir.rate, basis=MEASURED_PRICE if fpir.n else NO_PRICE)
    return Shares(threshold=threshold, estimates=estimates, returned=returned(searches, threshold.value), price=cost)


def _tables(searches: Searches, shares: Sequence[Shares], rank: int) -> tuple[Table, ...]:
    in_use = [s.threshold for s in shares if s.threshold.set_on == GIVEN]
    sign = -1.0 if searches.distance else 1.0
    rows = [(s, key, e) for s in shares for key, e in s.estimates.items()]
    made: dict[str, Sequence[object]] = {
        "policy": [s.threshold.policy for s, _, _ in rows],
        "threshold": [sign * s.threshold.value for s, _, _ in rows],
        "set_on": [s.threshold.set_on for s, _, _ in rows],
        "measure": [key[0] for _, key, _ in rows],
        "group": [key[1] for _, key, _ in rows],
        **{
            name: [getattr(e, name) for _, _, e in rows]
            for name in ("errors", "n", "rate", "low", "high", "bound", "method", "adequacy")
        },
    }
    prices: dict[str, Sequence[object]] = {
        "policy": [s.threshold.policy for s in shares],
        "threshold": [sign * s.threshold.value for s in shares],
        "returned": [s.returned[0] / s.returned[1] if s.returned[1] else math.nan for s in shares],
        "returned_n": [s.returned[1] for s in shares],
        "false_alerts_per_day": [s.price.false_alerts_per_day for s in shares],
        "searches_with_candidate": [s.price.searches_with_candidate for s in shares],
        "price_basis": [s.price.basis for s in shares],
    }
    hits = hit_rates(searches) if bool((~searches.mated).any()) else []
    ranks: dict[str, Sequence[object]] = {
        "rank": list(range(1, len(hits) + 1)),
        **{name: [getattr(h, name) for h in hits] for name in ("n", "rate", "low", "high", "adequacy")},
    }
    return (
        SEARCHES.of(made),
        PRICES.of(prices),
        RANKS.of(ranks),
        by_gallery(searches, in_use, rank=rank),
        by_length(searches, in_use),
    )


def _notes(searches: Searches, shares: Sequence[Shares]) -> tuple[Note, ...]:
    mated = int(searches.mated.sum())
    counts: dict[str, Scalar] = {"mated": mated, "nonmated": len(searches) - mated}
    sizes = np.unique(searches.gallery)
    if len(sizes) == 1:
        made = [Note(text=COUNTED, values={**counts, "gallery": int(sizes[0])}, kind="explanation")]
    else:
        counts |= {"galleries": len(sizes), "least": int(sizes[0]), "most": int(sizes[-1])}
        made = [Note(text=COUNTED_SIZES, values=counts, kind="explanation")]
    for one in shares[:1]:
        fpir, fnir = one.estimates[(FPIR, EVERYBODY)], one.estimates[(FNIR, EVERYBODY)]
        if fpir.n and fnir.n:
            values: dict[str, Scalar] = {
                "policy": one.threshold.policy,
                "alerts": fpir.errors,
                "nonmated": fpir.n,
                "sure": fpir.adequacy,
                "missed": fnir.errors,
                "mated": fnir.n,
                "sure_missed": fnir.adequacy,
            }
            made.append(Note(text=AT, values=values))
        made.append(_worst(one))
    made.append(Note(text=DISTANCES if searches.distance else SIMILARITIES, kind="explanation"))
    if any(s.threshold.set_on in (HALF, HALF_OF_SEARCHES) for s in shares):
        made.append(Note(text=HALVES, kind="explanation"))
    if mated == len(searches):
        made.append(Note(text=NO_CURVE, kind="caveat"))
    else:
        made.append(Note(text=BESIDE, kind="caveat"))
    if not searches.known:
        made.append(Note(text=NO_INTERVALS, kind="caveat"))
    if any(e.bound == AT_MOST for s in shares for e in s.estimates.values()):
        made.append(Note(text=ZEROS, kind="caveat"))
    return (*made, Note(text=CORPUS, kind="caveat"), Note(text=NO_USE, kind="caveat"))


def _worst(at: Shares) -> Note:
    """The group whose enrolled people are missed most often, of those with enough errors to tell. O(groups)."""
    groups = {name: e for (measure, name), e in at.estimates.items() if measure == FNIR and name != EVERYBODY}
    told = {name: e for name, e in groups.items() if e.errors and e.adequacy != NOT_DETERMINABLE}
    if len(groups) < 2 or not told:
        return Note(text=NO_WORST)
    name, worst = max(told.items(), key=lambda pair: pair[1].rate)
    values: dict[str, Scalar] = {"group": name, "missed": worst.errors, "mated": worst.n, "adequacy": worst.adequacy}
    return Note(text=WORST, values=values)


def _facts(searches: Searches, params: SearchParams) -> dict[str, Scalar]:
    mated = int(searches.mated.sum())
    return {
        "mated": mated,
        "nonmated": len(searches) - mated,
        "gallery": int(searches.gallery.max()),
        "rank": params.rank,
        "distances": searches.distance,
        "searches_per_day": params.searches_per_day,
    }


def by_gallery(searches: Searches, thresholds: Sequence[Threshold], *, rank: int) -> Table:
    """FPIR and FNIR by declared gallery size at each threshold; no row with one size only. O(sizes x searches).

    Of more than twelve sizes, the largest are shown.
    """
    sizes = np.unique(searches.gallery[searches.gallery > 0])[-MOST_SIZES:]
    rows = []
    for threshold in thresholds if len(sizes) > 1 else ():
        for size in sizes.tolist():
            own = searches.take(searches.gallery == size)
            for measure in (FPIR, FNIR):
                one = share_at(own, measure, threshold.value, rank=rank)
                rows.append({"policy": threshold.policy, "gallery": size, "measure": measure, **_told(one)})
    return GALLERIES.of_rows(rows)


def by_length(searches: Searches, thresholds: Sequence[Threshold]) -> Table:
    """FNIR and the wrong candidates to review per search, by the number of candidates reviewed. O(candidates).

    ISO/IEC 19795-1: FNIR(N, R, T) at R candidates, and selectivity, the number of non-mates returned per search.
    """
    rows = []
    listed = searches.listed
    longest = int(listed.rank.max()) if len(listed.rank) else 0
    mine = np.isin(listed.search, searches.number)
    for threshold in thresholds:
        wrong = mine & ~listed.mate & (listed.score >= threshold.value)
        for length in [r for r in REVIEWED if r <= longest]:
            one = share_at(searches, FNIR, threshold.value, rank=length)
            reviewed = int((wrong & (listed.rank <= length)).sum())
            row = {"policy": threshold.policy, "length": length, "wrong": reviewed / max(len(searches), 1)}
            rows.append({**row, "searches": len(searches), **_told(one)})
    return LENGTHS.of_rows(rows)


def _told(one: object) -> Mapping[str, object]:
    return {name: getattr(one, name) for name in ("errors", "n", "rate", "low", "high", "bound", "adequacy")}


def example_candidates(seed: int = 11) -> Table:
    """Candidate lists of 800 made-up searches, half of them of people who are enrolled."""
    rng = np.random.default_rng(seed)
    searches, length = 800, 5
    search = np.repeat(np.arange(1, searches + 1), length)
    rank = np.tile(np.arange(1, length + 1), searches)
    score = np.sort(rng.normal(0.3, 0.08, (searches, length)), axis=1)[:, ::-1]
    mated = np.arange(searches) < searches // 2
    score[:, 0] = np.where(mated, np.maximum(score[:, 0], rng.normal(0.6, 0.14, searches)), score[:, 0])
    hit = np.zeros((searches, length), dtype=np.int8)
    hit[:, 0] = mated & (score[:, 0] > 0.45)
    return table(
        CANDIDATES,
        {
            "search": (Kind.PSEUDONYM, search.astype(np.int64)),
            "candidate": (Kind.PSEUDONYM, rng.integers(1, 2**62, len(search))),
            "subject": (Kind.PSEUDONYM, search.astype(np.int64)),
            "score": (Kind.AMOUNT, score.ravel()),
            "rank": (Kind.COUNT, rank),
            "mated": (Kind.COUNT, np.repeat(mated, length).astype(np.int8)),
            "gallery": (Kind.COUNT, np.repeat(np.where(np.arange(searches) % 2, 2000, 500), length)),
            "hit": (Kind.COUNT, hit.ravel()),
        },
    )


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    return [*told_first(findings, say, {WORST, NO_WORST}, VOCABULARY), *figures(findings, say)]


def _example() -> Example:
    lists = dataset("example-candidates", "peelian-candidates", example_candidates(), {"gallery": 2000})
    return Example(params=SearchParams(thresholds=(0.45,)), datasets={"candidates": lists})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public_lists,
    shows=Shows(view=view),
)
