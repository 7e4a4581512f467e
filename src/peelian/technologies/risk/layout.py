"""Map a file's columns to score, outcome and groups, from its header and options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from peelian.errors import InputError, sentence
from peelian.technologies.risk.counts import AREA, CROSSED, EVERYONE, FEATURE
from peelian.technologies.risk.identity import PSEUDONYM, refuse_identifying
from peelian.technologies.risk.points import Item, point_table
from peelian.technologies.risk.usual_names import OUTCOME_NAMES, SCORE_NAMES, default_groups, the_column

MOST_AXES = 4
RESERVED = (
    "score", "outcome", "n", "weight", "outcome_date", "score_date", "follow_up_days", "full_window", "recomputed",
    "fold", "persons", "distinct",
)  # fmt: skip
KEEP_ALL = "none"  # the value of the option `missing` that declares every number a score
OPTIONS: Mapping[str, str] = {
    "score": "Score column (default: score, or a usual name such as risk_score)",
    "outcome": "Outcome column, 0 or 1 (default: outcome, or a usual name such as two_year_recid)",
    "n": "Column with the number of people, for a tally (default: n)",
    "groups": "Group columns, comma-separated, at most four (default: all other columns)",
    "features": "Feature columns for simple models and proxy tests, comma-separated",
    "areas": "Area columns (postal area, precinct) for proxy tests, comma-separated",
    "window_days": "Outcome window in days. Later outcomes do not count; shorter follow-up is incomplete",
    "data_until": "Last day of the records, YYYY-MM-DD. With score_date, shows whose follow-up is incomplete",
    "points": "Published point table, for example priors: 0=0; 1-3=2; 4+=4 | age: 18-24=3; *=0",
    "only": "Column of 0 and 1. Rows with 0 are left out",
    "missing": "Scores that mean no score, comma-separated, for example -1,999; none: every number is a score",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which column is what; "" or empty where there is none."""

    score: str
    outcome: str
    n: str = ""
    groups: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    person: str = ""  # the pseudonym of a cohort: it puts rows of one person together, and is not kept
    weight: str = ""
    outcome_date: str = ""
    score_date: str = ""
    follow_up_days: str = ""
    full_window: str = ""
    cut_short: str = ""  # the opposite: 1 where the window was cut short
    recomputed: str = ""
    only: str = ""
    items: tuple[Item, ...] = ()
    window_days: int = 0
    data_until: date | None = None
    missing: tuple[float, ...] = ()  # scores that mean that there is none
    keep_all: bool = False  # no number stands for a missing score
    guessed: bool = False  # score or outcome was told by a usual name

    @property
    def columns(self) -> frozenset[str]:
        """Every column to be read."""
        single = (
            self.score, self.outcome, self.n, self.person, self.weight, self.outcome_date, self.score_date,
            self.follow_up_days, self.full_window, self.cut_short, self.recomputed, self.only,
        )  # fmt: skip
        many = (*self.groups, *self.features, *self.areas, *(item.column for item in self.items))
        return frozenset(name for name in (*single, *many) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a known header calls things."""

    score: str = "score"
    outcome: str = "outcome"
    n: str = "n"
    tally: bool = True
    groups: tuple[str, ...] = ()  # of these, the ones that are there; empty: whatever column is left
    features: tuple[str, ...] = ()
    cut_short: str = ""
    ignored: tuple[str, ...] = ()


def layout_of(header: Sequence[str], options: Mapping[str, str], preset: Preset) -> Layout:
    """The layout of a file with this header; InputError names the option or column at fault."""
    areas = _listed(options, "areas")
    refuse_identifying(header, areas=areas)
    there = {name.strip().lower(): name for name in header}

    def called(name: str) -> str:
        return there.get(name.strip().lower(), "")

    def named(name: str) -> str:
        """The column that an option names; InputError where it is not there."""
        if name and not called(name):
            raise InputError("unknown column", column=name[:60], accepted=", ".join(header)[:200])
        return called(name)

    def told(what: str, own: str, usual: frozenset[str]) -> str:
        return named(options.get(what, "")) or called(own) or the_column(header, what, usual)

    def many(option: str) -> tuple[str, ...]:
        return tuple(named(name) for name in _listed(options, option))

    score, outcome = told("score", preset.score, SCORE_NAMES), told("outcome", preset.outcome, OUTCOME_NAMES)
    stated = {named(options.get("score", "")), named(options.get("outcome", "")), called(preset.score)}
    people = (named(options.get("n", "")) or called(preset.n)) if preset.tally else ""
    layout = Layout(
        score=score,
        outcome=outcome,
        n=people,
        features=many("features") or tuple(found for f in preset.features if (found := called(f))),
        areas=many("areas"),
        person="" if people else called(PSEUDONYM),
        weight=called("weight"),
        outcome_date=called("outcome_date"),
        score_date=called("score_date"),
        follow_up_days=called("follow_up_days"),
        full_window=called("full_window"),
        cut_short=called(preset.cut_short),
        recomputed=called("recomputed"),
        only=named(options.get("only", "")),
        items=tuple(
            Item(column=named(item.column), rules=item.rules) for item in point_table(options.get("points", ""))
        ),
        window_days=_days(options),
        data_until=_day(options),
        missing=_missing(options),
        keep_all=options.get("missing", "").strip().lower() == KEEP_ALL,
        guessed=not {score, outcome} <= {*stated, called(preset.outcome)},
    )
    groups = many("groups") or _left(header, layout, preset)
    _checked(groups)
    return replace(layout, groups=groups)


def _left(header: Sequence[str], layout: Layout, preset: Preset) -> tuple[str, ...]:
    """The group axes where none are named: the preset's that are there, or else columns not spoken for."""
    if preset.groups:
        there = {name.strip().lower(): name for name in header}
        return tuple(there[name] for name in preset.groups if name in there)
    spoken = {*layout.columns, *preset.ignored}
    free = [n for n in header if n not in spoken and n.strip().lower() not in (PSEUDONYM, *RESERVED)]
    return default_groups(free, most=MOST_AXES)


def _checked(groups: Sequence[str]) -> None:
    if len(groups) > MOST_AXES:
        says = sentence("%(n)d group columns", n=len(groups))
        accepted = sentence("at most %(most)d (option groups=…)", most=MOST_AXES)
        raise InputError(says, row=1, column="groups", accepted=accepted)
    for name in groups:
        plain = name.strip().lower()
        if (
            plain in (*RESERVED, EVERYONE, CROSSED)
            or plain.startswith((FEATURE, AREA))
            or not re.fullmatch(r"[\w .-]{1,40}", name.strip())
        ):
            raise InputError("column cannot be a group axis", column=name[:60], accepted="plain column names")


def _listed(options: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in options.get(name, "").split(",") if part.strip())


def _missing(options: Mapping[str, str]) -> tuple[float, ...]:
    words = [word for word in _listed(options, "missing") if word.lower() != KEEP_ALL]
    try:
        return tuple(float(word.replace("\N{MINUS SIGN}", "-")) for word in words)
    except ValueError:
        raise InputError("not a number", column="missing", accepted="numbers, comma-separated, or none") from None


def _days(options: Mapping[str, str]) -> int:
    text = options.get("window_days", "").strip()
    if text and not (text.isdecimal() and len(text) <= 5 and 0 < int(text) <= 36_500):
        raise InputError("not a number of days", column="window_days", accepted="1 to 36,500")
    return int(text) if text else 0


def _day(options: Mapping[str, str]) -> date | None:
    text = options.get("data_until", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("not a date", column="data_until", accepted="YYYY-MM-DD") from None
