"""What an office shows of its policy on body cameras: nothing holds before its act, and each links to its entry."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from deciding import read_and_decide
from desk import Desk, desk, entitle
from suspending import lift, suspend
from toy import TOY

from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.retention import retention
from peelian.kernel.verbs import custody
from peelian.measure.table import table
from peelian.oversight.assessment.documents import produce
from peelian.oversight.compliance.footage_checks import used
from peelian.oversight.compliance.standing import FAIL, HUMAN, NOT_SHOWN, PASS, Standing, standings
from peelian.technologies.footage import TECHNOLOGY
from peelian.technologies.footage.activation.declared import ACTIVATION
from peelian.technologies.footage.example import example_clip
from peelian.technologies.footage.sample.declared import SAMPLE

WHY = "as the bylaw says"
TEXT = "It lies in the clerk's office, signed."
DECLARED = Declaration(
    title="Recording", purposes=("disclosure", "oversight"), legal_basis="a test", minimisation="nothing more",
    retention_days=36_500, source="made by the test", people="not_known",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    return desk((TOY, TECHNOLOGY))


def kept(town: Desk) -> Admission:
    options = {"recorded_at": town.clock.now.isoformat()}
    clip = io.BytesIO(example_clip())
    entitle(town.kernel, town.people["council"])
    return custody.keep(town.kernel, town.people["clerk"], DECLARED, clip, format="video", options=options)


def cameras(town: Desk) -> dict[str, Standing]:
    found = standings(town.kernel)
    return {one.requirement.id: one for one in found if one.requirement.family == "BWC"}


def told(town: Desk) -> list[dict[str, Any]]:
    """What is said of reasons, by numbers."""
    return [dict(proof.values) for proof in cameras(town)["BWC-05"].proofs if proof.kind == "log"]


def audited(town: Desk, *, without: int = 0) -> None:
    example = ACTIVATION.arithmetic().example()
    recordings = example.datasets["recordings"].table
    reasons = np.array(recordings["reason"].tolist(), dtype=object)
    reasons[:without] = "none_given"
    columns = {c.name: (c.kind, reasons if c.name == "reason" else c.values) for c in recordings.columns}
    data = {
        "dispatch": town.admit(example.datasets["dispatch"], ACTIVATION.asks.purposes, "dispatch").dataset,
        "recordings": town.admit(
            dataclasses.replace(example.datasets["recordings"], table=table("recordings", columns)),
            ACTIVATION.asks.purposes,
            "recordings",
        ).dataset,
    }
    permit = town.ask(ACTIVATION, datasets=data)
    before = told(town)
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(ACTIVATION)], permit)
    decider = town.decider(ACTIVATION, town.kernel.state.histories[evidence.case].unit)
    assert told(town) == before, "nothing is told of what nobody decided"
    read_and_decide(town.kernel, decider, evidence, choice="accept", reasons=WHY, other_evidence=f"document: {WHY}")


def test_an_office_without_recordings_has_no_such_list(town: Desk) -> None:
    assert not used(town.kernel) and cameras(town) == {}
    kept(town)
    assert used(town.kernel) and len(cameras(town)) == 14


def test_nothing_that_was_to_be_done_holds_before_it_was_done(town: Desk) -> None:
    kept(town)
    found = cameras(town)
    for id in ("BWC-05", "BWC-07", "BWC-08", "BWC-12"):
        assert found[id].status == FAIL and found[id].proofs[-1].says == NOT_SHOWN, id
    assert found["BWC-11"].status == FAIL, "no drill was held"
    for id in ("BWC-01", "BWC-02", "BWC-03", "BWC-04", "BWC-10", "BWC-13"):
        assert found[id].status == HUMAN, id
    assert {id for id, one in found.items() if one.status == PASS} == {"BWC-06", "BWC-09", "BWC-14"}


def test_evidence_links_to_entries_that_are_there(town: Desk) -> None:
    kept(town)
    audited(town)
    entries = dict(town.kernel.stores.log.read())
    shown = [proof for one in cameras(town).values() for proof in one.proofs if proof.kind == "log"]
    assert len(shown) >= 5 and all(int(proof.ref) in entries for proof in shown)
    assert cameras(town)["BWC-03"].proofs[-1].ref in {str(i) for i, e in entries.items() if e["kind"] == "DECIDED"}


def test_an_adopted_audit_counts_for_a_year_and_shows_reasons(town: Desk) -> None:
    kept(town)
    audited(town)
    assert cameras(town)["BWC-03"].status == PASS and cameras(town)["BWC-05"].status == PASS
    assert cameras(town)["BWC-05"].proofs[-1].values == {"k": 11}, "no count from one to ten of deactivations either"
    audited(town, without=3)
    assert cameras(town)["BWC-05"].status == FAIL
    assert cameras(town)["BWC-05"].proofs[-1].values == {"k": 11}, "the page is public: no count from one to ten"
    audited(town, without=12)
    assert cameras(town)["BWC-05"].proofs[-1].values["without"] == 12
    suspended = told(town)
    suspend(town.kernel, town.people["board"], "footage")
    assert told(town) != suspended and not told(town), "nothing of a suspended technology"
    lift(town.kernel, town.people["auditor"], town.people["board"], "footage")
    town.clock.days(366)
    assert cameras(town)["BWC-03"].status == FAIL


def test_categories_must_be_given_and_what_is_due_must_be_queued(town: Desk) -> None:
    officer, item = town.people["privacy-officer"], kept(town)
    retention.define(town.kernel, officer, "stop", days=30, words=WHY)
    assert cameras(town)["BWC-07"].proofs[-1].values["bare"] == 1
    retention.tag(town.kernel, town.people["clerk"], item.dataset, ("stop",), words=WHY)
    assert cameras(town)["BWC-07"].status == HUMAN, "the board's table is still to be produced"
    produce(town.kernel, town.people["board"], "BWC-07", "Table of categories", TEXT)
    assert cameras(town)["BWC-07"].status == PASS
    town.clock.days(33)
    assert cameras(town)["BWC-07"].status == FAIL, "the daily job has not run for three days"
    retention.run_daily_job(town.kernel)
    assert cameras(town)["BWC-07"].status == PASS


def test_a_category_is_held_close_and_supervisors_had_their_sample(town: Desk) -> None:
    kept(town)
    words = {"id": ("BWC-08", "BWC-12")}
    for id in words["id"]:
        produce(town.kernel, town.people["board"], id, "What the policy says", TEXT)
        assert cameras(town)[id].status == FAIL, "a document is not an act"
    retention.define(town.kernel, town.people["privacy-officer"], "minors", days=30, access="restricted", words=WHY)
    verbs.run(town.kernel, town.people[town.asker(SAMPLE)], town.ask(SAMPLE))
    assert [cameras(town)[id].status for id in words["id"]] == [PASS, PASS]
    town.clock.days(63)
    assert cameras(town)["BWC-12"].status == FAIL


def test_other_purposes_speak_against(town: Desk) -> None:
    other = dataclasses.replace(DECLARED, purposes=("disclosure", "advice"))
    options = {"recorded_at": town.clock.now.isoformat()}
    clip = io.BytesIO(example_clip())
    entitle(town.kernel, town.people["council"])
    custody.keep(town.kernel, town.people["clerk"], other, clip, format="video", options=options)
    assert cameras(town)["BWC-02"].status == FAIL and cameras(town)["BWC-02"].proofs[-1].values["bad"] == 1
