"""Verdicts of the search-log audit, the field trial and the comparison of matchers, under no effect and a known one.

Each page's verdicts may state something that is not there in at most 3% of studies (one Holm correction a page); the
bar allows 5%. Every population is drawn twice: as the method assumes it, and a second one that is harder (more
unequal people, dependent passages, other sizes), each from a seed of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.measure.table import Kind, table
from peelian.technologies.faces.field_trial import case as field_trial
from peelian.technologies.faces.field_trial.declared import FieldParams
from peelian.technologies.faces.formats.field import COUNTS
from peelian.technologies.faces.measure import paired as compare
from peelian.technologies.faces.measure import shares
from peelian.technologies.faces.measure.scores import Cells, Scores
from peelian.technologies.faces.measure.verdicts import FAILS, MEETS
from peelian.technologies.faces.search_log import case as search_log
from peelian.technologies.faces.search_log.declared import ARREST, BANDS, NO_ACTION, NO_MATCH, NOT_STATED, POSSIBLE

RUNS, QUICK = 2_000, 100
WRONG, POWER = 0.05, 0.80
Chance = np.random.Generator


def records(quick: bool = False, seed: int = 0) -> Iterator[Figure]:
    """Every figure of this slice."""
    runs = QUICK if quick else RUNS
    yield from _search_log(runs, seed)
    yield from _field(runs, seed + 1)
    yield from _compare(runs, seed + 2)


def _share(runs: int, seed: int, said: Callable[[Chance], bool]) -> float:
    chances = np.random.default_rng(seed).spawn(runs)
    return sum(said(chance) for chance in chances) / runs


def made_log(rng: Chance, *, sizes: tuple[int, int, int], n: int, uneven: float, effect: float = 0.0) -> object:
    """A log of `n` searches: `sizes` are its quarters, units and offence classes, the larger `uneven` the more unequal.

    Without an effect no share depends on any of them. With one, the first unit states no purpose `effect` more often.
    """
    parts = [rng.choice(size, n, p=rng.dirichlet(np.full(size, 1 / uneven) * 10)) for size in sizes]
    unstated = rng.random(n) < 0.1 + effect * (parts[1] == 0)
    arrested, evidence = rng.random(n) < 0.15, rng.random(n) < 0.7
    words = {
        "quarter": (Kind.TIME, np.datetime64("2022-01") + 3 * parts[0]),
        "unit": (Kind.GROUP, np.array([f"u{i}" for i in parts[1]], dtype=object)),
        "offence": (Kind.CATEGORY, np.array([f"o{i}" for i in parts[2]], dtype=object)),
        "purpose": (Kind.GROUP, np.where(unstated, NOT_STATED, "identify a suspect").astype(object)),
        "returned": (Kind.GROUP, np.array(BANDS, dtype=object)[rng.choice(5, n, p=(0.2, 0.1, 0.3, 0.3, 0.1))]),
        "verdict": (Kind.GROUP, np.where(rng.random(n) < 0.3, POSSIBLE, NO_MATCH).astype(object)),
        "corroborated": (Kind.COUNT, evidence.astype(np.int8)),
        "outcome": (Kind.GROUP, np.where(arrested, ARREST, NO_ACTION).astype(object)),
        "n": (Kind.COUNT, np.ones(n, dtype=np.int64)),
    }
    return table("log", words)


def differences_in(log: object) -> int:
    """How many verdicts of a log's page state a difference (without what hides small counts: that changes none)."""
    return sum(int(np.isin(t.verdicts, (shares.HIGHER, shares.LOWER)).sum()) for t in search_log.tallied(log))


def _search_log(runs: int, seed: int) -> Iterator[Figure]:
    first = {"sizes": (8, 4, 5), "n": 2400, "uneven": 1.0}
    second = {"sizes": (12, 9, 10), "n": 900, "uneven": 8.0}
    for name, how, at in (("", first, seed), (", second population", second, seed + 7_001)):
        wrong = _share(runs, at, lambda rng, how=how: differences_in(made_log(rng, **how)) > 0)
        yield at_most(f"search log: pages with a false difference{name}", wrong, "share", WRONG)
    effect = {"effect": 0.1}
    for name, how, at in (("", first, seed + 11), (", second population", {**second, "n": 1800}, seed + 7_011)):
        found = _share(
            runs,
            at,
            lambda rng, how=how: any(
                t.by == "unit" and (t.verdicts == shares.HIGHER).any()
                for t in search_log.tallied(made_log(rng, **how, **effect))
            ),
        )
        bar = at_least if not name else lambda n, v, u, _: plain(n, v, u)
        yield bar(f"search log: a unit with 20% instead of 10% unstated purposes is found{name}", found, "share", POWER)


