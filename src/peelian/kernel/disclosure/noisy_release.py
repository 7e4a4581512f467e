"""Noisy release: which counts a capability publishes with noise, and how a publication pays for it once.

A capability with `Capability.noise` publishes one column of counts only with noise. The kernel draws it once for each
question and period, pays it from a budget for what the records are and the year they are of, and keeps the answer: the
same question, asked by whatever case, gets the same one, whatever became of the data since. A period that overlaps an
earlier one without being it is refused: the difference of two releases would be a count of its own. Other areas of the
same period are another question, paid anew from the same budget, so that all answers together stay within it. Noisy
counts under the threshold are left out, and nothing exact stands beside them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from peelian.errors import OutOfOrder, Reason, Refused, Withheld, sentence
from peelian.kernel.disclosure.noise import YEARLY, Answers, Draw, Question, overlapping, span_of, with_noise
from peelian.kernel.model.capability import Capability, Findings, Noisy
from peelian.kernel.model.documents import Evidence
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.pseudonyms import ANSWER
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.refusal_log import log_refusal, log_withheld
from peelian.measure.canonical import canonical_digest
from peelian.measure.table import Column, Kind, Table

KEYS = frozenset({Kind.PLACE, Kind.CATEGORY, Kind.GROUP, Kind.LEVEL, Kind.TIME})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisePorts:
    """What noise leans on besides the log: the draw, and the answers kept."""

    answers: Answers
    draw: Draw


def public_findings(kernel: Kernel, declared: Capability, evidence: Evidence, case: tuple[str, str]) -> Findings:
    """What may be published of a case's findings, noise and all; a refusal is logged with `case` (name, digest before).

    Refused where a budget ended or releases overlap, Withheld where a count must stay inside. O(rows + releases).
    """
    from peelian.kernel.disclosure.editions import in_editions  # heavy: only where something is published
    from peelian.kernel.disclosure.map_layers import beside_other_maps

    found = unpack(kernel.stores.archive.get(evidence.findings))
    try:
        public = _without_places(declared, declared.arithmetic().public(found))
        public = with_public_noise(kernel, declared, public)
        public = in_editions(kernel, declared, evidence, found, public)
        public = beside_other_maps(kernel, declared, evidence, found, public)
    except Refused as refused:
        log_refusal(kernel, *case, refused.reasons)
        raise
    except Withheld as held:
        log_withheld(kernel, *case, held.reasons)
        raise
    return public


def _without_places(declared: Capability, public: Findings) -> Findings:
    """The findings without the tables that tell where records lie, whatever a capability calls public."""
    inside = {emit.located for emit in declared.emits if emit.located}
    return dataclasses.replace(public, tables=tuple(one for one in public.tables if one.name not in inside))


def with_public_noise(kernel: Kernel, declared: Capability, public: Findings) -> Findings:
    """The public findings with their declared counts made noisy; as they are where a capability declares none.

    Refused where the budget has ended or an earlier release overlaps; Withheld where an exact count stands beside the
    noisy ones; OutOfOrder where the capability says no days. Call it under the kernel's lock. O(answers + cells).
    """
    noisy = declared.noise
    if noisy is None:
        return public
    if faults := tuple(_exact(public, noisy)):
        raise Withheld(faults)
    if kernel.release.noise is None:
        raise Withheld(
            [_no("noise_can_be_drawn", "this office does not store noisy answers", "Publish from an office on disk.")]
        )
    table = public.table(noisy.table)
    question = _question(declared, noisy, table, public)
    if reasons := tuple(_overlaps(kernel, question)):
        raise Refused(reasons)
    drawn = with_noise(
        [int(n) for n in table[noisy.column].tolist()],
        question,
        YEARLY,
        entries=kernel.state.noised,
        answers=kernel.release.noise.answers,
        draw=kernel.release.noise.draw,
        log=kernel.append,
        token=partial(kernel.office.token, of=ANSWER),
    )
    made = _replaced(table, noisy.column, drawn)
    tables = tuple(made if one.name == noisy.table else one for one in public.tables)
    return dataclasses.replace(public, tables=tables)


def _question(declared: Capability, noisy: Noisy, table: Table, public: Findings) -> Question:
    first, last = noisy.period(public)
    if span_of(f"{first}..{last}") is None:  # what it overlaps could not be told
        raise OutOfOrder(f"{declared.id} does not state the first and last day of its counts.")
    read = next(read for read in declared.reads if read.role == noisy.role)
    owner, _, shape = read.of(declared.technology).partition(".")
    keys = [table[c.name].astype(str).tolist() for c in table.columns if c.kind in KEYS]
    return Question(
        dataset=shape,
        technology=owner,
        term=first[:4],
        period=f"{first}..{last}",
        what=canonical_digest([declared.id, noisy.table, noisy.column, keys, noisy.about(public)]),
        cells=len(table),
        milli_epsilon=noisy.milli_epsilon,
        sensitivity=noisy.sensitivity,
    )


def _overlaps(kernel: Kernel, question: Question) -> Iterator[Reason]:
    """Every earlier release of these records that this one could be subtracted from. O(answers)."""
    first, last = question.period.split("..")
    for began, ended in overlapping(kernel.state.noised, question):
        says = sentence(
            "Counts of %(began)s to %(ended)s were already released. They overlap %(first)s to %(last)s.",
            began=began,
            ended=ended,
            first=first,
            last=last,
        )
        yield _no("a_release_overlaps_no_other", says, "Release whole periods once, without overlap.")


def _exact(public: Findings, noisy: Noisy) -> Iterator[Reason]:
    """Whole numbers beside noisy counts, which might be the very totals that the noise hides."""
    rule, remedy = "nothing_exact_stands_beside_noise", "Leave them out of the publication."
    for name, values in (
        (sentence("facts"), public.facts),
        *((sentence("a sentence"), note.values) for note in public.notes),
    ):
        if loose := sorted(set(_whole(values)) - noisy.plain):
            yield _no(
                rule,
                sentence("%(name)s of a noisy release holds %(loose)s, a whole number", name=name, loose=loose[0]),
                remedy,
            )
    for table in public.tables:
        for column in table.columns:
            if column.kind in (Kind.COUNT, Kind.RATE) and (table.name, column.name) != (noisy.table, noisy.column):
                yield _no(
                    rule,
                    sentence(
                        "%(name)s of a noisy release holds %(name2)s, an exact count",
                        name=table.name,
                        name2=column.name,
                    ),
                    remedy,
                )


def _whole(values: Mapping[str, object]) -> Iterator[str]:
    yield from (key for key, value in values.items() if isinstance(value, (int, float)) and not isinstance(value, bool))


def _replaced(table: Table, name: str, drawn: tuple[int, ...]) -> Table:
    """The table with noisy counts, without the rows whose noisy count is under the threshold."""
    import numpy as np

    from peelian.measure.suppression import LOW

    counts = np.array(drawn, dtype=np.int64)
    columns = tuple(
        Column(name=c.name, kind=c.kind, values=counts if c.name == name else c.values, unit=c.unit, n=c.n)
        for c in table.columns
    )
    return Table(name=table.name, columns=columns).take(counts >= LOW)


def _no(rule: str, says: str, remedy: str) -> Reason:
    return Reason(rule=rule, says=says, remedy=remedy)
