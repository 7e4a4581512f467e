"""The page of a comparison, of drift, of subgroups or overrides: what a board reads first, then pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings, Note, Scalar, told
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say
from peelian.pictures.words import amount, between, quarter
from peelian.technologies.risk.counts import EVERYONE
from peelian.technologies.risk.suppression import SHOWN
from peelian.technologies.risk.view_words import HIDDEN, group_name, whole

LEFT_OUT = "Figures of groups are left out here: they could reveal small groups."
Line = Mapping[str, Any]  # a row of a table
Column = tuple[str, Callable[[Line], str]]


def board_page(
    findings: Findings,
    say: Say,
    *,
    touches: Set[str],
    pictures: Sequence[Picture | None],
    grids: Sequence[Grid],
) -> Panels:
    """Findings first (those in `touches` under "Whom it touches"), explanations, caveats; then the rest."""

    def chosen(keep: Callable[[Note], bool]) -> list[Panel]:
        kept = told([note for note in findings.notes if keep(note)], say, values=lambda given: spoken(given, say))
        return kept or [Paragraph(text=say(LEFT_OUT))]

    return [
        *chosen(lambda note: note.kind == "finding" and note.text not in touches),
        Heading(text=say("How sure this is"), answers=True),
        *chosen(lambda note: note.kind == "explanation"),
        Heading(text=say("Whom it touches"), answers=True),
        *chosen(lambda note: note.text in touches),
        Heading(text=say("What is not known"), answers=True),
        *chosen(lambda note: note.kind == "caveat"),
        Heading(text=say("Figures")),
        *(picture for picture in pictures if picture is not None),
        *grids,
    ]


def spoken(values: Mapping[str, Scalar], say: Say) -> Mapping[str, object]:
    """A sentence's values as readers see them: everyone is a word of the page, a day its quarter, labels the data's."""

    def said(name: str, value: Scalar) -> object:
        if value == EVERYONE:
            return say("everyone")
        return quarter(say, value) if name == "since" else value

    return {name: said(name, value) for name, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a table of figures; `percent` says of which rows they are shares."""

    say: Say
    percent: Callable[[Line], bool] = lambda row: False
    counted: str = "People"  # what a row is of

    def number(self, title: str, name: str, *, hidden: bool = False) -> Column:
        """The figure in a column; where the row is suppressed nothing, or (`hidden`) why."""

        def cell(row: Line) -> str:
            if (why := row.get("suppressed", SHOWN)) != SHOWN:
                return self.say(HIDDEN[why]) if hidden else ""
            return amount(self.say, row[name], percent=self.percent(row))

        return title, cell

    def interval(self, title: str, low: str = "lo", high: str = "hi") -> Column:
        """Both ends; nothing where they are unknown."""

        def cell(row: Line) -> str:
            known = row[low] == row[low]
            return between(self.say, row[low], row[high], percent=self.percent(row)) if known else ""

        return title, cell

    def estimate(self, title: str, name: str, low: str = "lo", high: str = "hi", decimals: int | None = None) -> Column:
        """The figure with its interval in one column; a dash where there is none."""

        def cell(row: Line) -> str:
            if row[name] != row[name]:
                return MISSING
            percent = self.percent(row)
            shown = amount(self.say, row[name], percent=percent, decimals=decimals)
            return f"{shown} ({between(self.say, row[low], row[high], percent=percent)})"

        return title, cell

    def count(self, title: str, name: str) -> Column:
        """A whole number; where it is hidden, why."""

        def cell(row: Line) -> str:
            shown = row[name] or row.get("suppressed", SHOWN) == SHOWN
            return whole(self.say, row[name]) if shown else self.say(HIDDEN[row["suppressed"]])

        return title, cell

    def word(self, title: str, name: str, words: Mapping[str, str] | None = None) -> Column:
        """A word of the page, by itself or as `words` say it; nothing where there is none."""
        return title, lambda row: self.say(words[row[name]] if words else row[name]) if row[name] else ""

    @property
    def group(self) -> Column:
        """The group that a row is of."""
        return self.say("Group"), lambda row: group_name(self.say, row["axis"], row["group"])

    @property
    def people(self) -> Column:
        """How many people a row is of; nothing where this is hidden."""
        return self.say(self.counted), lambda row: whole(self.say, row["n"]) if row["n"] else ""

    @property
    def verdict(self) -> Column:
        """The verdict on a row; nothing where there is none."""
        return self.word(self.say("Verdict"), "verdict")


def picture_of(
    rows: Sequence[Line],
    say: Say,
    title: str,
    value: str,
    alternative: Callable[[Sequence[Line]], str],
    *,
    label: tuple[str, Callable[[Line], str]] | None = None,
    **drawn: Any,
) -> Picture | None:
    """A figure with its interval for each row that has one: of groups, or of what `label` names. O(rows)."""
    shown = [row for row in rows if row[value] == row[value]]
    if not shown:
        return None
    name, named = label or Columns(say=say).group
    return intervals(
        [
            Interval(
                label=named(row),
                value=row[value],
                low=row["lo"],
                high=row["hi"],
                note=say("n = %(n)s", n=whole(say, row["n"])),
                group=row["axis"] if label is None and row["axis"] != row["group"] else "",
            )
            for row in shown
        ],
        value_title=title,
        caption=title,
        alternative=alternative(shown),
        label_title=name,
        say=say,
        **drawn,
    )
