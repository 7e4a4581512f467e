"""The bias-audit summary of New York City's Local Law 144 of 2021, after the rules in 6 RCNY 5-300 to 5-304.

The rules ask for the selection rate or scoring rate and the impact ratio by sex, by race or ethnicity, and by both. A
scoring rate is the share of a category with a score above the median of the full sample. An impact ratio divides the
rate of a category by the highest rate. A category of fewer than 2 % of the sample may be excluded from impact ratios,
and its number and rate are then told (5-301). Our wording; the rules' own text is the city's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.audit.documents import Document, Part, count, number, percent, say_for
from peelian.audit.figures import CROSSED, EVERYONE, Row, by_group, having, rows_of
from peelian.demos.trial import Attempt
from peelian.errors import InputError
from peelian.pictures.panels import Say

SOURCE = "New York City, Local Law 144 of 2021; 6 RCNY 5-300 to 5-304"
SMALL_SHARE = 0.02
SELECTION_RATE, SCORING_RATE = "selection", "scoring"
HIGH, LOW = "high", "low"
TIMES = " × "


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which columns are sex and race or ethnicity, which end of the scale selects, and which rate is told."""

    sex: str
    race: str
    favourable: str
    rate: str = SELECTION_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The cut-off that divides the sample: at which score, and whether it divides exactly where the rules say."""

    at: float
    exact: bool


def ll144(made: Attempt, how: Selection, labels: Mapping[str, str]) -> Document:
    """The summary table of a risk audit. O(rows of rates).

    `labels`: number → label, so that columns may be named as the data name them. InputError: not a risk audit, no such
    group column, or another word than high and low, selection and scoring.
    """
    if made.technology != "risk":
        raise InputError("a bias audit needs scores and groups", accepted="an audit of a risk instrument")
    for name, word, known in (
        ("favourable", how.favourable, (HIGH, LOW)),
        ("rate", how.rate, (SELECTION_RATE, SCORING_RATE)),
    ):
        if word not in known:
            raise InputError("not one of the choices", column=name, accepted=", ".join(known))
    findings, say = made.ran[0].findings, say_for(made)
    sex, race = (_axis(made, name, labels) for name in (how.sex, how.race))
    rates, verdicts = rows_of(findings, "rates"), rows_of(findings, "verdicts")
    cut = _cut(findings.facts, rates, how)
    shares = _shares(rates, cut, how)
    total = by_group(rates, "base_rate", "den").get((EVERYONE, EVERYONE))
    sizes = {(row["axis"], row["group"]): row["n"] for row in verdicts}
    pairs = [tuple(part) for part in (sorted(sizes)) if part[0] == CROSSED and _is_pair(part[1], sizes, sex, race)]
    kinds = (
        ("sex", say("Sex"), [key for key in sizes if key[0] == sex]),
        ("race", say("Race or ethnicity"), [key for key in sizes if key[0] == race]),
        ("intersection", say("Sex and race or ethnicity"), pairs),
    )
    parts = [_data(made, total, say), _rule(how, cut, say)]
    for id, title, keys in kinds:
        rows = _rows(keys, sizes, shares, total)
        parts.append(_part(id, title, rows, how, say))
    parts.append(_not_told(say))
    return Document(id="ll144", title=say("Bias audit summary"), source=SOURCE, parts=tuple(parts), made=made, say=say)


def _axis(made: Attempt, name: str, labels: Mapping[str, str]) -> str:
    """The axis of a column, under its number where it has one."""
    numbers = {label: number for number, label in labels.items()}
    axes = str(made.admissions[next(iter(made.admissions))].facts.get("axes", "")).split(",")
    wanted = {name.strip().lower(), numbers.get(name, name).lower()}
    found = [axis for axis in axes if axis.lower() in wanted]
    if not found:
        raise InputError("not a group column of this audit", column=name[:60], accepted=", ".join(axes))
    return found[0]


def _is_pair(group: str, sizes: Mapping[Any, Any], sex: str, race: str) -> bool:
    """Whether a crossed group is one sex of one race, and of nothing else."""
    parts = group.split(TIMES)
    both = [[axis for axis in (sex, race) if (axis, part) in sizes] for part in parts]
    return len(parts) == 2 and sorted(axis for found in both for axis in found) == sorted({sex, race})


def _cut(facts: Mapping[str, Any], rates: Sequence[Row], how: Selection) -> Cut:
    """The audit's cut-off, or the one just above (where low scores select: at or just above) the sample's median.

    With an even sample whose middle scores differ, the median lies between them.
    """
    if how.rate == SELECTION_RATE:
        return Cut(at=float(facts["cut"]), exact=True)
    shares = [
        (row["value"], row["at"]) for row in having(rows_at_cuts(rates), axis=EVERYONE) if row["value"] is not None
    ]
    if how.favourable == HIGH:  # the largest share that is no more than half: all scores above the median
        found = max((pair for pair in shares if pair[0] <= 0.5), default=None)
    else:  # those below the median are what the smallest share of at least half leaves
        found = min((pair for pair in shares if pair[0] >= 0.5), default=None)
    if found is None:
        raise InputError("no cut-off divides the sample at its median", accepted="rate=selection")
    return Cut(at=float(found[1]), exact=len(shares) >= int(facts["scores"]) - 1)


def rows_at_cuts(rates: Sequence[Row]) -> list[Row]:
    """The share scored high at each cut-off."""
    return having(rates, metric="high_share")


def _shares(rates: Sequence[Row], cut: Cut, how: Selection) -> dict[Any, float | None]:
    """(axis, group) → its rate: the share at or above the cut-off, or the rest where low scores select."""
    high = by_group(rates, "high_share", at=cut.at)
    if how.favourable == HIGH:
        return high
    return {key: None if share is None else 1 - share for key, share in high.items()}


def _rows(
    keys: Sequence[Any], sizes: Mapping[Any, int | None], shares: Mapping[Any, float | None], total: int | None
) -> list[dict[str, Any]]:
    """A row for each category: number, share of the sample, rate, impact ratio, and whether it is excluded."""
    rows = []
    for key in keys:
        n, rate = sizes[key], shares.get(key)
        share = n / total if n is not None and total else None
        small = share is not None and share < SMALL_SHARE
        rows.append({"category": key[1], "n": n, "share": share, "rate": rate, "excluded": small})
    most = max((row["rate"] for row in rows if row["rate"] is not None and not row["excluded"]), default=None)
    for row in rows:
        told = row["rate"] is not None and not row["excluded"] and most
        row["impact_ratio"] = row["rate"] / most if told else None
    return rows


def _part(id: str, title: str, rows: list[dict[str, Any]], how: Selection, say: Say) -> Part:
    rate = say("Selection rate") if how.rate == SELECTION_RATE else say("Scoring rate")
    columns = (
        ("category", say("Category"), str),
        ("n", say("Number"), count),
        ("share", say("Share of the sample"), percent),
        ("rate", rate, percent),
        ("impact_ratio", say("Impact ratio"), number),
    )
    excluded = [row["category"] for row in rows if row["excluded"]]
    hidden = sum(row["n"] is None or row["rate"] is None for row in rows)
    says, open = [], []
    if excluded:
        names = ", ".join(excluded)
        says.append(
            say("Excluded from impact ratios, because each is less than 2%% of the sample: %(names)s.", names=names)
        )
    if hidden:
        open.append(
            say(
                "%(n)d %(n:category lacks|categories lack) figures, because %(n:it is|they are) small or would reveal "
                "a small one. If one of them has the highest rate, the ratios of the others are lower than shown.",
                n=hidden,
            )
        )
    if not rows:
        open.append(say("Not measured: the audit has no such groups."))
    return Part(
        id=id, title=title, says=tuple(says), rows=tuple(rows), columns=columns, caption=title, open=tuple(open)
    )


def _data(made: Attempt, total: int | None, say: Say) -> Part:
    admission = next(iter(made.admissions.values()))
    says = [say("%(n)d people were counted.", n=total)] if total else []
    says += [
        say("%(n)d %(n:row was|rows were) left out: %(why)s.", n=d["n"], why=made.say(d["why"]))
        for d in admission.dropped
    ]
    return Part(
        id="data",
        title=say("Data"),
        says=tuple(says),
        open=(
            say("Where the data come from, which period they cover and why they were used."),
            say("How many people are of unknown sex or race: an empty label is left to whoever made the data."),
        ),
    )


def _rule(how: Selection, cut: Cut, say: Say) -> Part:
    texts = {
        (SELECTION_RATE, HIGH): say("Selected: whom the score marks as high, at the cut-off %(cut).6g.", cut=cut.at),
        (SELECTION_RATE, LOW): say(
            "Selected: whom the score does not mark as high, at the cut-off %(cut).6g.", cut=cut.at
        ),
        (SCORING_RATE, HIGH): say("Scoring rate: the share with a score above the median of the full sample."),
        (SCORING_RATE, LOW): say(
            "Scoring rate: the share with a score below the median, because low scores are favourable."
        ),
    }
    says = (
        texts[how.rate, how.favourable],
        say("The impact ratio is the rate of a category over the highest rate."),
    )
    nearest = say("The score has many values. The cut-off nearest to the median was used: %(cut).6g.", cut=cut.at)
    return Part(id="rule", title=say("Rule"), says=says, open=() if cut.exact else (nearest,))


def _not_told(say: Say) -> Part:
    return Part(
        id="not-told",
        title=say("What this table cannot tell"),
        open=(
            say("Whether the law applies: it covers tools for hiring and promotion in New York City."),
            say("When the tool was first used, and the auditor's name and independence."),
            say("Whether a difference is justified. A ratio is no verdict."),
        ),
    )
