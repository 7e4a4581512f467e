"""What every capability promises of its publications: no small count stands there, and none follows from a total."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from desk import desk
from differencing import recovered
from promised import promised
from toy import COUNT, TOY, wells

from peelian.errors import Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure.complementary_suppression import KEYS
from peelian.kernel.disclosure.published_counts import NOT_PEOPLE, counted, laid_out
from peelian.kernel.model.capability import Capability, Findings
from peelian.measure.suppression import LOW, Sum, small
from peelian.measure.table import Kind, Table
from peelian.operations.office import technologies
from peelian.oversight.register import case_record

KNOWN = (*technologies(), TOY)
CAPABILITIES = promised(KNOWN)
WORDS = {"reasons": "as the evidence shows", "other_evidence": "what residents told us"}


def _attacks(found: Findings, public: Findings) -> tuple[int, int]:
    """How many small counts there were that an attacker went for, and how many of them he narrowed."""
    stated = {
        v for values in (public.facts, *(n.values for n in public.notes)) for v in values.values() if v is not True
    }
    full = {table.name: table for table in found.tables}
    cases = []
    for table in public.tables:
        whole = full.get(table.name)
        for column in table.columns:
            if whole is None or column.kind is not Kind.COUNT or column.unit in NOT_PEOPLE or column.name not in whole:
                continue
            counts = np.asarray(whole[column.name], np.int64)
            seen = _seen(whole, table, column.name)
            if seen is None or int(counts.sum()) not in stated or not small(counts, LOW).any():
                continue
            total = Sum(total=len(counts), parts=tuple(range(len(counts))))
            cases.append((np.append(counts, counts.sum()), (total,), np.append(seen, True)))
    return recovered(cases, [LOW] * len(cases))


def _seen(whole: Table, public: Table, name: str) -> np.ndarray | None:
    keys = [c.name for c in public.columns if c.kind in KEYS and c.name in whole]
    if not keys:
        return None
    rows = list(zip(*(whole[key].tolist() for key in keys), strict=True))
    shown = dict(zip(zip(*(public[key].tolist() for key in keys), strict=True), public[name].tolist(), strict=True))
    if len(set(rows)) != len(rows):
        return None
    return np.array([shown.get(row) == n for row, n in zip(rows, whole[name].tolist(), strict=True)], np.bool_)


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda c: c.id)
def test_no_small_count_is_published_and_none_follows(capability: Capability) -> None:
    town = desk(KNOWN)
    town.authorizations(capability)
    permit = town.ask(capability)
    asker = town.people[town.asker(capability)]
    evidence, found = verbs.run(town.kernel, asker, permit)
    decider = town.decider(capability, asker.person.unit)
    decision = verbs.decide(town.kernel, decider, evidence, choice=capability.asks.choices[-1], **WORDS)
    try:
        _, public = verbs.publish(town.kernel, town.people["clerk"], decision)
    except Withheld:
        assert case_record(town.kernel, evidence.case).public is None
        return
    emits = {emit.table: emit for emit in capability.emits}
    for table in public.tables:
        if {c.name for c in counted(table)} - set(emits[table.name].keys):
            assert laid_out(table, emits[table.name]) is not None, f"rows of {table.name} have the same name"
        for column in table.columns:
            if column.kind is Kind.COUNT and column.unit not in NOT_PEOPLE:
                assert not small(np.asarray(column.values), LOW).any(), (table.name, column.name)
    assert _attacks(found, public)[1] == 0


def test_the_attacker_finds_what_a_careless_publication_gives_away() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    few = dataclasses.replace(COUNT.arithmetic().example().datasets["wells"], table=wells(5))
    dataset = town.admit(few, COUNT.asks.purposes, "wells").dataset
    _, found = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT, datasets={"wells": dataset}))
    careless = Findings(tables=(found.tables[0].take(found.tables[0]["n"] >= LOW),), facts={"all": 19})
    assert _attacks(found, careless) == (1, 1)
