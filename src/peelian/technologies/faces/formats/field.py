"""Read the tallies of a field trial: one row per group, and one for all where groups of passers-by are unknown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.faces.declared import FIELD
from peelian.technologies.faces.formats.identity import IDENTIFYING
from peelian.technologies.faces.formats.reading import admissible, numbers, refuse_where, texts
from peelian.technologies.faces.formats.shapes import group_labels, labels_as_fact
from peelian.technologies.faces.measure.scores import EVERYBODY, Floats

REQUIRED = ("group", "alerts", "false_alerts")
COUNTS = ("faces_seen", "alerts", "true_alerts", "false_alerts", "missed", "crossings", "crossers", "most_passages")
ADDED_UP = COUNTS[:-1]
TOTALS = frozenset({"all", "total", "everyone", "tous", "ensemble"})


def _trial(text: Table, options: Mapping[str, str]) -> Admitted:
    """Tallies by group as numbers, nan where a column does not say. O(rows)."""
    admissible(text)
    labels = group_labels(texts(text["group"]), "group")
    groups = np.array([EVERYBODY if label.lower() in TOTALS else label for label in labels], dtype=object)
    repeated = np.array([label in groups[:i] for i, label in enumerate(groups)], dtype=np.bool_)
    refuse_where(text, repeated, "group listed twice", column="group", accepted="one row per group")
    found = {name: _count(text, name) for name in COUNTS}
    given = np.isfinite(found["true_alerts"])
    found["true_alerts"] = np.where(given, found["true_alerts"], found["alerts"] - found["false_alerts"])
    passed = found["true_alerts"] + found["missed"]
    found["crossings"] = np.where(np.isfinite(found["crossings"]), found["crossings"], passed)
    _refuse_contradictions(text, found)
    _refuse_more_than_all(groups, found)
    made: dict[str, tuple[Kind, Values]] = {"group": (Kind.GROUP, groups)}
    made |= {name: (Kind.AMOUNT, values) for name, values in found.items()}
    people = np.where(np.isfinite(found["crossers"]), found["crossers"], found["alerts"])
    made["n"] = (Kind.COUNT, people.astype(np.int64))
    return Admitted(table=table(FIELD, made), facts={"groups": labels_as_fact(sorted(set(groups.tolist())))})


def _count(text: Table, name: str) -> Floats:
    if name not in text:
        return np.full(len(text), np.nan)
    accepted = "a whole number, or empty where it is not known" if name not in REQUIRED else "a whole number"
    values = numbers(text, name, accepted=accepted)
    refuse_where(text, np.isnan(values) & (name in REQUIRED), "number missing", column=name, accepted=accepted)
    wrong = ~np.isnan(values) & ((values < 0) | (values != np.floor(values)) | np.isinf(values))
    refuse_where(text, wrong, "not a whole number of 0 or more", column=name, accepted=accepted)
    return values


def _refuse_contradictions(text: Table, found: Mapping[str, Floats]) -> None:
    """InputError at the first row whose numbers cannot all be true; a comparison with nan is none."""
    alerts, true, false = (found[name] for name in ("alerts", "true_alerts", "false_alerts"))
    checks = (
        (true + false != alerts, "alerts", "true and false alerts are not all alerts", "true + false"),
        (alerts > found["faces_seen"], "alerts", "more alerts than faces seen", "at most one alert per face seen"),
        (found["missed"] > found["crossings"], "missed", "more passages missed than made", "at most all passages"),
        (found["most_passages"] < 1, "most_passages", "number out of range", "1 or more"),
    )  # fmt: skip
    for wrong, column, says, accepted in checks:
        refuse_where(text, np.asarray(wrong, dtype=np.bool_), says, column=column, accepted=accepted)


def _refuse_more_than_all(groups: Values, found: Mapping[str, Floats]) -> None:
    everybody = groups == EVERYBODY
    if not everybody.any() or everybody.all():
        return
    for name in ADDED_UP:
        if np.nansum(found[name][~everybody]) > found[name][everybody][0]:
            raise InputError("the groups hold more than all", column=name, accepted="groups that are parts of all")


FORMATS = (
    Format(
        id="face-field-trial",
        title="Field trial by group: faces seen, alerts, true and false alerts, crossers, missed passages",
        shape=FIELD,
        required=frozenset(REQUIRED),
        columns=frozenset({"group", *COUNTS}) | IDENTIFYING,
        convert=_trial,
    ),
)
