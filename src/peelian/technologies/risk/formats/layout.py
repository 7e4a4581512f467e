"""The layout of a stranger's file: which columns are score, outcome, groups and points, and what tells of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from peelian.errors import InputError, sentence
from peelian.measure.persons import are_homes, are_names
from peelian.technologies.risk.measure.counts import AREA, FEATURE, Floats
from peelian.technologies.risk.shared import CROSSED, EVERYONE

PSEUDONYM = "pid"
"""The only column that may distinguish people. It puts rows of one person together on import and is not kept."""
PACKED = frozenset({PSEUDONYM, PSEUDONYM.upper()})  # one value per person: read without a Python string for each
_TOKENS = frozenset(
    {
        "name", "names", "surname", "forename", "firstname", "lastname", "fullname", "nom", "prenom", "prénom",
        "alias", "nickname", "dob", "birthdate", "birthday", "birth", "naissance", "ssn", "sin", "nas", "passport",
        "passeport", "email", "courriel", "phone", "telephone", "téléphone", "mobile", "address", "adresse", "street",
        "rue", "fingerprint", "mugshot", "photo", "image", "latitude", "longitude", "lat", "lon", "lng", "plate",
        "imei", "ip", "iban", "uuid", "guid",
    }
)  # fmt: skip
_WHOLE = frozenset(
    {
        "id", "person", "personid", "subject", "subjectid", "client", "clientid", "offenderid", "inmateid", "userid",
        "recordid", "first", "last", "middle", "casenumber", "ccasenumber", "rcasenumber", "vrcasenumber",
        "bookingnumber", "arrestnumber", "licencenumber", "licensenumber", "driverslicence", "driverslicense",
        "postcode", "postalcode", "zip", "zipcode", "nationalid", "healthnumber",
    }
)  # fmt: skip
LONGEST_LABEL = 60
MOST_NUMBERS = 20
CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.\w+|(19|20)\d\d-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{2,4}|\+?\d[\d ().-]{8,}\d")


def refuse_identifying(header: Sequence[str], *, areas: Iterable[str] = ()) -> None:
    """InputError where a header has a column that names, numbers, dates or locates a person.

    `areas` are columns the town declared as areas (forward sortation areas, precincts): a postal code is let through
    under that declaration only. The column `pid` may be there; no value of it is kept.

    >>> refuse_identifying(["pid", "score", "outcome", "race"])
    """
    declared = {_plain(name) for name in areas}
    found = sorted(name for name in header if _plain(name) not in declared and _identifies(name))
    if found:
        raise InputError(
            sentence("%(n)d %(n:column of the file identifies|columns of the file identify) a person", n=len(found))
            if found[1:]
            else "the file has a column that identifies a person",
            row=1,
            column=found[0],
            accepted="a file without it (a pseudonym named pid is allowed and not kept)",
        )


def refuse_labels(words: Sequence[str], column: str, *, most: int, numbered: bool = False) -> None:
    """InputError where the labels of a group, feature or area column look like persons rather than groups.

    `numbered`: the column was declared to hold areas, which may have numbers for names.
    """
    if any(len(word) > LONGEST_LABEL for word in words):
        accepted = sentence("labels of at most %(most)d characters", most=LONGEST_LABEL)
        raise InputError("label too long", column=column, accepted=accepted)
    if are_names(words) or are_homes(words):
        raise InputError("labels look like names of people or addresses", column=column, accepted="group labels")
    if any(CONTACT.fullmatch(word) for word in words):
        accepted = "group labels, or option groups=COLUMN,COLUMN without this column"
        raise InputError("label looks like a date, phone number or address", column=column, accepted=accepted)
    if not numbered and sum(_number(word) for word in words) > MOST_NUMBERS:
        accepted = (
            "bands such as 18-24 instead of numbers, area codes under option areas=COLUMN, or option groups= without it"
        )
        raise InputError("labels are numbers with many values", column=column, accepted=accepted)
    if len(words) > most:
        says = sentence("%(n)d different values", n=len(words))
        accepted = sentence("at most %(most)d groups or bands", most=most)
        raise InputError(says, column=column, accepted=accepted)


def _identifies(name: str) -> bool:
    plain = _plain(name)
    if plain == PSEUDONYM:
        return False
    tokens = set(re.split(r"[^0-9a-zà-ÿ]+", name.strip().lower()))
    return plain in _WHOLE or plain in _TOKENS or bool(tokens & _TOKENS) or "id" in tokens


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]+", "", name.strip().lower())


def _number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


# Usual column names of cohorts: which column holds the score, which the outcome, which the groups.

SCORE_NAMES = frozenset(
    {
        "score", "risk_score", "riskscore", "decile_score", "decile", "raw_score", "total_score", "score_value", "risk",
        "prediction", "predicted", "predicted_probability", "predicted_risk", "probability", "prob", "proba", "p",
        "y_score", "y_prob", "y_proba", "y_pred_proba", "yhat", "y_hat", "pred", "pointage", "risque", "score_risque",
    }
)  # fmt: skip
OUTCOME_NAMES = frozenset(
    {
        "outcome", "y", "y_true", "label", "label_value", "true_label", "target", "event", "two_year_recid", "recid",
        "is_recid", "recidivism", "recidivated", "reoffended", "reoffending", "rearrest", "rearrested", "reconviction",
        "fta", "failure_to_appear", "resultat", "résultat", "recidive", "récidive",
    }
)  # fmt: skip
GROUP_NAMES = frozenset(
    {
        "race", "ethnicity", "race_ethnicity", "ethnic_group", "origin", "sex", "gender", "age_band", "age_cat",
        "age_group", "agegroup", "age_category", "age_bracket", "group", "indigenous", "language", "nationality",
        "disability", "religion", "region", "district", "sexe", "genre", "groupe", "groupe_age", "langue",
        "tranche_age",
    }
)  # fmt: skip
_DATES = frozenset({"date", "datetime", "timestamp", "time", "heure"})


def the_column(header: Sequence[str], what: str, usual: frozenset[str]) -> str:
    """The one column of a header with a usual name; InputError names the candidates where none or several have one.

    >>> the_column(["Risk score", "y", "race"], "score", SCORE_NAMES)
    'Risk score'
    """
    found = [name for name in header if _plain_name(name) in usual]
    if len(found) == 1:
        return found[0]
    columns = ", ".join(found or header)[:200]
    says = "several columns could be the %(name)s" if found else "no column for %(name)s"
    accepted = sentence("option %(name)s=COLUMN, COLUMN one of: %(columns)s", name=what, columns=columns)
    raise InputError(sentence(says, name=what), row=1, column=what, accepted=accepted)


def default_groups(free: Sequence[str], *, most: int) -> tuple[str, ...]:
    """The group columns among columns that nothing else claims.

    All of them if there are at most `most`; of more, those with a usual name. A column named after a date, a score or
    an outcome is none.

    >>> default_groups(["race", "sex", "a", "b", "c", "start_date"], most=4)
    ('race', 'sex')
    """
    able = [
        n
        for n in free
        if _plain_name(n) not in SCORE_NAMES | OUTCOME_NAMES and not _DATES & set(_plain_name(n).split("_"))
    ]
    usual = [name for name in able if _plain_name(name) in GROUP_NAMES]
    return tuple(able if len(able) <= most or not usual else usual)


def _plain_name(name: str) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]+", "_", name.strip().lower()).strip("_")


# Point tables: parse a score's published points from one line of text, and recompute the score.
#
# `priors: 0=0; 1-3=2; 4+=4 | age_band: 18-24=3; 25-45=1; *=0` gives 2 points for one to three priors. A condition is
# a range of numbers (`1-3`, `4+`), a single value or word, or `*` for everything else.

RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)")
ABOVE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\+")
GRAMMAR = "item: condition=points; condition=points | item: …"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Points where a value fits: a word of its own, a range of numbers (ends included), or everything else."""

    points: float
    word: str = ""
    low: float = np.nan
    high: float = np.nan
    otherwise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a point table: its column and its rules, the first that fits counts."""

    column: str
    rules: tuple[Rule, ...]


def point_table(text: str) -> tuple[Item, ...]:
    """The items of a point table; InputError says which item cannot be read.

    >>> [item.column for item in point_table("priors: 0=0; 1+=2 | age: 18-24=1; *=0")]
    ['priors', 'age']
    """
    items = []
    for number, part in enumerate(filter(str.strip, text.split("|")), start=1):
        column, colon, rules = part.partition(":")
        made = [_rule(rule, number) for rule in filter(str.strip, rules.split(";"))]
        if not colon or not column.strip() or not made:
            says = sentence("point table item %(n)d cannot be read", n=number)
            raise InputError(says, column="points", accepted=GRAMMAR)
        items.append(Item(column=column.strip(), rules=tuple(made)))
    return tuple(items)


def points_of(item: Item, words: Sequence[str]) -> Floats:
    """The points of each different value of an item's column; nan where no rule fits or the value is missing. O(words).

    >>> points_of(point_table("priors: 0=0; 1-3=2; 4+=4")[0], ["0", "2", "7", ""]).tolist()
    [0.0, 2.0, 4.0, nan]
    """
    return np.array([_points(item, word.strip()) for word in words], dtype=np.float64)


def _points(item: Item, word: str) -> float:
    if not word:
        return np.nan
    value = _number_of(word)
    for rule in item.rules:
        if rule.otherwise or word == rule.word or rule.low <= value <= rule.high:
            return rule.points
    return np.nan


def _rule(text: str, number: int) -> Rule:
    condition, equals, points = text.rpartition("=")
    condition = condition.strip()
    value = _number_of(points)
    if not equals or not condition or not np.isfinite(value):
        says = sentence("point table item %(n)d has a rule without points", n=number)
        raise InputError(says, column="points", accepted=GRAMMAR)
    if condition == "*":
        return Rule(points=value, otherwise=True)
    if match := ABOVE.fullmatch(condition):
        return Rule(points=value, word=condition, low=float(match[1]), high=np.inf)
    if match := RANGE.fullmatch(condition):
        return Rule(points=value, word=condition, low=float(match[1]), high=float(match[2]))
    single = _number_of(condition)
    return Rule(points=value, word=condition, low=single, high=single)


def _number_of(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


# Map a file's columns to score, outcome and groups, from its header and options.

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
