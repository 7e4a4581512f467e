"""decide: somebody else than the requester, with reasons, on criteria that were met."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from decided_by_lot import by_lot
from deciding import read_and_decide
from desk import Desk, desk
from proofs import away
from suspending import lift, suspend
from toy import COUNT, PROVE, TOY, example, wells

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.capability import AuthorizationKind, Findings
from peelian.kernel.model.documents import Decision, digest_of, fields_of, from_bytes, to_bytes
from peelian.kernel.verbs.decision_checks import is_exposing, must_weigh_exposure
from peelian.measure.table import Column, Kind, Table
from peelian.oversight.transparency.register import case_record, earned

GOOD = {"reasons": "the bars were met", "other_evidence": "document: reports of the residents"}


@dataclasses.dataclass(frozen=True)
class Spied:
    """A log that notes what is written at once."""

    log: Any
    written: list[list[str]]

    def append_all(self, entries: Any) -> list[int]:
        self.written.append([str(entry["kind"]) for entry in entries])
        return list(self.log.append_all(entries))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_a_proof_that_missed_its_bars_cannot_be_adopted(town: Desk) -> None:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    few = wells(n=2)
    data = dataclasses.replace(example().datasets["wells"], table=few)
    admitted = town.admit(data, PROVE.asks.purposes)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE, datasets={"wells": admitted.dataset}))
    with pytest.raises(Refused) as refused:
        read_and_decide(town.kernel, town.people["board"], evidence, choice="adopt", **GOOD)
    assert refused.value.reasons[0].rule == "the_acceptance_criteria_were_met"
    assert not [p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.ACCURACY_REPORT]
    read_and_decide(town.kernel, town.people["board"], evidence, choice="decline", **GOOD)


def test_somebody_elses_key_decides_nothing(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    thief = dataclasses.replace(town.people["commander"], sign=town.people["analyst"].sign)
    before = town.kinds()
    with pytest.raises(OutOfOrder, match="not signed by the person"):
        looked(town.kernel, thief, evidence.case, whole=True)
    with pytest.raises(Refused, match="not the enrolled key"):
        read_and_decide(town.kernel, thief, evidence, choice="accept", **GOOD)
    assert town.kinds() == before
    assert read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD).choice == "accept"


def test_what_is_adopted_has_its_authorization_or_is_not_adopted(town: Desk) -> None:
    """While the clock is behind the log no authorization is signed: then nothing of the decision is kept either."""
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    board = town.people["board"]
    looked(town.kernel, board, evidence.case, whole=True)
    before = town.kinds()
    town.clock.now -= timedelta(hours=1)
    with pytest.raises(Refused, match="behind the log"):
        read_and_decide(town.kernel, board, evidence, choice="adopt", **GOOD)
    assert town.kinds() == before
    town.clock.now += timedelta(hours=2)
    written: list[list[str]] = []
    log = town.kernel.stores.log
    spied = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=Spied(log, written)))
    read_and_decide(spied, board, evidence, choice="adopt", **GOOD)
    assert written == [["DECIDED", "ISSUED"]], "both are durable, or neither"


@pytest.mark.parametrize(
    ("reasons", "other", "says"),
    [
        ("", "document: a letter", r"reasons missing or too short\. Expected: 3 different words"),
        ("ok ok, OK! ok", "document: a letter", "3 different words"),
        ("it fits well", "", "other evidence considered missing"),
        ("it fits well", "none none none", "without its kind"),
        ("it fits well", "gossip: what one hears", "without its kind"),
        ("it fits well", "document: no", "without a reference"),
    ],
)
def test_a_decision_gives_reasons_and_other_evidence(town: Desk, reasons: str, other: str, says: str) -> None:
    """A form that is not filled in is a slip: told to whoever decides, and nothing of it is in the log."""
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    looked(town.kernel, town.people["commander"], evidence.case, whole=True)
    before, words = town.kinds(), {"reasons": reasons, "other_evidence": other}
    with pytest.raises(InputError, match=says):
        read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    with pytest.raises(InputError, match="no such choice"):
        read_and_decide(town.kernel, town.people["commander"], evidence, choice="dispatch", **GOOD)
    assert town.kinds() == before


def test_a_decision_past_the_form_is_refused_where_it_gives_no_reasons(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy is the second line: it asks for the same of a decision that no form looked at."""
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    monkeypatch.setattr("peelian.kernel.verbs.decision.must_be_filled_in", lambda capability, **told: None)
    with pytest.raises(Refused) as refused:
        read_and_decide(
            town.kernel,
            town.people["commander"],
            evidence,
            choice="accept",
            reasons="yes yes yes",
            other_evidence="none",
        )
    assert {reason.rule for reason in refused.value.reasons} == {"a_decision_gives_its_reasons"}
    assert town.kinds()[-1] == "REFUSED"


