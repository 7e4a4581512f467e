"""decide: somebody else than the requester, with reasons, on criteria that were met."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, desk
from proofs import away
from suspending import lift, suspend
from toy import COUNT, PROVE, TOY, example, wells

from peelian.errors import InputError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Decision, digest_of, fields_of, from_bytes, to_bytes
from peelian.oversight.register import case_record, earned

GOOD = {"reasons": "the bars were met", "other_evidence": "reports of the residents"}


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
        verbs.decide(town.kernel, town.people["board"], evidence, choice="adopt", **GOOD)
    assert refused.value.reasons[0].rule == "the_acceptance_criteria_were_met"
    assert not [p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.ACCURACY_REPORT]
    verbs.decide(town.kernel, town.people["board"], evidence, choice="decline", **GOOD)


def test_somebody_elses_key_decides_nothing(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    thief = dataclasses.replace(town.people["commander"], sign=town.people["analyst"].sign)
    before = town.kinds()
    with pytest.raises(Refused, match="not the enrolled key"):
        verbs.decide(town.kernel, thief, evidence, choice="accept", **GOOD)
    assert town.kinds() == before
    assert verbs.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD).choice == "accept"


def test_what_is_adopted_has_its_authorization_or_is_not_adopted(town: Desk) -> None:
    """While the clock is behind the log no authorization is signed: then nothing of the decision is kept either."""
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    before, board = town.kinds(), town.people["board"]
    town.clock.now -= timedelta(hours=1)
    with pytest.raises(Refused, match="behind the log"):
        verbs.decide(town.kernel, board, evidence, choice="adopt", **GOOD)
    assert town.kinds() == before
    town.clock.now += timedelta(hours=2)
    written: list[list[str]] = []
    log = town.kernel.stores.log
    spied = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=Spied(log, written)))
    verbs.decide(spied, board, evidence, choice="adopt", **GOOD)
    assert written == [["DECIDED", "ISSUED"]], "both are durable, or neither"


@pytest.mark.parametrize(
    "words", [{"reasons": "", "other_evidence": "a b c"}, {"reasons": "a b c", "other_evidence": "no"}]
)
def test_a_decision_gives_reasons_and_other_evidence(town: Desk, words: dict[str, str]) -> None:
    """A form that is not filled in is a slip: told to whoever decides, and nothing of it is in the log."""
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    before = town.kinds()
    with pytest.raises(InputError, match=r"too short\. Expected: at least 3 words"):
        verbs.decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    with pytest.raises(InputError, match="no such choice"):
        verbs.decide(town.kernel, town.people["commander"], evidence, choice="dispatch", **GOOD)
    assert town.kinds() == before


def test_a_decision_past_the_form_is_refused_where_it_gives_no_reasons(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy is the second line: it asks for the same of a decision that no form looked at."""
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    monkeypatch.setattr("peelian.kernel.verbs.decision.must_be_filled_in", lambda capability, **told: None)
    with pytest.raises(Refused) as refused:
        verbs.decide(town.kernel, town.people["commander"], evidence, choice="accept", reasons="yes", other_evidence="")
    assert {reason.rule for reason in refused.value.reasons} == {"a_decision_gives_its_reasons"}
    assert town.kinds()[-1] == "REFUSED"


def test_a_proof_that_is_declined_grants_no_authorization(town: Desk) -> None:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    decision = verbs.decide(town.kernel, town.people["board"], evidence, choice="decline", **GOOD)
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
        verbs.decide(town.kernel, by, evidence, choice="accept", **GOOD)
    assert town.kinds()[-1] == "REFUSED"
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "toy")
    with pytest.raises(Refused, match="it is elsewhere"):
        verbs.decide(town.kernel, by, evidence, choice="accept", **GOOD)
    assert "DECIDED" not in town.kinds()


def test_a_reason_for_the_public_is_signed_beside_the_internal_one_and_holds_no_contact(town: Desk) -> None:
    town.authorizations(COUNT)
    kernel, commander = town.kernel, town.people["commander"]
    evidence, _ = verbs.run(kernel, town.people["analyst"], town.ask(COUNT))
    with pytest.raises(InputError):
        verbs.decide(kernel, commander, evidence, choice="accept", public_reason="ask jane@example.org", **GOOD)
    made = verbs.decide(kernel, commander, evidence, choice="accept", public_reason=" Wells are counted. ", **GOOD)
    assert made.public_reason == "Wells are counted." and made.reasons == GOOD["reasons"]
    assert digest_of(dataclasses.replace(made, public_reason="Another.")) != digest_of(made)
    kept = case_record(kernel, made.case).decision
    assert kept is not None and kept.public_reason == "Wells are counted."


def test_a_decision_signed_before_there_was_such_a_reason_keeps_its_digest(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    made = verbs.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    assert made.public_reason == "" and "public_reason" not in fields_of(made)
    assert b"public_reason" not in to_bytes(made) and from_bytes(to_bytes(made), Decision) == made
