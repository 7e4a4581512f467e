"""The verbs: each checks the document before it against the log, appends, and only then acts."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from changed import changed
from desk import Desk, desk
from judged import away
from toy import COUNT, PROVE, TOY, WellParams, example, wells

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Refused, Withheld
from peelian.kernel.model.capability import AuthorizationKind, Capability, Findings, Purpose, Read
from peelian.kernel.model.documents import Permit, digest_of
from peelian.kernel.model.params import spelled_params
from peelian.kernel.model.technology import Technology
from peelian.kernel.verbs import authorizations, custody, flow
from peelian.measure.canonical import canonical_digest, spelled
from peelian.measure.table import Kind, table
from peelian.oversight.register import earned

GOOD = {"reasons": "the bars were met", "other_evidence": "reports of the residents"}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_every_step_is_in_the_log_in_order(town: Desk) -> None:
    town.authorizations(COUNT)
    before = len(town.kinds())
    permit = town.ask(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], permit)
    decision = flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    flow.publish(town.kernel, town.people["clerk"], decision)
    assert town.kinds()[before:] == [
        "KEEPING", "ADMITTED", "ASKED", "PERMITTED", "STARTED", "OPENED", "RAN", "DECIDED", "PUBLISHED",
    ]  # fmt: skip


def test_the_same_table_is_admitted_under_a_name_of_its_own_each_time(town: Desk) -> None:
    """In the state a dataset with another's name would take its place, so the name holds 48 bits of chance."""
    data = example().datasets["wells"]
    names = [town.admit(data, COUNT.asks.purposes).dataset for _ in range(4)]
    (content,) = {town.kernel.state.datasets[name].digest for name in names}
    assert len(set(names)) == len(town.kernel.state.datasets) == 4
    for name in names:
        assert re.fullmatch(f"wells-{content[:8]}-[0-9a-f]{{12}}", name), name


def test_digests_chain_from_request_to_publication(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], permit)
    decision = flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    publication, _ = flow.publish(town.kernel, town.people["clerk"], decision)
    assert publication.before == digest_of(decision)
    assert decision.before == digest_of(evidence)
    assert evidence.before == digest_of(permit)
    assert permit.before == town.kernel.state.histories[permit.case].digests("ASKED")[0]


def test_an_accuracy_report_is_earned_and_opens_the_gate(town: Desk) -> None:
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT)
    with pytest.raises(Refused):
        town.ask(COUNT)
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    decision = flow.decide(town.kernel, town.people["board"], evidence, choice="adopt", **GOOD)
    (report,) = earned(town.kernel, decision)
    assert report.kind is AuthorizationKind.ACCURACY_REPORT and report.before == digest_of(decision)
    town.ask(COUNT)
    with pytest.raises(Refused) as refused:  # the report covers these settings and no others
        town.ask(COUNT, params=WellParams(deepest=40))
    assert "something else" in str(refused.value)


def test_a_proof_that_missed_its_bars_cannot_be_adopted(town: Desk) -> None:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    few = wells(n=2)
    data = dataclasses.replace(example().datasets["wells"], table=few)
    admitted = town.admit(data, PROVE.asks.purposes)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(PROVE, datasets={"wells": admitted.dataset}))
    with pytest.raises(Refused) as refused:
        flow.decide(town.kernel, town.people["board"], evidence, choice="adopt", **GOOD)
    assert refused.value.reasons[0].rule == "the_acceptance_criteria_were_met"
    assert not [p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.ACCURACY_REPORT]
    flow.decide(town.kernel, town.people["board"], evidence, choice="decline", **GOOD)


def test_an_accuracy_report_cannot_be_issued_by_anybody(town: Desk) -> None:
    for person in town.people.values():
        with pytest.raises(Refused):
            authorizations.issue(
                town.kernel,
                person,
                AuthorizationKind.ACCURACY_REPORT,
                serves="toy.count",
                purposes=(Purpose.ADVICE,),
                days=9,
            )


def test_a_revoked_authorization_is_none(town: Desk) -> None:
    town.authorizations(COUNT, but=AuthorizationKind.COUNCIL_APPROVAL)
    approval = town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT)
    town.ask(COUNT)
    authorizations.revoke(town.kernel, town.people["council"], approval)
    with pytest.raises(Refused):
        town.ask(COUNT)
    with pytest.raises(OutOfOrder):
        authorizations.revoke(town.kernel, town.people["council"], approval)


