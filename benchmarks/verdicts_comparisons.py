"""Verdicts on two scores, on drift, on subgroups and on overrides: how often chance passes, and what is found.

Two populations that differ in base rates, group sizes and score scales, with seeds of their own. Under no effect the
share of audits that say anything must stay at 3% (drift: 5% of whole series); the known effects must be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk import CAPABILITIES
from peelian.technologies.risk.declarations.compare import CompareParams
from peelian.technologies.risk.declarations.drift import DriftParams
from peelian.technologies.risk.declarations.overrides import OverrideParams
from peelian.technologies.risk.declarations.subgroups import SubgroupParams
from peelian.technologies.risk.reduction import grouped

RUNS, QUICK = 2_000, 40
NO_EFFECT, SERIES, FOUND = 0.04, 0.06, 0.8  # nominal 3% and 5% with what 2,000 runs may err
RUN = {capability.id: capability.arithmetic().run for capability in CAPABILITIES}
SAID = {
    "comparison": ("second higher", "second lower"),
    "drift": ("changed", "single quarters stand out"),
    "subgroups": ("more happens than expected", "less happens than expected"),
    "overrides": ("more often", "less often"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A population: how many people are audited (`powered`: where an effect is to be found), the chance of the outcome
    and the share of people at each score, and shares of its groups."""

    name: str
    people: int
    powered: int
    risk: np.ndarray
    scores: np.ndarray
    groups: np.ndarray

    def drawn(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores from 1 and groups of n people, independent of one another."""
        scores = rng.choice(len(self.scores), n, p=self.scores) + 1
        return scores, rng.choice(len(self.groups), n, p=self.groups)


FIRST = Town(
    name="first",
    people=4_000,
    powered=4_000,
    risk=0.2 + 0.05 * np.arange(10),
    scores=np.array([0.19, 0.13, 0.11, 0.1, 0.1, 0.1, 0.09, 0.07, 0.06, 0.05]),
    groups=np.array([0.5, 0.3, 0.15, 0.05]),
)
SECOND = Town(
    name="second",
    people=2_500,
    powered=10_000,
    risk=np.array([0.04, 0.07, 0.1, 0.16, 0.25, 0.4]),
    scores=np.array([0.3, 0.25, 0.2, 0.12, 0.08, 0.05]),
    groups=np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04]),
)
TOWNS = (FIRST, SECOND)


def counted(name: str, numbers: Mapping[str, np.ndarray], words: Mapping[str, np.ndarray]) -> Dataset:
    """A dataset of counts from one row a person; words are codes of labels."""
    columns = {**numbers, **words}
    people = np.ones(len(next(iter(columns.values()))))
    keys, n = grouped(np.stack([v.astype(np.float64) for v in columns.values()], axis=1), people)
    kinds = {"score": Kind.AMOUNT, "score_2": Kind.AMOUNT, "quarter": Kind.TIME}
    made = [Column(name="n", kind=Kind.COUNT, values=n.astype(np.int64), unit="people")]
    for i, column in enumerate(columns):
        kind = Kind.GROUP if column in words else kinds.get(column, Kind.COUNT)
        values: Any = keys[:, i]
        if kind is Kind.GROUP:
            values = np.array([f"{column}{int(v)}" for v in values], dtype=object)
        elif kind is Kind.TIME:
            values = values.astype(np.int64).astype("datetime64[M]").astype("datetime64[D]")
        elif kind is Kind.COUNT:
            values = values.astype(np.int64)
        made.append(Column(name=column, kind=kind, values=values))
    return Dataset(id=name, format="", digest="", table=Table(name=name, columns=tuple(made)))


def ran(capability: str, role: str, params: Any, dataset: Dataset, seed: int) -> Findings:
    context = Context(seed=seed, progress=lambda says, share: None)
    return RUN[capability](params, {role: dataset}, context)


def said(found: Findings, table: str) -> bool:
    """Whether any verdict of a table is a finding."""
    return bool(np.isin(found.table(table)["verdict"], SAID[table]).any())


def happened(town: Town, rng: np.random.Generator, scores: np.ndarray, factor: Any = 1.0) -> np.ndarray:
    return (rng.random(len(scores)) < np.minimum(town.risk[scores - 1] * factor, 1)).astype(int)


def a_pair(town: Town, rng: np.random.Generator, *, better: float = 0.0) -> Findings:
    """Two versions of a score that err independently and equally, or of which the second errs less."""
    n = town.powered if better else town.people
    risk, group = rng.normal(size=n), rng.choice(len(town.groups), n, p=town.groups)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-(np.log(town.risk.mean() / (1 - town.risk.mean())) + risk)))).astype(
        int
    )
    levels = np.linspace(-2.5, 2.5, len(town.scores) - 1)
    first, second = (np.digitize(risk + rng.normal(size=n) * error, levels) for error in (1.2, 1.2 - better))
    data = counted("pair", {"score": first, "score_2": second, "outcome": outcome}, {"g": group})
    middle = float(len(town.scores) // 2)
    return ran("risk.compare", "pair", CompareParams(cut=middle, cut_2=middle), data, 1)


def a_series(town: Town, rng: np.random.Generator, *, factor: float = 1.0, quarters: int = 20) -> Findings:
    """Quarters of one distribution; from the middle on the outcome may be `factor` times as frequent."""
    each = (town.people if factor == 1 else town.powered) // quarters
    scores, _ = town.drawn(rng, quarters * each)
    quarter = np.repeat(np.arange(quarters), each)
    outcome = happened(town, rng, scores, np.where(quarter >= quarters // 2, factor, 1.0))
    numbers = {"score": scores, "outcome": outcome, "quarter": 3 * quarter + 588}
    data = counted("quarters", numbers, {})
    return ran("risk.drift", "quarters", DriftParams(cut=float(len(town.scores) // 2)), data, int(rng.integers(2**31)))


def a_search(town: Town, rng: np.random.Generator, *, factor: float = 1.0) -> Findings:
    """Six columns; of people with the first two at their first level, the outcome may be `factor` times as frequent."""
    n = 2 * (town.people if factor == 1 else town.powered)
    scores, group = town.drawn(rng, n)
    words = {"g": group} | {f"f{i}": rng.integers(0, 2 + i % 2, n) for i in range(5)}
    mine = (words["f0"] == 0) & (words["f1"] == 0)
    outcome = happened(town, rng, scores, np.where(mine, factor, 1.0))
    data = counted("tally", {"score": scores, "outcome": outcome}, words)
    return ran("risk.subgroups", "tally", SubgroupParams(), data, int(rng.integers(2**31)))


def some_overrides(town: Town, rng: np.random.Generator, *, factor: float = 1.0) -> Findings:
    """Decisions that depend on the score alone, or also on being of the second group; scores differ by group."""
    scores, group = town.drawn(rng, town.people if factor == 1 else town.powered)
    shifted = np.minimum(scores + (group == 0) * rng.integers(0, 3, len(scores)), len(town.scores))
    cut = len(town.scores) // 2
    strict = np.where(shifted >= cut, 0.6 + 0.3 * shifted / len(town.scores), 0.15 * shifted / cut)
    lenient = (1 - strict) * np.where((group == 1) & (shifted >= cut), factor, 1.0)
    decision = (rng.random(len(scores)) < 1 - lenient).astype(int)
    unknown = np.zeros(len(scores), dtype=int)
    numbers = {"score": shifted, "decision": decision, "outcome": unknown, "outcome_known": unknown}
    data = counted("overrides", numbers, {"g": group})
    return ran("risk.overrides", "overrides", OverrideParams(cut=float(cut)), data, 1)


Effect = tuple[str, Callable[..., Findings], str, float, dict[str, float]]
EFFECTS: tuple[Effect, ...] = (
    ("two equal scores are told apart", a_pair, "comparison", NO_EFFECT, {}),
    ("a series of 20 quarters without drift has an alarm", a_series, "drift", SERIES, {}),
    ("an instrument that is right for all has a subgroup", a_search, "subgroups", NO_EFFECT, {}),
    ("overrides by score alone differ by group", some_overrides, "overrides", NO_EFFECT, {}),
    ("a second score with half the error is found", a_pair, "comparison", FOUND, {"better": 0.6}),
    ("observed over expected from 1 to 1.3 is found", a_series, "drift", FOUND, {"factor": 1.3}),
    ("a subgroup of two columns with 0.7 times the outcome is found", a_search, "subgroups", FOUND, {"factor": 0.7}),
    ("a group whose high scores are overruled 1.5 times as often", some_overrides, "overrides", FOUND, {"factor": 1.5}),
)


def records(quick: bool, seed: int) -> Iterator[Figure]:
    """Every rate of verdicts, in both populations."""
    runs = QUICK if quick else RUNS
    for number, town in enumerate(TOWNS):
        for name, make, table, bar, effect in EFFECTS:
            rng = np.random.default_rng([seed, number])
            share = float(np.mean([said(make(town, rng, **effect), table) for _ in range(runs)]))
            title = f"{name} ({town.name} population, {runs} runs)"
            if quick:
                yield plain(title, share, "share")
            else:
                yield (at_least if effect else at_most)(title, share, "share", bar)


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--seed", type=int, default=21)
    given = parser.parse_args()
    finish([show(figure) for figure in records(given.quick, given.seed)], given.json)


if __name__ == "__main__":
    main()
