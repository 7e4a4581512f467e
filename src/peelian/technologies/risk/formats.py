"""File formats of the audit: tallies, and cohorts that are reduced to counts on import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from peelian.errors import InputError, sentence
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table
from peelian.technologies.risk.counted_formats import FURTHER
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.layout import OPTIONS, Preset, layout_of
from peelian.technologies.risk.tallying import tallied

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
NUMBERS = frozenset({"score", "n", "weight", "follow_up_days", "decile_score"})


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
        pick=pick,
        stream=stream,
    )


Pick = Callable[[tuple[str, ...], Mapping[str, str]], Mapping[str, str]]
Stream = Callable[[Iterable[Table], Mapping[str, str]], Admitted]


def _reader(preset: Preset) -> tuple[Pick, Stream]:
    def pick(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
        layout = layout_of(header, options, preset)
        if not (layout.score and layout.outcome):
            missing = "outcome" if layout.score else "score"
            accepted = sentence("a column named %(missing)s, or option %(missing)s=COLUMN", missing=missing)
            raise InputError(sentence("no column for %(name)s", name=missing), row=1, column=missing, accepted=accepted)
        return {name: name for name in sorted(layout.columns)}

    def stream(parts: Iterable[Table], options: Mapping[str, str]) -> Admitted:
        waiting = iter(parts)
        first = next(waiting, None)
        if first is None:
            raise InputError("file has no rows", accepted="a header and rows")
        layout = layout_of([name for name in first.names if name != "row"], options, preset)
        return tallied(chain([first], waiting), layout)

    return pick, stream


def _named(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
    """Any header whose score and outcome the town names: with a column n it is a tally, without one a cohort."""
    if not (options.get("score") and options.get("outcome")):
        raise InputError(
            "score and outcome columns not named",
            row=1,
            accepted="options score=COLUMN and outcome=COLUMN (and groups=COLUMN,COLUMN)",
        )
    return _reader(TALLY)[0](header, options)


FORMATS = (
    _format(
        "risk-tally",
        "Score tally: group columns, score, outcome, n",
        frozenset({"score", "outcome", "n"}),
        TALLY,
    ),
    _format(
        "risk-cohort",
        "Scored cohort: pid, score, outcome and group columns, reduced to counts on import",
        frozenset({"pid", "score", "outcome"}),
        COHORT,
    ),
    _format(
        "compas-tally",
        "Tally of ProPublica's COMPAS cohort",
        frozenset({"decile_score", "two_year_recid", "n"}),
        COMPAS,
    ),
    Format(
        id="risk-columns",
        title="Any table, with score and outcome columns named by options",
        shape="tally",
        words=OWN,
        required=frozenset(),
        columns=frozenset(),
        options=OPTIONS,
        pick=_named,
        stream=_reader(TALLY)[1],
    ),
    *FURTHER,
)