def test_a_authorization_signed_by_the_wrong_role_is_none(town: Desk) -> None:
    town.authorizations(COUNT, but=AuthorizationKind.COUNCIL_APPROVAL)
    authorizations.sign_authorization(
        town.kernel,
        town.people["analyst"],
        AuthorizationKind.COUNCIL_APPROVAL,
        serves=COUNT.id,
        purposes=("advice",),
        days=9,
        body={},
        before="",
    )
    with pytest.raises(Refused) as refused:
        town.ask(COUNT)
    assert "not signed by an authorized issuer" in str(refused.value)


def test_somebody_elses_key_is_nobody(town: Desk) -> None:
    town.authorizations(COUNT)
    thief = dataclasses.replace(town.people["analyst"], sign=town.people["clerk"].sign)
    data = town.admit(example().datasets["wells"], COUNT.asks.purposes)
    with pytest.raises(Refused) as refused:
        flow.ask(town.kernel, thief, COUNT.id, purpose="advice", params=WellParams(), datasets={"wells": data.dataset})
    assert "not enrolled" in str(refused.value)
    asked = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "ASKED"][-1]
    assert asked["unit"] == "unknown", "the unit of the one in whose name it was asked has asked for nothing"


def test_somebody_elses_key_decides_nothing(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    thief = dataclasses.replace(town.people["commander"], sign=town.people["analyst"].sign)
    before = town.kinds()
    with pytest.raises(Refused, match="not the enrolled key"):
        flow.decide(town.kernel, thief, evidence, choice="accept", **GOOD)
    assert town.kinds() == before
    assert flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD).choice == "accept"


def of_two(town: Desk) -> Permit:
    """A permit of a capability that reads two datasets."""
    made = town.kernel.capability("toy.two")
    town.authorizations(made)
    named = {read.role: town.admit(example().datasets["wells"], made.asks.purposes).dataset for read in made.reads}
    return flow.ask(town.kernel, town.people["analyst"], made.id, purpose="advice", params=WellParams(), datasets=named)


@pytest.fixture
def two() -> Desk:
    reads = (*COUNT.reads, Read(role="others", shape=COUNT.reads[0].shape))
    made = dataclasses.replace(COUNT, id="toy.two", reads=reads)
    return desk((dataclasses.replace(TOY, capabilities=(*TOY.capabilities, made)),))


