"""What every capability promises of its publications: no small count stands there, and none follows from a total."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from deciding import read_and_decide
from desk import desk
from differencing import recovered
from promised import promised
from toy import COUNT, COUNTED, TOY, wells

from peelian.errors import Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure.complementary_suppression import KEYS
from peelian.kernel.disclosure.published_counts import NOT_PEOPLE, count_columns, laid_out
from peelian.kernel.model.capability import Capability, Emit, Findings
from peelian.measure.suppression import LOW, Sum, small
from peelian.measure.table import Kind, Table
from peelian.operations.office import technologies
from peelian.oversight.transparency.register import case_record

KNOWN = (*technologies(), TOY)
CAPABILITIES = promised(KNOWN)
WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}


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
    decision = read_and_decide(town.kernel, decider, evidence, choice=capability.asks.choices[-1], **WORDS)
    try:
        _, public = verbs.publish(town.kernel, town.people["clerk"], decision)
    except Withheld:
        assert case_record(town.kernel, evidence.case).public is None
        return
    emits = {emit.table: emit for emit in capability.emits}
    for table in public.tables:
        if {c.name for c in count_columns(table)} - set(emits[table.name].keys):
            assert laid_out(table, emits[table.name]) is not None, f"rows of {table.name} have the same name"
        for column in table.columns:
            if column.kind is Kind.COUNT and column.unit not in NOT_PEOPLE:
                assert not small(np.asarray(column.values), LOW).any(), (table.name, column.name)
    assert _attacks(found, public)[1] == 0


RULES = {
    "rows that changed by 1 to 10 stand again": (
        "crowd.noise_trial", "crowd.counter_trial", "crowd.forecast_trial", "crowd.forecast",
        "faces.audit", "faces.histogram", "faces.lists", "faces.review", "faces.published", "faces.compare",
        "faces.search_log", "faces.field_trial",
        "footage.activation",
        "mapping.backtest", "mapping.score", "mapping.forecast", "mapping.vendor", "mapping.stress",
        "risk.audit", "risk.compare", "risk.drift", "risk.subgroups", "risk.overrides",
    ),
    "rows, and amounts of homes once a place and day": ("sensors.report",),
    "noise from one budget": ("mapping.counts",),
    "no records": ("faces.plan", "faces.field_plan", "risk.plan"),
    "no count of people in a table: facts and sentences stand again": (
        "footage.propose", "footage.redact", "footage.disclose", "footage.sample",
        "mapping.seal", "mapping.limits", "mapping.knox", "mapping.scan", "mapping.trends", "mapping.hotspots",
        "mapping.streets", "mapping.plan", "mapping.evaluate",
    ),
}  # fmt: skip
"""By which rule the differences of two releases of each capability are safe."""
NAMELESS = {
    "crowd.counter_trial": {"false_alarms"}, "crowd.noise_trial": {"false_alarms"},
    "faces.audit": {"face_histogram", "face_bounds"}, "faces.histogram": {"face_histogram", "face_bounds"},
    "footage.propose": {"tracks"}, "footage.redact": {"outcome", "tracks"}, "footage.sample": {"sample"},
    "mapping.forecast": {"advice"}, "mapping.limits": {"frontier", "frontier_groups", "frontier_places"},
    "mapping.knox": {"near_pairs"}, "mapping.hotspots": {"hot_spots"},
    "mapping.streets": {"street_segments", "street_shares"},
}  # fmt: skip
"""Tables with counts whose rows have no names: published without these counts, or not at all, or they count nobody."""


def rule_of(capability: Capability) -> str:
    """By which rule differences are safe, as it is declared."""
    rows = any(emit.keys and people_in(emit) for emit in capability.emits)
    amounts, rule = any(emit.once for emit in capability.emits), list(RULES)
    if capability.noise:
        return rule[2]
    if not capability.reads:
        return rule[3]
    return rule[1] if amounts else rule[0] if rows else rule[4]


def people_in(emit: Emit) -> set[str]:
    """Its columns that count, but those that name rows or are called by a unit that counts nobody."""
    return {name for name, kind in emit.kinds.items() if kind is Kind.COUNT} - {*emit.keys, *NOT_PEOPLE}


def test_each_capability_has_the_rule_that_keeps_its_differences_safe() -> None:
    known = [capability for technology in technologies() for capability in technology.capabilities]
    told = {name: rule for rule, names in RULES.items() for name in names}
    assert {capability.id: rule_of(capability) for capability in known} == told


def test_a_table_with_counts_names_its_rows_or_says_why_not() -> None:
    known = [capability for technology in technologies() for capability in technology.capabilities]
    nameless = {c.id: {emit.table for emit in c.emits if people_in(emit) and not emit.keys} for c in known}
    assert {name: tables for name, tables in nameless.items() if tables} == NAMELESS


def test_counts_of_people_in_rows_without_names_are_not_published() -> None:
    nameless = dataclasses.replace(COUNTED, columns={name: COUNTED.columns[name] for name in ("n", "area", "category")})
    town = desk((dataclasses.replace(TOY, capabilities=(dataclasses.replace(COUNT, emits=(nameless,), needs=()),)),))
    known = COUNT.arithmetic().example().datasets["wells"]
    dataset = town.admit(dataclasses.replace(known, table=wells(40)), COUNT.asks.purposes, "wells").dataset
    asked = {"params": COUNT.arithmetic().example().params, "datasets": {"wells": dataset}}
    permit = verbs.ask(town.kernel, town.people["analyst"], COUNT.id, purpose=sorted(COUNT.asks.purposes)[0], **asked)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], permit)
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="decline", **WORDS)
    with pytest.raises(Withheld, match="cannot be told apart"):
        verbs.publish(town.kernel, town.people["board"], decision)


def test_the_attacker_finds_what_a_careless_publication_gives_away() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    few = dataclasses.replace(COUNT.arithmetic().example().datasets["wells"], table=wells(5))
    dataset = town.admit(few, COUNT.asks.purposes, "wells").dataset
    _, found = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT, datasets={"wells": dataset}))
    careless = Findings(tables=(found.tables[0].take(found.tables[0]["n"] >= LOW),), facts={"all": 19})
    assert _attacks(found, careless) == (1, 1)