def made_trial(rng: Chance, *, rates: dict[str, list[float]], spread: float, even: bool) -> object:
    """Tallies of a trial: `rates` of false alerts per face, of true alerts per face, and of misses, by group.

    People differ in how often they are missed (beta with `spread` as its concentration); passages are 10 each, or
    where not `even` from 1 to 30.
    """
    rows: dict[str, list[float]] = {name: [] for name in COUNTS}
    for false, true, missed, people, faces in zip(
        *(rates[k] for k in ("false", "true", "missed", "people", "faces")), strict=True
    ):
        passages = np.full(int(people), 10) if even else rng.integers(1, 31, int(people))
        own = rng.beta(missed * spread, (1 - missed) * spread, int(people))
        k, alarms, hits = (
            int(rng.binomial(passages, own).sum()),
            rng.binomial(int(faces), false),
            rng.binomial(int(faces), true),
        )
        values = (faces, alarms + hits, hits, alarms, k, int(passages.sum()), people, int(passages.max()))
        for name, value in zip(COUNTS, values, strict=True):
            rows[name].append(float(value))
    groups = np.array([f"g{i}" for i in range(len(rates["false"]))], dtype=object)
    columns = {name: (Kind.AMOUNT, np.array(values)) for name, values in rows.items()}
    return table("trial", {"group": (Kind.GROUP, groups), **columns})


LIMITS = FieldParams(limit_face=0.001, limit_alert=0.1, limit_missed=0.2, planned_faces=40_000)


def _field(runs: int, seed: int) -> Iterator[Figure]:
    # At the limit itself: any "meets" or "exceeds" is wrong, and groups are alike.
    limit = {"false": [0.001] * 4, "true": [0.009] * 4, "missed": [0.2] * 4, "people": [50] * 4, "faces": [10_000] * 4}
    second = {**limit, "people": [20, 35, 60, 120], "faces": [2_000, 5_000, 13_000, 20_000]}
    populations = (("", limit, 4.0, True, seed), (", second population", second, 0.5, False, seed + 7_001))
    for name, rates, spread, even, at in populations:
        found = [
            field_trial.scored(LIMITS, made_trial(rng, rates=rates, spread=spread, even=even))
            for rng in np.random.default_rng(at).spawn(runs)
        ]
        meets = sum(any(one.verdict == MEETS for one in trial) for trial in found) / runs
        either = sum(any(one.verdict in (MEETS, FAILS) for one in trial) for trial in found) / runs
        differ = sum(any(one.compared in (shares.HIGHER, shares.LOWER) for one in trial) for trial in found) / runs
        yield at_most(f"field trial: pages with a false “meets” at the limit{name}", meets, "share", WRONG)
        yield at_most(f"field trial: pages with a false verdict at the limit{name}", either, "share", WRONG)
        yield at_most(f"field trial: pages with a false difference between groups{name}", differ, "share", WRONG)
        overall = [one for trial in found for one in trial if one.measure == field_trial.MISSED and one.group == "all"]
        held = sum(one.low <= 0.2 <= one.high for one in overall) / len(overall)
        yield at_least(f"field trial: 95% intervals of misses by person hold the share{name}", held, "share", 0.93)
        naive = sum(_naive(one) for one in overall) / len(overall)
        yield plain(f"field trial: the same by passage, as if passages were independent{name}", naive, "share")
    half = {**limit, "false": [0.0005] * 4, "missed": [0.1] * 4, "people": [80] * 4, "faces": [20_000] * 4}
    apart = {**limit, "false": [0.001, 0.001, 0.001, 0.004]}
    for name, at in (("", seed + 11), (", unseen seed", seed + 7_011)):
        kept = _share(runs, at, lambda rng: _kept(made_trial(rng, rates=half, spread=4.0, even=True)))
        yield at_least(f"field trial: half of each limit is shown kept overall{name}", kept, "share", POWER)
        seen = _share(
            runs,
            at + 1,
            lambda rng: any(
                one.group == "g3" and one.compared == shares.HIGHER
                for one in field_trial.scored(LIMITS, made_trial(rng, rates=apart, spread=4.0, even=True))
            ),
        )
        yield at_least(f"field trial: a group with four times the false alerts is named{name}", seen, "share", POWER)
    stop = shares.stop_number(LIMITS.planned_faces, LIMITS.limit_face)
    for name, share, bar in (("at the limit", 1.0, at_most), ("at twice the limit", 2.0, at_least)):
        alarms = np.random.default_rng(seed + 21).binomial(LIMITS.planned_faces, share * LIMITS.limit_face, 20 * runs)
        yield bar(
            f"field trial: stopped {name}", float((alarms >= stop).mean()), "share", 0.03 if share == 1 else POWER
        )


def _naive(one: field_trial.Measured) -> bool:
    from peelian.measure.exact import clopper_pearson

    low, high = clopper_pearson(one.errors, one.n)
    return bool(low <= 0.2 <= high)