def test_nobody_decides_on_findings_that_they_have_not_opened(town: Desk) -> None:
    """Whoever is barred is told that alone; a look at an older version of the findings does not count."""
    town.authorizations(COUNT)
    kernel, commander = town.kernel, town.people["commander"]
    evidence, _ = verbs.run(kernel, town.people["analyst"], town.ask(COUNT))
    looked(kernel, commander, evidence.case)  # a map of it is not all of it
    looked(kernel, town.people["analyst"], evidence.case, whole=True)  # nor does the requester look for them
    assert "LOOKED" not in town.kinds()
    with pytest.raises(Refused, match="has not opened these findings") as refused:
        verbs.decide(kernel, commander, evidence, choice="decline", **GOOD)
    (reason,) = refused.value.reasons
    assert reason.rule == "the_decider_opened_the_findings" and reason.remedy and town.kinds()[-1] == "REFUSED"
    for _ in range(2):
        looked(kernel, commander, evidence.case, whole=True)
    assert town.kinds().count("LOOKED") == 1, "once a person and findings"
    again = kernel.signed(dataclasses.replace(evidence, salt="0" * 32))
    kernel.record(again, case=evidence.case, before=evidence.before)
    with pytest.raises(Refused, match="has not opened these findings"):
        verbs.decide(kernel, commander, again, choice="accept", **GOOD)
    looked(kernel, commander, evidence.case, whole=True)
    assert verbs.decide(kernel, commander, again, choice="accept", **GOOD).choice == "accept"


def test_a_group_that_is_exposed_more_takes_words_on_exposure(town: Desk) -> None:
    town.authorizations(COUNT)
    kernel, commander = town.kernel, town.people["commander"]
    evidence, found = verbs.run(kernel, town.people["analyst"], town.ask(COUNT))
    assert not is_exposing(found)
    for low, exposes in ((1.0, False), (1.01, True), (float("nan"), False)):
        assert is_exposing(Findings(tables=(exposure(low),))) == exposes
    must_weigh_exposure(Findings(tables=(exposure(1.5),)), "The lamps serve them.")
    for words in ("", "ok ok ok"):
        with pytest.raises(InputError, match="exposed more than others"):
            must_weigh_exposure(Findings(tables=(exposure(1.5),)), words)
    made = read_and_decide(kernel, commander, evidence, choice="accept", also={"exposure": " It is even. "}, **GOOD)
    assert made.exposure == "It is even." and from_bytes(to_bytes(made), Decision) == made
    with pytest.raises(InputError, match="no such part"):
        read_and_decide(kernel, commander, evidence, choice="accept", also={"opinion": "Good."}, **GOOD)


def exposure(low: float) -> Table:
    columns = (
        Column(name="group", kind=Kind.GROUP, values=np.array(["renters"], dtype=object)),
        Column(name="against_others_low", kind=Kind.AMOUNT, values=np.array([low])),
    )
    return Table(name="exposure", columns=columns)


def test_a_proof_that_is_declined_grants_no_authorization(town: Desk) -> None:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    decision = read_and_decide(town.kernel, town.people["board"], evidence, choice="decline", **GOOD)
    assert earned(town.kernel, decision) == ()
    assert not [p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.ACCURACY_REPORT]


def test_in_a_session_without_a_key_a_decision_is_refused_for_every_other_reason_and_that_is_logged(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    commander = town.people["commander"]
    town.kernel.append("SESSION_BEGAN", session="s-1", by=commander.person.token, how="provider")
    by = away(commander, "s-1")
    suspend(town.kernel, town.people["board"], "toy")
    with pytest.raises(Refused, match="suspended"):
        read_and_decide(town.kernel, by, evidence, choice="accept", **GOOD)
    assert town.kinds()[-1] == "REFUSED"
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "toy")
    with pytest.raises(Refused, match="it is elsewhere"):
        read_and_decide(town.kernel, by, evidence, choice="accept", **GOOD)
    assert "DECIDED" not in town.kinds()


def test_a_reason_for_the_public_is_signed_beside_the_internal_one_and_holds_no_contact(town: Desk) -> None:
    town.authorizations(COUNT)
    kernel, commander = town.kernel, town.people["commander"]
    evidence, _ = verbs.run(kernel, town.people["analyst"], town.ask(COUNT))
    with pytest.raises(InputError):
        read_and_decide(
            kernel, commander, evidence, choice="accept", also={"public_reason": "ask jane@example.org"}, **GOOD
        )
    made = read_and_decide(
        kernel, commander, evidence, choice="accept", also={"public_reason": " Wells are counted. "}, **GOOD
    )
    assert made.public_reason == "Wells are counted." and made.reasons == GOOD["reasons"]
    assert digest_of(dataclasses.replace(made, public_reason="Another.")) != digest_of(made)
    kept = case_record(kernel, made.case).decision
    assert kept is not None and kept.public_reason == "Wells are counted."


def test_a_decision_signed_before_there_was_such_a_reason_keeps_its_digest(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    made = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    assert made.public_reason == "" and "public_reason" not in fields_of(made)
    assert b"public_reason" not in to_bytes(made) and from_bytes(to_bytes(made), Decision) == made


def test_no_decision_is_taken_without_a_look_whatever_the_order(town: Desk) -> None:
    """`benchmarks/decisions.py` plays 10,000 such sequences."""
    town.authorizations(COUNT)
    told = by_lot(town, 60, seed=3)
    assert told["unseen"] == told["kept"] == 0 and told["decided"] > 5 and told["refused"] > 50
