"""What an audit found: sentences, tables, charts, reports and documents. It holds counts and no row of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peelian.audit.documents import Document, say_for, sentences
from peelian.audit.frames import arrow_of, made_as
from peelian.demos.trial import OUTSIDE, Attempt, write_documents
from peelian.errors import InputError
from peelian.kernel.model.capability import Findings, Scalar

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """An audit made outside any office: no authorization, not for operations.

    Labels of no public classification are numbered; `labels` says which number stands for which, and no report does.
    """

    made: Attempt
    library: str  # whose frames the caller uses

    @property
    def technology(self) -> str:
        """`risk` or `faces`."""
        return self.made.technology

    @property
    def findings(self) -> Findings:
        """The capability's findings, as an office would release them."""
        return self.made.ran[0].findings

    @property
    def conclusions(self) -> tuple[str, ...]:
        """What was found, sentence by sentence."""
        return sentences(self.made, "finding")

    @property
    def explanations(self) -> tuple[str, ...]:
        """How it was found."""
        return sentences(self.made, "explanation")

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the figures cannot tell."""
        return sentences(self.made, "caveat")

    @property
    def facts(self) -> Mapping[str, Scalar]:
        """Sizes and settings by name."""
        return self.findings.facts

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """Every table as Arrow; what is hidden, unknown or unbounded is null. O(cells)."""
        return {table.name: arrow_of(table) for table in self.findings.tables}

    @property
    def labels(self) -> Mapping[str, str]:
        """Which number stands for which label of the data, for the caller's eyes."""
        return {number: label for kind in self.made.key.numbers.values() for label, number in kind.items()}

    def to_frame(self, table: str) -> Any:
        """One table in the caller's own kind of frame: pandas, polars, or else a pyarrow Table."""
        known = [made.name for made in self.findings.tables]
        if table not in known:
            raise InputError("no such table", column=str(table)[:60], accepted=", ".join(known))
        return made_as(self.library, arrow_of(self.findings.table(table)))

    def plot(self, kind: str) -> Figure:
        """A chart as a matplotlib figure (extra `plots`); InputError names the kinds there are."""
        from peelian.audit.plots import drawn  # matplotlib is heavy and an extra

        return drawn(self.technology, self.findings, kind, say=say_for(self.made))

    def report(self, folder: str | Path) -> tuple[Path, ...]:
        """Write the report of `peelian try` into a folder: HTML, PDF with the extra `pdf`, JSON, CSV. Their paths."""
        return write_documents(self.made, Path(folder))

    def model_card(self) -> Document:
        """A model card (Mitchell et al. 2019): what was measured, for whom, and what stays open."""
        from peelian.audit.model_card import model_card

        return model_card(self.made)

    def ll144(self, *, sex: str, race: str, favourable: str, rate: str = "selection") -> Document:
        """The bias-audit summary of New York City's Local Law 144: rates and impact ratios by sex, race and both.

        `sex` and `race` are group columns; `favourable` says whether a high or a low score selects; `rate` is
        "selection" (at the cut-off) or "scoring" (above the sample's median).
        """
        from peelian.audit.bias_audit import Selection, ll144

        return ll144(self.made, Selection(sex=sex, race=race, favourable=favourable, rate=rate), self.labels)

    def fria(self) -> Document:
        """The annex to a fundamental rights impact assessment (Regulation (EU) 2024/1689, Article 27)."""
        from peelian.audit.impact import fria

        return fria(self.made)

    def aia(self) -> Document:
        """The annex to Canada's Algorithmic Impact Assessment: the questions that an audit can help to answer."""
        from peelian.audit.impact import aia

        return aia(self.made)

    def __str__(self) -> str:
        head = f"{self.made.say(self.made.capability.title)}. {self.made.say(OUTSIDE)}"
        return "\n".join([head, *(f"- {sentence}" for sentence in self.conclusions)])

    __repr__ = __str__
