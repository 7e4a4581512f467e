"""The page of a search log's audit: its notes, tables and pictures, and a made-up log as an example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from peelian.kernel.model.capability import (
    Arithmetic,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
    all_public,
)
from peelian.kernel.model.first_page import by_kind, first_page
from peelian.measure.rates import wilson
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Column, Grid, Heading, Panels, Picture, Say, tabled
from peelian.technologies.faces.declarations.search_log import BY, OVERALL, SearchLogParams
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.formats_search_log import FORMATS, NO_UNIT, TOGETHER
from peelian.technologies.faces.search_log import (
    ANSWERS,
    ARRESTED,
    EVIDENCE,
    NO_EVIDENCE,
    PURPOSE,
    QUESTIONS,
    SEARCHES,
    VERDICT,
    Share,
    Tally,
    audited_log,
    rate_of,
)
from peelian.technologies.faces.search_words import KEPT, NOT_STATED, POSSIBLE
from peelian.technologies.faces.shares import AGAINST_REST, HIGHER, LOWER, NOT_COMPARED
from peelian.technologies.faces.view_charts import shares_picture
from peelian.technologies.faces.vocabulary import label, translated

UNSTATED = (
    "No purpose is stated for %(share).1f%% of searches: %(k)d of %(n)d (95%% interval %(low).1f%% to %(high).1f%%)."
)
UNSTATED_FEW = "No purpose is stated for fewer than 11 of %(n)d searches."
EVERY_PURPOSE = "A purpose is stated for all %(n)d searches."
BARE = (
    "No other evidence is recorded for %(share).1f%% of arrests and charges after a search: %(k)d of %(n)d (95%% "
    "interval %(low).1f%% to %(high).1f%%)."
)
BARE_FEW = "No other evidence is recorded for fewer than 11 of %(n)d arrests and charges after a search."
ALL_EVIDENCE = "Other evidence is recorded for all %(n)d arrests and charges after a search."
FEW_ARRESTS = "Fewer than 11 searches, or none, led to an arrest or a charge. Their number is not shown."
USED = (
    "The analyst reported a possible match for %(share).1f%% of searches (95%% interval %(low).1f%% to %(high).1f%%)."
)
DIFFERS = "%(where)s: “%(answer)s” in %(share).1f%% of %(n)d, against %(rest).1f%% of the rest (%(verdict)s)."
MORE_DIFFERENCES = "%(n)d further %(n:difference is|differences are) in the tables."
NO_DIFFERENCES = "No share differs between quarters, units or offence classes by more than chance explains."
NOT_DIVIDED = "The log names one quarter, one unit and one offence class. Nothing could be compared."
INTERVALS = "Intervals hold the true share in 95% of logs of this size (Wilson)."
HOLM = (
    "%(n)d %(n:comparison with the rest was|comparisons with the rest were) made (Fisher's exact test). A difference "
    "is stated where chance would state any in at most 3%% of logs (Holm's correction)."
)
PEOPLE = (
    "%(n)d searches from %(first)s to %(last)s, by %(units)d %(units:unit|units). One person may be searched "
    "for more than once."
)
ARRESTS_MADE = "%(n)d searches led to an arrest or a charge."
REPEATED = "Several searches in one case count one by one. Differences then look surer than they are."
UNLOGGED = "The log shows what was logged. Searches outside it, or on another system, are not counted."
RIGHT_PERSON = "Nothing here says whether the right person was found. Recorded evidence was not examined."
HIDDEN = "Counts from 1 to 10 are not shown, nor counts from which they would follow."

WHOM = frozenset({PEOPLE, ARRESTS_MADE})
MESSAGES = frozenset(
    {
        UNSTATED, UNSTATED_FEW, EVERY_PURPOSE, BARE, BARE_FEW, ALL_EVIDENCE, FEW_ARRESTS, USED, DIFFERS,
        MORE_DIFFERENCES, NO_DIFFERENCES, NOT_DIVIDED, INTERVALS, HOLM, PEOPLE, ARRESTS_MADE, REPEATED,
        UNLOGGED, RIGHT_PERSON, HIDDEN,
    }
)  # fmt: skip
VOCABULARY = frozenset({*QUESTIONS, *(answer for _, answer in ANSWERS), *AGAINST_REST, TOGETHER, NO_UNIT})
MOST_SAID = 6


def run(params: SearchLogParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Audit a search log's tallies: see `search_log.audited_log`."""
    context.progress("Counting", 0.2)
    log = datasets["log"].table
    overall, tallies = audited_log(log)
    first, last = (str(day.astype("datetime64[D]")) for day in (log["quarter"].min(), log["quarter"].max()))
    facts: dict[str, Scalar] = {"searches": int(log["n"].sum()), "first_quarter": first, "last_quarter": last}
    return Findings(
        tables=(_overall_table(overall), *(_table_of(name, tallies) for name in BY)),
        notes=(*_answers(overall), *_differences(tallies), *_how_sure(tallies), *_whom(log, overall), *_unknown()),
        facts=facts,
    )


