"""Verdicts on two scores, on drift, on subgroups and on overrides: how often chance passes, and what is found.

Two populations that differ in base rates, group sizes and score scales, with seeds of their own. Under no effect the
share of audits that say anything must stay at 3% (drift: 5% of whole series); the known effects must be found.
Each person has 1, 5 or 40 assessments. Three fifths of the variance of scores, outcomes and decisions are the person's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk import CAPABILITIES
from peelian.technologies.risk.compare.declared import CompareParams
from peelian.technologies.risk.drift.declared import DriftParams
from peelian.technologies.risk.formats.persons import MOST_FOLDS
from peelian.technologies.risk.formats.tallying import grouped
from peelian.technologies.risk.overrides.declared import OverrideParams
from peelian.technologies.risk.subgroups.declared import SubgroupParams

RUNS, QUICK = 2_000, 40
EACH = (1, 5, 40)
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

    def drawn(self, rng: np.random.Generator, n: int, each: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores from 1, groups and persons of n assessments; groups do not depend on scores, which persons share."""
        person = np.repeat(np.arange(n // each), each)
        level = scipy.special.ndtr(lasting(rng, person))
        scores = np.searchsorted(self.scores.cumsum()[:-1], level) + 1
        return scores, rng.choice(len(self.groups), n // each, p=self.groups)[person], person

    def size(self, each: int, *, powered: bool, fewest: int = 250) -> int:
        """How many assessments there are: as many as people, and of at least `fewest` people."""
        return max((self.powered if powered else self.people) // each, fewest) * each


def lasting(rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
    """Normal numbers of which three fifths of the variance are the person's; independent where all persons differ."""
    if person[-1] == len(person) - 1:
        return rng.normal(size=len(person))
    return np.sqrt(0.6) * rng.normal(size=person[-1] + 1)[person] + np.sqrt(0.4) * rng.normal(size=len(person))


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


def counted(
    name: str, numbers: Mapping[str, np.ndarray], words: Mapping[str, np.ndarray], person: np.ndarray
) -> Dataset:
    """A dataset of counts from one row an assessment, as an import makes it; words are codes of labels."""
    repeated = person[-1] < len(person) - 1
    columns = {**numbers, **words, **({"fold": person % MOST_FOLDS} if repeated else {})}
    sums = np.ones((len(person), 2))
    if repeated and "outcome" in numbers:
        sums[:, 1] = 0
        sums[np.unique(2 * person + numbers["outcome"], return_index=True)[1], 1] = 1
    keys, n = grouped(np.stack([v.astype(np.float64) for v in columns.values()], axis=1), sums)
    kinds = {"score": Kind.AMOUNT, "score_2": Kind.AMOUNT, "quarter": Kind.TIME}
    made = [Column(name="n", kind=Kind.COUNT, values=n[:, 0].astype(np.int64), unit="people")]
    if repeated and name == "tally":
        made.append(Column(name="persons", kind=Kind.COUNT, values=n[:, 1].astype(np.int64)))
    for i, column in enumerate(columns):
        kind = Kind.GROUP if column in words else kinds.get(column, Kind.COUNT)
        values: Any = keys[:, i]
        if kind is Kind.GROUP:
            values = np.array([f"{column}{int(v)}" for v in range(int(values.max()) + 1)], dtype=object)[
                values.astype(int)
            ]
        elif kind is Kind.TIME:
            values = values.astype(np.int64).astype("datetime64[M]").astype("datetime64[D]")
        elif kind is Kind.COUNT:
            values = values.astype(np.int64)
        made.append(Column(name=column, kind=kind, values=values))
    facts: dict[str, int | float | str | bool] = {"people": int(person[-1]) + 1}
    return Dataset(id=name, format="", digest="", table=Table(name=name, columns=tuple(made)), facts=facts)


def ran(capability: str, role: str, params: Any, dataset: Dataset, seed: int) -> Findings:
    context = Context(seed=seed, progress=lambda says, share: None)
    return RUN[capability](params, {role: dataset}, context)


def said(found: Findings, table: str) -> bool:
    """Whether any verdict of a table is a finding."""
    return bool(np.isin(found.table(table)["verdict"], SAID[table]).any())


def happened(
    town: Town, rng: np.random.Generator, scores: np.ndarray, person: np.ndarray, factor: Any = 1.0
) -> np.ndarray:
    """Outcomes as frequent as the score says, and alike for one person beyond it."""
    return (scipy.special.ndtr(lasting(rng, person)) < np.minimum(town.risk[scores - 1] * factor, 1)).astype(int)


def a_pair(town: Town, rng: np.random.Generator, *, each: int, better: float = 0.0) -> Findings:
    """Two versions of a score that err independently and equally, or of which the second errs less."""
    n = town.size(each, powered=better > 0)
    _, group, person = town.drawn(rng, n, each)
    risk = lasting(rng, person)
    chance = scipy.special.expit(np.log(town.risk.mean() / (1 - town.risk.mean())) + risk)
    outcome = (scipy.special.ndtr(lasting(rng, person)) < chance).astype(int)
    levels = np.linspace(-2.5, 2.5, len(town.scores) - 1)
    first, second = (np.digitize(risk + lasting(rng, person) * error, levels) for error in (1.2, 1.2 - better))
    data = counted("pair", {"score": first, "score_2": second, "outcome": outcome}, {"g": group}, person)
    middle = float(len(town.scores) // 2)
    return ran("risk.compare", "pair", CompareParams(cut=middle, cut_2=middle), data, 1)


def a_series(town: Town, rng: np.random.Generator, *, each: int, factor: float = 1.0, quarters: int = 20) -> Findings:
    """Quarters of one distribution; from the middle on the outcome may be `factor` times as frequent.

    A person is assessed four times a quarter, in quarters that follow one another.
    """
    scores, _, person = town.drawn(rng, town.size(each, powered=factor != 1), each)
    start = rng.integers(0, quarters, person[-1] + 1)[person] if each > 1 else np.arange(len(person)) % quarters
    quarter = (start + np.arange(len(person)) % each // 4) % quarters
    outcome = happened(town, rng, scores, person, np.where(quarter >= quarters // 2, factor, 1.0))
    numbers = {"score": scores, "outcome": outcome, "quarter": 3 * quarter + 588}
    data = counted("quarters", numbers, {}, person)
    return ran("risk.drift", "quarters", DriftParams(cut=float(len(town.scores) // 2)), data, int(rng.integers(2**31)))


def a_search(town: Town, rng: np.random.Generator, *, each: int, factor: float = 1.0) -> Findings:
    """Six columns; of people with the first two at their first level, the outcome may be `factor` times as frequent."""
    n = 2 * town.size(each, powered=factor != 1, fewest=750)
    scores, group, person = town.drawn(rng, n, each)
    words = {"g": group} | {f"f{i}": rng.integers(0, 2 + i % 2, person[-1] + 1)[person] for i in range(5)}
    mine = (words["f0"] == 0) & (words["f1"] == 0)
    outcome = happened(town, rng, scores, person, np.where(mine, factor, 1.0))
    data = counted("tally", {"score": scores, "outcome": outcome}, words, person)
    return ran("risk.subgroups", "tally", SubgroupParams(), data, int(rng.integers(2**31)))


def some_overrides(town: Town, rng: np.random.Generator, *, each: int, factor: float = 1.0) -> Findings:
    """Decisions that depend on the score alone, or also on being of the second group; scores differ by group."""
    scores, group, person = town.drawn(rng, town.size(each, powered=factor != 1), each)
    shifted = np.minimum(scores + (group == 0) * rng.integers(0, 3, len(scores)), len(town.scores))
    cut = len(town.scores) // 2
    strict = np.where(shifted >= cut, 0.6 + 0.3 * shifted / len(town.scores), 0.15 * shifted / cut)
    lenient = (1 - strict) * np.where((group == 1) & (shifted >= cut), factor, 1.0)
    decision = (scipy.special.ndtr(lasting(rng, person)) < 1 - lenient).astype(int)
    unknown = np.zeros(len(scores), dtype=int)
    numbers = {"score": shifted, "decision": decision, "outcome": unknown, "outcome_known": unknown}
    data = counted("overrides", numbers, {"g": group}, person)
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
    """Every rate of verdicts, in both populations, with 1, 5 and 40 assessments of each person."""
    runs = QUICK if quick else RUNS
    for each in EACH:
        for number, town in enumerate(TOWNS):
            for name, make, table, bar, effect in EFFECTS:
                rng = np.random.default_rng([seed, number, each])
                found = [said(make(town, rng, each=each, **effect), table) for _ in range(runs)]
                title = f"{name} ({town.name} population, {each} assessments a person, {runs} runs)"
                if quick or (effect and each > 1):
                    yield plain(title, float(np.mean(found)), "share")
                else:
                    yield (at_least if effect else at_most)(title, float(np.mean(found)), "share", bar)


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--seed", type=int, default=21)
    given = parser.parse_args()
    finish([show(figure) for figure in records(given.quick, given.seed)], given.json)


if __name__ == "__main__":
    main()
