"""Columns of a table of figures, and its rows as dots with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import MISSING
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Column, Picture, Say
from peelian.pictures.words import amount, between, whole

Line = Mapping[str, Any]  # a row of a table


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns by the names of a row's figures. `percent` says of which rows they are shares, `ends` what the ends of
    their intervals are called, and `hidden` in words why the figures of a suppressed row are hidden."""

    say: Say
    percent: Callable[[Line], bool] = lambda row: False
    ends: tuple[str, str] = ("low", "high")
    hidden: Mapping[str, str] = field(default_factory=dict)

    def text(self, title: str, name: str, spoken: Callable[[str], str] = str) -> Column:
        """The data's own words, or what `spoken` makes of them; a dash where there is none."""
        return Column(title, lambda row: spoken(str(row[name])) if row[name] else MISSING)

    def word(self, title: str, name: str, words: Mapping[str, str] | None = None) -> Column:
        """A word of the page, by itself or as `words` say it."""
        return self.text(title, name, lambda word: self.say(words[word] if words else word))

    def number(self, title: str, name: str, *, decimals: int | None = None, why: bool = False) -> Column:
        """The figure; where it is hidden a dash, or `why`."""
        return self._figure(
            title, name, lambda row: amount(self.say, row[name], percent=self.percent(row), decimals=decimals), why
        )

    def count(self, title: str, name: str) -> Column:
        """A whole number, or why it is hidden; a dash where there is none."""
        return self._figure(title, name, lambda row: whole(self.say, row[name]), why=True)

    def interval(self, title: str, low: str = "", high: str = "") -> Column:
        """Both ends; a dash where they are unknown."""
        return Column(title, lambda row: self._between(row, low, high) or MISSING, True)

    def estimate(self, title: str, name: str, low: str = "", high: str = "", *, decimals: int | None = None) -> Column:
        """The figure with its interval in one column."""

        def cell(row: Line) -> str:
            shown = amount(self.say, row[name], percent=self.percent(row), decimals=decimals)
            ends = self._between(row, low, high)
            return f"{shown} ({ends})" if ends and shown != MISSING else shown

        return self._figure(title, name, cell, why=False)

    def _figure(self, title: str, name: str, cell: Callable[[Line], str], why: bool) -> Column:
        def shown(row: Line) -> str:
            hidden = self.hidden.get(row.get("suppressed", ""))
            if name not in row or (hidden and not row[name] > 0):
                return self.say(hidden) if hidden and why else MISSING
            return cell(row)

        return Column(title, shown, True)

    def _between(self, row: Line, low: str, high: str) -> str:
        ends = row[low or self.ends[0]], row[high or self.ends[1]]
        return between(self.say, *ends, percent=self.percent(row)) if ends[0] == ends[0] else ""


def dots(
    rows: Sequence[Line],
    of: Columns,
    label: Column,
    value: str,
    alternative: Callable[[Sequence[Line]], str],
    *,
    note: str = "",
    group: Callable[[Line], str] = lambda row: "",
    **drawn: Any,
) -> Picture | None:
    """A figure with its interval for each row that has one, named by `label`. `note`: a sentence on its n. O(rows)."""
    shown = [row for row in rows if row[value] == row[value]]
    if not shown:
        return None
    made = [
        Interval(
            label=label.cell(row),
            value=row[value],
            low=row[of.ends[0]],
            high=row[of.ends[1]],
            note=of.say(note, n=row["n"]) if note else "",
            group=group(row),
        )
        for row in shown
    ]
    drawn |= {"alternative": alternative(shown), "label_title": label.title, "percent": of.percent(shown[0])}
    return intervals(made, say=of.say, **drawn)