def test_each_dataset_is_said_to_be_opened_right_before_it_is(two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    permit, real = of_two(two), custody.Table.from_parquet
    before, seen = len(two.kinds()), []

    def read(file: object) -> object:
        seen.append(two.kinds()[before:])
        two.clock.now += timedelta(minutes=11)  # longer than an opening is good for
        return real(file)

    monkeypatch.setattr(custody.Table, "from_parquet", read)
    flow.run(two.kernel, two.people["analyst"], permit)
    assert seen == [["STARTED", "OPENED"], ["STARTED", "OPENED", "OPENED"]]


def test_what_is_not_tried_is_not_said_to_be_opened(two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = of_two(two)
    before = len(two.kinds())
    monkeypatch.setattr(custody.Table, "from_parquet", lambda file: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        flow.run(two.kernel, two.people["analyst"], permit)
    assert two.kinds()[before:] == ["STARTED", "OPENED", "FAILED"]
    assert two.kernel.state.histories[permit.case].state == "FAILED", "nobody waits for it"


def test_what_is_adopted_has_its_authorization_or_is_not_adopted(town: Desk) -> None:
    """While the clock is behind the log no authorization is signed: then nothing of the decision is kept either."""
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    before, board = town.kinds(), town.people["board"]
    town.clock.now -= timedelta(hours=1)
    with pytest.raises(Refused, match="behind the log"):
        flow.decide(town.kernel, board, evidence, choice="adopt", **GOOD)
    assert town.kinds() == before
    town.clock.now += timedelta(hours=2)
    written: list[list[str]] = []
    log = town.kernel.stores.log
    spied = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=Spied(log, written)))
    flow.decide(spied, board, evidence, choice="adopt", **GOOD)
    assert written == [["DECIDED", "ISSUED"]], "both are durable, or neither"


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


def test_only_the_asker_runs_a_permit(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    with pytest.raises(OutOfOrder):
        flow.run(town.kernel, town.people["board"], permit)


@pytest.mark.parametrize(
    "words", [{"reasons": "", "other_evidence": "a b c"}, {"reasons": "a b c", "other_evidence": "no"}]
)
def test_a_decision_gives_reasons_and_other_evidence(town: Desk, words: dict[str, str]) -> None:
    """A form that is not filled in is a slip: told to whoever decides, and nothing of it is in the log."""
    town.authorizations(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    before = town.kinds()
    with pytest.raises(InputError, match=r"too short\. Expected: at least 3 words"):
        flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    with pytest.raises(InputError, match="no such choice"):
        flow.decide(town.kernel, town.people["commander"], evidence, choice="dispatch", **GOOD)
    assert town.kinds() == before


def test_a_decision_past_the_form_is_refused_where_it_gives_no_reasons(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy is the second line: it asks for the same of a decision that no form looked at."""
    town.authorizations(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    monkeypatch.setattr(flow, "must_be_filled_in", lambda capability, **told: None)
    with pytest.raises(Refused) as refused:
        flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", reasons="yes", other_evidence="")
    assert {reason.rule for reason in refused.value.reasons} == {"a_decision_gives_its_reasons"}
    assert town.kinds()[-1] == "REFUSED"


def test_a_request_for_a_purpose_that_does_not_exist_is_a_slip(town: Desk) -> None:
    before = town.kinds()
    for purpose in ("", "curiosity", "\ud800"):
        with pytest.raises(InputError, match="no such purpose"):
            flow.ask(town.kernel, town.people["analyst"], COUNT.id, purpose=purpose, params=WellParams())
    assert town.kinds() == before
    with pytest.raises(Refused):
        flow.ask(town.kernel, town.people["analyst"], COUNT.id, purpose="oversight", params=WellParams())
    assert town.kinds()[-1] == "REFUSED", "a purpose that this capability does not serve is the policy's to refuse"


def test_a_case_is_decided_and_published_once(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    decision = flow.decide(town.kernel, town.people["commander"], evidence, choice="decline", **GOOD)
    with pytest.raises(OutOfOrder):
        flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    flow.publish(town.kernel, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder):
        flow.publish(town.kernel, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder):
        flow.publish(town.kernel, town.people["clerk"], dataclasses.replace(decision, choice="accept"))


def test_data_past_its_retention_or_of_another_purpose_is_not_opened(town: Desk) -> None:
    town.authorizations(COUNT, days=1000)
    data = town.admit(example().datasets["wells"], {Purpose.PROOF})
    with pytest.raises(Refused):
        town.ask(COUNT, datasets={"wells": data.dataset})
    good = town.admit(example().datasets["wells"], COUNT.asks.purposes)
    for person in ("analyst", "custodian"):
        p = town.people[person].person
        by = town.people["council" if person == "custodian" else "custodian"]
        town.office.enrol(person, name=p.name, unit=p.unit, roles=p.roles, trained_until="2030-01-01", by=by)
    town.clock.days(401)
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={"wells": good.dataset})
    assert "retention" in str(refused.value)


def test_expired_training_stops_asker_and_decider(town: Desk) -> None:
    town.authorizations(COUNT, days=1000)
    data = town.admit(example().datasets["wells"], COUNT.asks.purposes)
    town.clock.days(366)
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={"wells": data.dataset})
    assert any("training" in reason.says for reason in refused.value.reasons)


def test_no_append_no_act() -> None:
    """Where the log cannot be written nothing is opened, run, decided or published."""
    town = desk((TOY,))
    town.authorizations(COUNT)
    permit = town.ask(COUNT)

    class Full:
        def append(self, entry: object) -> int:
            raise IntegrityError("the disk is full")

        append_all = append

        def read(self, start: int = 0) -> object:
            return town.kernel.stores.log.read(start)

        def find(self, key: str, value: str) -> list[int]:
            return town.kernel.stores.log.find(key, value)

    stuck = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=Full()))  # type: ignore[arg-type]
    ran = []
    spying = changed(COUNT, run=lambda *a: ran.append(a))
    stuck = dataclasses.replace(stuck, technologies=(dataclasses.replace(TOY, capabilities=(spying, PROVE)),))
    with pytest.raises(IntegrityError):
        flow.run(stuck, town.people["analyst"], permit)
    assert ran == [] and "OPENED" not in town.kinds()


def test_nobody_can_confirm_a_guess_of_what_was_asked_for_from_the_log(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    flow.run(town.kernel, town.people["analyst"], permit)
    guess = canonical_digest(spelled(spelled_params(COUNT.arithmetic().example().params)))
    assert guess not in " ".join(str(entry) for _, entry in town.kernel.stores.log.read())
    (started,) = (entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "STARTED")
    assert started["params"] == town.kernel.office.token(guess, of="params"), "the office itself can"


def test_the_log_holds_no_name_and_no_free_text(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    story = "the complaint of the baker in the third house"
    decision = flow.decide(
        town.kernel, town.people["commander"], evidence, choice="accept", reasons=story, other_evidence=story
    )
    flow.publish(town.kernel, town.people["clerk"], decision)
    text = " ".join(str(entry) for _, entry in town.kernel.stores.log.read())
    assert story not in text
    for name, person in town.people.items():
        if name not in ("board", "council", "analyst"):
            assert f"'{person.person.name}'" not in text


def test_whoever_asks_is_in_the_log_also_where_the_judgement_fails(town: Desk) -> None:
    class Failing:
        def judge(self, use: object) -> tuple[()]:
            raise RuntimeError("the engine broke")

    kernel = dataclasses.replace(town.kernel, policy=Failing())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        flow.ask(kernel, town.people["analyst"], "toy.count", purpose="advice", params=WellParams())
    assert town.kinds()[-1] == "ASKED"


def test_request_and_permit_are_kept_before_either_is_logged_and_logged_side_by_side(town: Desk) -> None:
    town.authorizations(COUNT)
    kernel, steps = town.kernel, []

    class Archive:
        def __getattr__(self, name: str) -> object:
            return lambda *a, **k: (steps.append(name), getattr(kernel.stores.archive, name)(*a, **k))[1]

    class Log:
        def __getattr__(self, name: str) -> object:
            return lambda *a, **k: (steps.append(name), getattr(kernel.stores.log, name)(*a, **k))[1]

    admitted = town.admit(example().datasets["wells"], COUNT.asks.purposes, "wells")
    steps.clear()
    spied = dataclasses.replace(kernel, stores=dataclasses.replace(kernel.stores, archive=Archive(), log=Log()))  # type: ignore[arg-type]
    params, data = WellParams(), {"wells": admitted.dataset}
    flow.ask(spied, town.people["analyst"], "toy.count", purpose="advice", params=params, datasets=data)
    assert [step for step in steps if step not in ("get", "read", "find")] == ["put_all", "append_all"]


@pytest.mark.parametrize("fails", ["seal", "record"])
def test_an_admission_that_is_cut_short_leaves_nothing_that_nobody_knows(town: Desk, fails: str) -> None:
    kernel = town.kernel

    class Archive:
        def __getattr__(self, name: str) -> object:
            if fails == "record" and name in ("put", "put_all"):
                raise KeyboardInterrupt  # sealed, and then the power goes
            return getattr(kernel.stores.archive, name)

    class Vault:
        def __getattr__(self, name: str) -> object:
            if fails == "seal" and name == "seal":
                raise KeyboardInterrupt
            return getattr(kernel.stores.vault, name)

    cut = dataclasses.replace(kernel, stores=dataclasses.replace(kernel.stores, archive=Archive(), vault=Vault()))  # type: ignore[arg-type]
    broken = dataclasses.replace(town, office=dataclasses.replace(town.office, kernel=cut))
    with pytest.raises(KeyboardInterrupt):
        broken.admit(example().datasets["wells"], COUNT.asks.purposes, "wells")
    assert town.kinds()[-2:] == ["KEEPING", "TURNED_AWAY"]
    began = next(e for _, e in kernel.stores.log.read() if e["kind"] == "KEEPING")
    assert not kernel.stores.vault.found(str(began["dataset"])) and not kernel.state.unfinished


def test_what_a_crash_left_of_an_admission_is_cleared_at_opening(town: Desk) -> None:
    town.kernel.append("KEEPING", dataset="wells-1234-ab", by="x", format="toy-wells")
    with town.kernel.stores.vault.seal("wells-1234-ab") as file:
        file.write(b"rows of people")
    assert custody.cleared(town.kernel) == 1
    assert town.kinds()[-1] == "TURNED_AWAY" and not town.kernel.stores.vault.found("wells-1234-ab")


def other(run: object = None, **changes: object) -> tuple[Technology, Capability]:
    """The toy with another arithmetic, or another public part."""
    made = changed(COUNT, **({"run": run} if run else {}), **changes)  # type: ignore[arg-type]
    return dataclasses.replace(TOY, capabilities=(made, PROVE)), made


def test_a_permit_ends_at_its_moment_and_is_used_up_after_its_runs(town: Desk) -> None:
    town.authorizations(COUNT, days=900)
    permit, late = town.ask(COUNT), town.ask(COUNT)
    for _ in range(COUNT.asks.runs):
        flow.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="used up"):
        flow.run(town.kernel, town.people["analyst"], permit)
    moment = datetime.fromisoformat(late.until)
    town.clock.now = moment - timedelta(seconds=1)
    flow.run(town.kernel, town.people["analyst"], late)
    again = town.ask(COUNT)
    town.clock.now = datetime.fromisoformat(again.until) - timedelta(milliseconds=10)  # the clock goes on by 10 ms
    with pytest.raises(OutOfOrder, match="expired"):
        flow.run(town.kernel, town.people["analyst"], again)


def test_what_is_no_value_of_its_kind_is_not_admitted_and_nothing_of_it_is_sealed(town: Desk) -> None:
    before = town.kinds()
    named = dataclasses.replace(
        example().datasets["wells"],
        table=table("wells", {"area": (Kind.PLACE, ["North"]), "category": (Kind.CATEGORY, ["Jane Doe"])}),
    )
    with pytest.raises(InputError) as wrong:
        town.admit(named, COUNT.asks.purposes)
    assert wrong.value.column == "category" and "Jane" not in str(wrong.value) and town.kinds() == before


def test_findings_that_may_not_pass_the_door_are_withheld_and_kept_nowhere() -> None:
    def leaks(params: WellParams, datasets: Any, context: Any) -> Findings:
        found = COUNT.arithmetic().run(params, datasets, context)
        return dataclasses.replace(found, facts={**found.facts, "who": "Jane Doe"})

    known, made = other(leaks)
    town = desk((known,))
    town.authorizations(made)
    with pytest.raises(Withheld) as withheld:
        flow.run(town.kernel, town.people["analyst"], town.ask(made))
    assert "Jane" not in str(withheld.value) and town.kinds()[-1] == "WITHHELD"
    (entry,) = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "WITHHELD"]
    assert entry["rules"] == "values_are_what_their_kind_says" and "RAN" not in town.kinds()


def test_what_an_error_says_stays_inside() -> None:
    def breaks(params: WellParams, datasets: Any, context: Any) -> Findings:
        raise ValueError("Jane Doe, 12 Main Street")

    known, made = other(breaks)
    town = desk((known,))
    town.authorizations(made)
    with pytest.raises(PeelianError, match=r"failed \(ValueError\)") as failed:
        flow.run(town.kernel, town.people["analyst"], town.ask(made))
    assert "Jane" not in str(failed.value) and failed.value.__cause__ is None and failed.value.__suppress_context__
    assert town.kinds()[-1] == "FAILED"


def test_a_proof_that_is_declined_grants_no_authorization(town: Desk) -> None:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    decision = flow.decide(town.kernel, town.people["board"], evidence, choice="decline", **GOOD)
    assert earned(town.kernel, decision) == ()
    assert not [p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.ACCURACY_REPORT]


def test_small_counts_are_published_by_nobody() -> None:
    known, made = other(public=lambda findings: findings)
    town = desk((known,))
    town.authorizations(made)
    few = dataclasses.replace(example().datasets["wells"], table=wells(n=3))
    data = town.admit(few, made.asks.purposes)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(made, datasets={"wells": data.dataset}))
    decision = flow.decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    with pytest.raises(Withheld):
        flow.publish(town.kernel, town.people["clerk"], decision)
    assert town.kinds()[-1] == "WITHHELD" and "PUBLISHED" not in town.kinds()


def test_in_a_session_without_a_key_a_decision_is_refused_for_every_other_reason_and_that_is_logged(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = flow.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    commander = town.people["commander"]
    town.kernel.state.authorization_status.seated["s-1"] = commander.person.token
    by = away(commander, "s-1")
    authorizations.suspend(town.kernel, town.people["board"], "toy")
    with pytest.raises(Refused, match="suspended"):
        flow.decide(town.kernel, by, evidence, choice="accept", **GOOD)
    assert town.kinds()[-1] == "REFUSED"
    authorizations.resume(town.kernel, town.people["board"], "toy")
    with pytest.raises(Refused, match="it is elsewhere"):
        flow.decide(town.kernel, by, evidence, choice="accept", **GOOD)
    assert "DECIDED" not in town.kinds()
