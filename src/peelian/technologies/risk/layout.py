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

MOST_AXES = 4
RESERVED = (
    "score", "outcome", "n", "weight", "outcome_date", "score_date", "follow_up_days", "full_window", "recomputed",
)  # fmt: skip
OPTIONS: Mapping[str, str] = {
    "score": "Score column (default: score)",
    "outcome": "Outcome column, 0 or 1 (default: outcome)",
    "n": "Column with the number of people, for a tally (default: n)",
    "groups": "Group columns, comma-separated, at most four (default: all other columns)",
    "features": "Feature columns for simple models and proxy tests, comma-separated",
    "areas": "Area columns (postal area, precinct) for proxy tests, comma-separated",
    "window_days": "Outcome window in days. Later outcomes do not count; shorter follow-up is incomplete",
    "data_until": "Last day of the records, YYYY-MM-DD. With score_date, shows whose follow-up is incomplete",
    "points": "Published point table, for example priors: 0=0; 1-3=2; 4+=4 | age: 18-24=3; *=0",
    "only": "Column of 0 and 1. Rows with 0 are left out",
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

    @property
    def columns(self) -> frozenset[str]:
        """Every column to be read; the pseudonym is never among them."""
        single = (
            self.score, self.outcome, self.n, self.weight, self.outcome_date, self.score_date, self.follow_up_days,
            self.full_window, self.cut_short, self.recomputed, self.only,
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

    def called(name: str, option: str = "") -> str:
        found = there.get(name.strip().lower(), "")
        if name and option and not found:
            raise InputError("unknown column", column=name[:60], accepted=", ".join(header)[:200])
        return found

    features = tuple(called(f, "features") for f in _listed(options, "features"))
    features = features or tuple(found for f in preset.features if (found := called(f)))
    items = point_table(options.get("points", ""))
    single = {name: called(name) for name in RESERVED if name not in ("score", "outcome", "n")}
    layout = Layout(
        **single,
        score=called(options.get("score", preset.score), "score"),
        outcome=called(options.get("outcome", preset.outcome), "outcome"),
        n=called(options.get("n", preset.n), "n") if preset.tally else "",
        groups=(),
        features=features,
        areas=tuple(called(a, "areas") for a in areas),
        cut_short=called(preset.cut_short),
        only=called(options.get("only", ""), "only") if options.get("only") else "",
        items=tuple(Item(column=called(item.column, "points"), rules=item.rules) for item in items),
        window_days=_days(options),
        data_until=_day(options),
    )
    named = tuple(called(g, "groups") for g in _listed(options, "groups"))
    groups = named or _left(header, layout, preset)
    _checked(groups)
    return replace(layout, groups=groups)


def _left(header: Sequence[str], layout: Layout, preset: Preset) -> tuple[str, ...]:
    """The group axes where none are named: the preset's that are there, or else every column not spoken for."""
    if preset.groups:
        there = {name.strip().lower(): name for name in header}
        return tuple(there[name] for name in preset.groups if name in there)
    spoken = {*layout.columns, *preset.ignored}
    return tuple(name for name in header if name not in spoken and name.strip().lower() not in (PSEUDONYM, *RESERVED))


def _checked(groups: Sequence[str]) -> None:
    if len(groups) > MOST_AXES:
        says = sentence("%(n)d group columns", n=len(groups))
        raise InputError(says, column="groups", accepted=sentence("at most %(most)d (option groups=…)", most=MOST_AXES))
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


def _days(options: Mapping[str, str]) -> int:
    text = options.get("window_days", "").strip()
    if text and not (text.isdecimal() and 0 < int(text[:6]) <= 36_500):
        raise InputError("not a number of days", column="window_days", accepted="1 to 36,500")
    return int(text) if text else 0


def _day(options: Mapping[str, str]) -> date | None:
    text = options.get("data_until", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("not a date", column="data_until", accepted="YYYY-MM-DD") from None
