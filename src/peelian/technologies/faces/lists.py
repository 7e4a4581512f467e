"""Audit candidate lists: FPIR, FNIR, TPIR and CMC of searches made elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Context, Dataset, Findings, Note, Scalar
from peelian.measure.table import Table
from peelian.technologies.faces.declarations.lists import PRICES, RANKS, SEARCHES
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.notes import CORPUS, DISTANCES, NO_USE, SIMILARITIES, ZEROS
from peelian.technologies.faces.one_to_many import by_gallery, by_length
from peelian.technologies.faces.params import LEAST_SUBJECTS, SearchParams
from peelian.technologies.faces.price import MEASURED_PRICE, NO_PRICE, Operation, Price, price
from peelian.technologies.faces.public import SMALLEST, blanked, hidden_rates, keys
from peelian.technologies.faces.scores import labels_of
from peelian.technologies.faces.searches import (
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
from peelian.technologies.faces.thresholds import (
    FPIR_TARGETS,
    GIVEN,
    HALF,
    HALF_OF_SEARCHES,
    Threshold,
    enough,
    operational,
    strictest,
)
from peelian.technologies.faces.uncertainty import AT_MOST, NOT_DETERMINABLE, Estimate

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
