"""The story of a face matcher, as a privacy officer would tell it.

A vendor said: one error in a million. I asked for the score files of a trial, with the subjects under pseudonyms.
"""

from __future__ import annotations

from deciding import read_and_decide
from desk import desk

from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.measure.table import NEVER_LEAVES


def test_a_claim_is_held_to_the_size_of_its_trial() -> None:
    town = desk()
    audit = town.kernel.capability("faces.audit")
    made = audit.arithmetic().example()
    shapes = {read.role: read.shape for read in audit.reads}

    # The scores were sealed with their pseudonyms. I never saw a face, and the program cannot look one up.
    data = {role: town.admit(dataset, {Purpose.AUDIT}, shapes[role]).dataset for role, dataset in made.datasets.items()}
    officer = town.people["privacy-officer"]
    permit = verbs.ask(town.kernel, officer, audit.id, purpose="audit", params=made.params, datasets=data)
    evidence, found = verbs.run(town.kernel, officer, permit)

    # Every rate came with its comparisons, and where errors were few it said so instead of a small number.
    says = " ".join(town.office.say("en")(note.text, **note.values) for note in found.notes)
    assert "comparisons" in says and "indicative" in says + str([t.names for t in found.tables]) + str(
        [list(table.rows()) for table in found.tables]
    )

    # The pseudonyms stayed in the vault.
    for table in found.tables:
        assert not {column.kind for column in table.columns} & NEVER_LEAVES

    # The board declined, and an audit was no permission to use the matcher.
    words = {"reasons": "The trial is too small.", "other_evidence": "document: The vendor's claim."}
    assert read_and_decide(town.kernel, town.people["board"], evidence, choice="decline", **words).choice == "decline"