def _overall_table(overall: Sequence[Share]) -> Table:
    rows = [s for s in overall if s.shown]
    return OVERALL.of(
        {
            **{name: [getattr(s, name) for s in rows] for name in ("question", "answer", "count", "n", "low", "high")},
            "rate": [rate_of(s.count, s.n) for s in rows],
            "p_holm": [math.nan] * len(rows),
            "verdict": [NOT_COMPARED] * len(rows),
        }
    )


def _table_of(name: str, tallies: Sequence[Tally]) -> Table:
    """The open counts by one division, a row for each value and answer."""
    rows = [row for tally in tallies if tally.by == name for row in _rows(tally)]
    values = np.array([row["value"] for row in rows], dtype="datetime64[M]" if name == "quarter" else object)
    return BY[name].of({name: values} | {column: [row[column] for row in rows] for column in OVERALL.columns})


def _rows(tally: Tally) -> list[dict[str, Any]]:
    made = []
    for d, value in enumerate(tally.values):
        for i, (question, answer) in enumerate(ANSWERS):
            of = ARRESTED if question == EVIDENCE else SEARCHES
            k, n = int(tally.counts[d, i]), int(tally.counts[d, of])
            if not (tally.open[d, i] and tally.open[d, of] and n):
                continue
            low, high = (float(end) for end in wilson(k, n))
            made.append(
                {
                    "value": value, "question": question, "answer": answer, "count": k, "n": n, "rate": k / n,
                    "low": low, "high": high, "p_holm": float(tally.p_holm[d, i]), "verdict": tally.verdicts[d, i],
                    "rest": rate_of(int(tally.counts[-1, i]) - k, int(tally.counts[-1, of]) - n),
                }
            )  # fmt: skip
    return made


def _answers(overall: Sequence[Share]) -> list[Note]:
    named = {(s.question, s.answer): s for s in overall}
    unstated, bare, used = (named[key] for key in ((PURPOSE, NOT_STATED), (EVIDENCE, NO_EVIDENCE), (VERDICT, POSSIBLE)))
    made = [_told(unstated, UNSTATED, UNSTATED_FEW, EVERY_PURPOSE)]
    made.append(_told(bare, BARE, BARE_FEW, ALL_EVIDENCE) if bare.n >= LOW else Note(text=FEW_ARRESTS))
    return made + ([Note(text=USED, values=_values(used))] if used.shown else [])


def _told(share: Share, many: str, few: str, none: str) -> Note:
    """A share in words: its figures, that it rests on 1 to 10, or that there is none."""
    if share.count == 0:
        return Note(text=none, values={"n": share.n})
    if share.count < LOW:
        return Note(text=few, values={"n": share.n})
    return Note(text=many, values={**_values(share), "k": share.count, "n": share.n})


def _values(share: Share) -> dict[str, Scalar]:
    return {"share": 100 * rate_of(share.count, share.n), "low": 100 * share.low, "high": 100 * share.high}


def _differences(tallies: Sequence[Tally]) -> list[Note]:
    """The surest differences in words, as many as fit a first page."""
    if not tallies:
        return [Note(text=NOT_DIVIDED)]
    rows = [(t.by, row) for t in tallies for row in _rows(t) if row["verdict"] in (HIGHER, LOWER)]
    rows.sort(key=lambda found: found[1]["p_holm"])
    made = []
    for by, row in rows[:MOST_SAID]:
        values: dict[str, Scalar] = {
            "answer": row["answer"], "share": 100 * row["rate"], "n": row["n"], "rest": 100 * row["rest"],
            "verdict": row["verdict"],
        }  # fmt: skip
        where = row["value"].astype("datetime64[D]") if by == "quarter" else row["value"]
        made.append(Note(text=DIFFERS, values={**values, "where": str(where)}))
    if len(rows) > MOST_SAID:
        made.append(Note(text=MORE_DIFFERENCES, values={"n": len(rows) - MOST_SAID}))
    return made or [Note(text=NO_DIFFERENCES)]


def _how_sure(tallies: Sequence[Tally]) -> list[Note]:
    made = [Note(text=INTERVALS, kind="explanation")]
    compared = sum(int(np.isfinite(t.p_holm).sum()) for t in tallies)
    return made + ([Note(text=HOLM, values={"n": compared}, kind="explanation")] if compared else [])