def _kept(trial: object) -> bool:
    found = [one for one in field_trial.scored(LIMITS, trial) if one.group == "all"]
    return all(one.verdict == MEETS for one in found if one.measure != field_trial.PER_ALERT)


def made_scores(
    rng: Chance, *, subjects: int, groups: int, gap: float, own: float, heavy: bool, closer: float = 0.0
) -> tuple[Scores, Scores]:
    """Two matchers' scores of every pair of subjects and of two genuine comparisons each.

    Subjects differ by `own` in how like others they look, partly alike to both matchers; `heavy` draws them from a
    skewed law. The second matcher's genuine scores are `gap` higher; under `closer` it finds people of the last group
    more alike.
    """
    a, b = np.triu_indices(subjects, 1)
    group = np.arange(subjects) % groups

    def drawn(n: int) -> NDArray[np.float64]:
        return (rng.exponential(1.0, n) - 1.0) if heavy else rng.standard_normal(n)

    common, mine = drawn(subjects), [drawn(subjects) for _ in range(2)]
    noise, twice = rng.standard_normal(len(a)), np.repeat(np.arange(subjects), 2)
    hard = rng.standard_normal(len(twice))
    genuine = np.arange(len(a) + len(twice)) >= len(a)
    probe, ref = np.concatenate([a, twice]).astype(np.int32), np.concatenate([b, twice]).astype(np.int32)
    cells = Cells(groups=tuple(f"g{i}" for i in range(groups)))
    same = group[a] == group[b]
    found = []
    for m in range(2):
        looks = own * (0.7 * common + 0.7 * mine[m])
        impostor = looks[a] + looks[b] + 0.7 * noise + 0.7 * rng.standard_normal(len(a)) + 0.4 * same
        impostor += closer * m * (same & (group[a] == groups - 1))
        right = 3.4 - 1.2 * looks[twice] + 0.7 * hard + 0.7 * rng.standard_normal(len(twice)) + gap * m
        cell = np.where(genuine, group[probe] + cells.impostor_cells, cells.pairs()[group[probe], group[ref]])
        found.append(
            Scores(
                score=np.concatenate([impostor, right]), genuine=genuine, failed=np.zeros(len(genuine), dtype=np.bool_),
                probe=probe, ref=ref, group_of=group.astype(np.int16), cell=cell.astype(np.int16), cells=cells,
            )
        )  # fmt: skip
    return found[0], found[1]


def _compare(runs: int, seed: int) -> Iterator[Figure]:
    first = {"subjects": 150, "groups": 4, "own": 0.3, "heavy": False}
    second = {"subjects": 80, "groups": 2, "own": 0.5, "heavy": True}
    for name, how, at in (("", first, seed), (", second population", second, seed + 7_001)):
        verdicts, held = 0, 0
        for rng in np.random.default_rng(at).spawn(runs):
            found = compare.compared(*made_scores(rng, **how, gap=0.0), 0.01).differences
            verdicts += any(one.verdict in (compare.LOWER, compare.HIGHER) for one in found)
            held += found[0].low <= 0 <= found[0].high
        yield at_most(f"compare: pages with a false difference{name}", verdicts / runs, "share", WRONG)
        yield at_least(f"compare: 95% intervals of the FNMR difference hold none{name}", held / runs, "share", 0.93)
    second = {**second, "subjects": 160}
    for name, how, gap, at in (("", first, 0.7, seed + 11), (", second population", second, 1.6, seed + 7_011)):
        better, shift, seen = 0, 0, []
        for rng in np.random.default_rng(at).spawn(runs):
            found = compare.compared(*made_scores(rng, **how, gap=gap), 0.01).differences
            better += found[0].verdict == compare.LOWER
            seen.append((found[0].value, found[0].would_see, found[0].verdict == compare.LOWER))
            found = compare.compared(*made_scores(rng, **how, gap=0.0, closer=1.0), 0.01).differences
            shift += any(
                one.measure == "FMR" and one.group == f"g{how['groups'] - 1}" and one.verdict == compare.HIGHER
                for one in found
            )
        yield at_least(
            f"compare: a second matcher with clearer genuine scores is found{name}", better / runs, "share", POWER
        )
        true = -float(np.mean([value for value, *_ in seen]))
        said = [found for _, would, found in seen if would <= true]
        told = "compare: a difference as large as “would have been found” says is found"
        yield at_least(f"{told}{name} ({len(said)} of {runs} trials)", float(np.mean(said)), "share", POWER)
        yield plain(f"compare: a group that the second matcher confuses more is named{name}", shift / runs, "share")


def main() -> None:
    """Print every figure; leave with 1 where a bar does not hold."""
    parser = flags(__doc__ or "")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    finish([show(figure) for figure in records(given.quick, given.seed)], given.json)


if __name__ == "__main__":
    main()
