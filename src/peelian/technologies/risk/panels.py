"""Panels that audits share: groups in words, columns of a table as declared, the board's page, dots with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from peelian.kernel.model.capability import Emit, Findings, Scalar
from peelian.kernel.model.first_page import by_kind, first_page
from peelian.kernel.model.tables import NUMBERS
from peelian.measure.table import Kind
from peelian.pictures import columns
from peelian.pictures.columns import Line, dots
from peelian.pictures.panels import Column, Grid, Heading, Panels, Picture, Say
from peelian.pictures.words import quarter
from peelian.technologies.risk.shared import BARE, EVERYONE, FEW, PARTNER

HIDDEN = {
    FEW: "hidden (under 10 people)",
    BARE: "hidden (n under 30)",
    PARTNER: "hidden (would reveal a small group)",
}


def group_name(say: Say, axis: str, group: str) -> str:
    """A group as readers see it; labels are the data's own words."""
    return say("Everyone") if axis == EVERYONE else group


def board_page(
    findings: Findings,
    say: Say,
    *,
    touches: Set[str],
    pictures: Sequence[Picture | None],
    grids: Sequence[Grid],
) -> Panels:
    """The first page (notes in `touches` under "Whom it touches"), then pictures and tables."""
    four = by_kind(findings.notes, touches)
    first = first_page(four, say, values=lambda values: values_in_words(values, say))
    return [*first, Heading(text=say("Figures")), *(picture for picture in pictures if picture is not None), *grids]


def values_in_words(values: Mapping[str, Scalar], say: Say) -> Mapping[str, object]:
    """A sentence's values as readers see them: everyone is a word of the page, a day its quarter, labels the data's."""

    def said(name: str, value: Scalar) -> object:
        if value == EVERYONE:
            return say("everyone")
        return quarter(say, value) if name == "since" else value

    return {name: said(name, value) for name, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(columns.Columns):
    """The columns of an audit's tables."""

    ends: tuple[str, str] = ("lo", "hi")
    hidden: Mapping[str, str] = field(default_factory=lambda: HIDDEN)
    emit: Emit
    counted: str = ""  # what a row is of, where that is not what the table says

    def title(self, name: str) -> str:
        """What the table calls a column."""
        return self.say(self.emit.columns[name].title)

    def like(self, name: str) -> Columns:
        """The same columns, in percent where the table has this one in percent."""
        return replace(self, percent=lambda row: True) if self.emit.columns[name].percent else self

    def shown(self, name: str, *, why: bool = False) -> Column:
        """A column as its table declares it; `why` says of a figure that is hidden why it is."""
        told = self.emit.columns[name]
        if told.kind is Kind.COUNT:
            return self.count(self.title(name), name)
        if told.kind in NUMBERS:
            return self.like(name).number(self.title(name), name, decimals=told.decimals, why=why)
        if told.kind is Kind.LEVEL:
            return self.word(self.title(name), name, told.words)
        return self.text(self.title(name), name)

    def estimated(self, name: str, low: str = "", high: str = "") -> Column:
        """A figure of the table with its interval in one column."""
        decimals = self.emit.columns[name].decimals
        return self.like(name).estimate(self.title(name), name, low, high, decimals=decimals)

    @property
    def group(self) -> Column:
        """The group that a row is of."""
        return Column(self.title("group"), lambda row: group_name(self.say, row["axis"], row["group"]))

    @property
    def people(self) -> Column:
        """How many people a row is of."""
        return self.count(self.say(self.counted) if self.counted else self.title("n"), "n")

    @property
    def different(self) -> list[Column]:
        """How many different people a row is of, where that is not how many assessments."""
        return [self.shown("people")] if self.counted else []


def columns_of(findings: Findings, say: Say, emit: Emit, **given: Any) -> Columns:
    """Columns whose numbers are of people, or of assessments where some person has several."""
    return Columns(say=say, emit=emit, counted="Assessments" if "assessments" in findings.facts else "", **given)


def picture_of(
    rows: Sequence[Line],
    of: Columns,
    title: str,
    value: str,
    alternative: Callable[[Sequence[Line]], str],
    *,
    label: Column | None = None,
    **drawn: Any,
) -> Picture | None:
    """A figure with its interval for each row that has one: of groups, or of what `label` names. O(rows)."""
    return dots(
        rows,
        of,
        label or of.group,
        value,
        alternative,
        note="n = %(n)d",
        group=lambda row: row["axis"] if label is None and row["axis"] != row["group"] else "",
        value_title=title,
        caption=title,
        **drawn,
    )