def _whom(log: Table, overall: Sequence[Share]) -> list[Note]:
    first, last = (str(day.astype("datetime64[D]")) for day in (log["quarter"].min(), log["quarter"].max()))
    units = len(set(log["unit"].tolist()))
    made = [Note(text=PEOPLE, values={"n": int(log["n"].sum()), "first": first, "last": last, "units": units})]
    arrests = next(s.n for s in overall if s.question == EVIDENCE)
    return made + ([Note(text=ARRESTS_MADE, values={"n": arrests})] if arrests >= LOW else [])


def _unknown() -> list[Note]:
    return [Note(text=says, kind="caveat") for says in (RIGHT_PERSON, UNLOGGED, REPEATED, HIDDEN)]


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    tables = {t.name: t for t in findings.tables}
    return [
        *first_page(by_kind(findings.notes, WHOM), say, values=partial(translated, say=say, words=SAID)),
        Heading(text=say("Figures")),
        *_pictures(tables, say),
        _grid(tables["log"], "", say),
        *(_grid(tables[f"log_by_{name}"], name, say) for name in BY if len(tables[f"log_by_{name}"])),
    ]


def _pictures(tables: Mapping[str, Table], say: Say) -> list[Picture]:
    """A picture for each share that is compared, by quarter for purposes and by unit for evidence, where shown."""
    chosen = (
        ("quarter", PURPOSE, NOT_STATED, say("Searches without a stated purpose, by quarter")),
        ("unit", PURPOSE, NOT_STATED, say("Searches without a stated purpose, by unit")),
        ("quarter", EVIDENCE, NO_EVIDENCE, say("Arrests and charges without other evidence, by quarter")),
        ("unit", EVIDENCE, NO_EVIDENCE, say("Arrests and charges without other evidence, by unit")),
    )
    made = []
    for by, question, answer, caption in chosen:
        rows = [r for r in tables[f"log_by_{by}"].records() if (r["question"], r["answer"]) == (question, answer)]
        if len(rows) > 1:
            made.append(shares_picture(rows, _division(by, say), caption, say))
    return [picture for picture in made if picture]


def _division(by: str, say: Say) -> Column:
    return BY[by].column(say, by, lambda row: label(str(row[by]), say, SAID))


def _grid(shares: Table, by: str, say: Say) -> Grid:
    captions = {
        "": say("All searches"), "quarter": say("Searches by quarter"), "unit": say("Searches by unit"),
        "offence": say("Searches by offence class"),
    }  # fmt: skip
    columns = [
        *([_division(by, say)] if by else []),
        *OVERALL.shown(say, "question", "answer", "count", "n", "rate"),
        Columns(say=say, percent=lambda row: True).interval(say("95% interval")),
        *([OVERALL.column(say, "verdict")] if by else []),
    ]
    return tabled(shares.records(), columns, caption=captions[by], source=shares, folded=True)


SAID = VOCABULARY | KEPT


def example_log(searches: int = 2400, seed: int = 3) -> Dataset:
    """A made-up log of two years and four units: one unit states fewer purposes, another records less evidence."""
    rng = np.random.default_rng(seed)
    unit = rng.choice(["north", "south", "central", "west"], searches, p=(0.4, 0.3, 0.2, 0.1))
    arrested = rng.random(searches) < 0.16
    columns = {
        "quarter": rng.choice([f"{year}-Q{q}" for year in (2023, 2024) for q in (1, 2, 3, 4)], searches),
        "unit": unit,
        "purpose": np.where(rng.random(searches) < np.where(unit == "south", 0.22, 0.08), "", "suspect"),
        "offence_class": rng.choice(["robbery", "assault", "fraud", "shoplifting"], searches),
        "candidates_returned": rng.choice(["0", "1", "5", "20", "60"], searches, p=(0.2, 0.1, 0.3, 0.3, 0.1)),
        "analyst_verdict": rng.choice(["match", "no match", "inconclusive"], searches, p=(0.3, 0.6, 0.1)),
        "corroboration": np.where(rng.random(searches) < np.where(unit == "central", 0.5, 0.75), "yes", "no"),
        "outcome": np.where(arrested, rng.choice(["arrest", "charge"], searches), "none"),
    }
    text = table("text", {name: (Kind.PERSONAL, words.astype(object)) for name, words in columns.items()})
    admitted = FORMATS[0].convert(text, {})
    return dataset("example-search-log", FORMATS[0].id, admitted.table, dict(admitted.facts))


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=SearchLogParams(), datasets={"log": example_log()}),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=all_public,
    shows=Shows(view=view),
)
