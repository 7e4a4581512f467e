"""The story of an instrument that scores people, as a town's auditor would tell it.

We were offered a score and a brochure. I had only counts: how many people of each group got which score, and what came.
"""

from __future__ import annotations

from deciding import read_and_decide
from desk import desk

from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.measure.table import NEVER_LEAVES
from peelian.oversight.transparency.register import published


def test_counts_are_enough_to_say_for_whom_a_score_was_never_validated() -> None:
    town = desk()
    audit = town.kernel.capability("risk.audit")
    made = audit.arithmetic().example()

    # I brought counts, no people. Nothing had to be approved: nothing should stand between a town and looking.
    data = {"tally": town.admit(made.datasets["tally"], {Purpose.AUDIT}, "tally").dataset}
    permit = verbs.ask(
        town.kernel, town.people["auditor"], audit.id, purpose="audit", params=made.params, datasets=data
    )
    evidence, found = verbs.run(town.kernel, town.people["auditor"], permit)

    # It told me for whom the score was never validated, and which errors each group bears, each with its n.
    assert len(found.table("verdicts")) >= 2 and len(found.table("rates")) > 5
    assert any(note.kind == "caveat" for note in found.notes)

    # No person was in it, coming in or going out.
    for table in found.tables:
        assert not {column.kind for column in table.columns} & NEVER_LEAVES

    # The board, not I, decided not to buy it, and the town can read why.
    words = {"reasons": "Not validated for two groups.", "other_evidence": "document: The vendor's brochure."}
    decision = read_and_decide(town.kernel, town.people["board"], evidence, choice="decline", **words)
    verbs.publish(town.kernel, town.people["clerk"], decision, statement="We did not buy the score.")
    assert [case.choice for case in published(town.kernel)] == ["decline"]
