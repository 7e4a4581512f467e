"""File formats of the audit: tallies, and cohorts that are reduced to counts on import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from peelian.errors import InputError
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table
from peelian.technologies.risk.formats.counted import FURTHER
from peelian.technologies.risk.formats.layout import OPTIONS, PACKED, SCORE_NAMES, Preset, layout_of
from peelian.technologies.risk.formats.tallying import tallied
from peelian.technologies.risk.shared import CROSSED, EVERYONE

OWN = frozenset({CROSSED, EVERYONE})  # words of an audit's own making
TALLY = Preset()
COHORT = Preset(tally=False)
COMPAS = Preset(
    score="decile_score",
    outcome="two_year_recid",
    groups=("race", "sex", "age_cat"),
    features=("age_cat", "sex"),
    cut_short="after_cutoff",
)
NUMBERS = frozenset({"n", "weight", "follow_up_days"}) | SCORE_NAMES


def _format(id: str, title: str, required: frozenset[str], preset: Preset) -> Format:
    """A format whose columns the header and the options name."""
    pick, stream = _reader(preset)
    return Format(
        id=id,
        title=title,
        shape="tally",
        words=OWN,
        required=required,
        columns=required,
        options=OPTIONS,
        kinds=("csv", "parquet"),
        numbers=NUMBERS,
        packed=PACKED,
        pick=pick,
        stream=stream,
    )


Pick = Callable[[tuple[str, ...], Mapping[str, str]], Mapping[str, str]]
Stream = Callable[[Iterable[Table], Mapping[str, str]], Admitted]


def _reader(preset: Preset) -> tuple[Pick, Stream]:
    def pick(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
        return {name: name for name in sorted(layout_of(header, options, preset).columns)}

    def stream(parts: Iterable[Table], options: Mapping[str, str]) -> Admitted:
        waiting = iter(parts)
        first = next(waiting, None)
        if first is None:
            raise InputError("file has no rows", accepted="a header and rows")
        layout = layout_of([name for name in first.names if name != "row"], options, preset)
        return tallied(chain([first], waiting), layout)

    return pick, stream


FORMATS = (
    _format(
        "risk-tally",
        "Score tally: group columns, score, outcome, n",
        frozenset({"score", "outcome", "n"}),
        TALLY,
    ),
    _format(
        "risk-cohort",
        "Scored cohort: score, outcome, group columns and optionally pid, reduced to counts on import",
        frozenset({"score", "outcome"}),
        COHORT,
    ),
    _format(
        "compas-tally",
        "Tally of ProPublica's COMPAS cohort",
        frozenset({"decile_score", "two_year_recid", "n"}),
        COMPAS,
    ),
    _format(
        "risk-columns",
        "Any table: score and outcome columns by a usual name or by options; a cohort unless it has a column n",
        frozenset(),
        TALLY,
    ),
    *FURTHER,
)
