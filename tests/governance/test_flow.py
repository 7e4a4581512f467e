"""The verbs: each checks the document before it against the log, appends, and only then acts."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from desk import Desk, desk
from judged import away
from toy import COUNT, PROVE, TOY, WellParams, example, wells

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Refused, Withheld
from peelian.governance import acts, custody, flow
from peelian.governance.capability import Capability, Findings, Paper, Purpose, Read, Technology
from peelian.governance.documents import Permit, mark_of
from peelian.governance.params import spelled_params
from peelian.measure.canonical import digest, spelled
from peelian.measure.table import Kind, table
from peelian.oversight.register import earned

GOOD = {"reasons": "the bars were met", "other_evidence": "reports of the residents"}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_every_step_is_in_the_log_in_order(town: Desk) -> None:
    town.papers(COUNT)
    before = len(town.kinds())
    permit = town.ask(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], permit)
    decision = flow.decide(town.house, town.people["commander"], evidence, choice="accept", **GOOD)
    flow.publish(town.house, town.people["clerk"], decision)
    assert town.kinds()[before:] == [
        "KEEPING", "ADMITTED", "ASKED", "PERMITTED", "STARTED", "OPENED", "RAN", "DECIDED", "PUBLISHED",
    ]  # fmt: skip


def test_the_same_table_is_admitted_under_a_name_of_its_own_each_time(town: Desk) -> None:
    """In the book a dataset with another's name would take its place, so the name holds 48 bits of chance."""
    data = example().datasets["wells"]
    names = [town.admit(data, COUNT.purposes).dataset for _ in range(4)]
    (content,) = {town.house.book.datasets[name].digest for name in names}
    assert len(set(names)) == len(town.house.book.datasets) == 4
    for name in names:
        assert re.fullmatch(f"wells-{content[:8]}-[0-9a-f]{{12}}", name), name


def test_marks_chain_from_request_to_publication(town: Desk) -> None:
    town.papers(COUNT)
    permit = town.ask(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], permit)
    decision = flow.decide(town.house, town.people["commander"], evidence, choice="accept", **GOOD)
    publication, _ = flow.publish(town.house, town.people["clerk"], decision)
    assert publication.before == mark_of(decision)
    assert decision.before == mark_of(evidence)
    assert evidence.before == mark_of(permit)
    assert permit.before == town.house.book.tracks[permit.case].marks("ASKED")[0]


def test_an_accuracy_report_is_earned_and_opens_the_gate(town: Desk) -> None:
    town.paper(Paper.COUNCIL_APPROVAL, COUNT)
    with pytest.raises(Refused):
        town.ask(COUNT)
    town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(PROVE))
    decision = flow.decide(town.house, town.people["board"], evidence, choice="adopt", **GOOD)
    (report,) = earned(town.house, decision)
    assert report.paper is Paper.ACCURACY_REPORT and report.before == mark_of(decision)
    town.ask(COUNT)
    with pytest.raises(Refused) as refused:  # the report covers these settings and no others
        town.ask(COUNT, params=WellParams(deepest=40))
    assert "something else" in str(refused.value)


def test_a_proof_that_missed_its_bars_cannot_be_adopted(town: Desk) -> None:
    town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    few = wells(n=2)
    data = dataclasses.replace(example().datasets["wells"], table=few)
    admitted = town.admit(data, PROVE.purposes)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(PROVE, datasets={"wells": admitted.dataset}))
    with pytest.raises(Refused) as refused:
        flow.decide(town.house, town.people["board"], evidence, choice="adopt", **GOOD)
    assert refused.value.reasons[0].rule == "the_bars_fixed_beforehand_were_met"
    assert not [p for p in town.house.book.papers.values() if p.paper is Paper.ACCURACY_REPORT]
    flow.decide(town.house, town.people["board"], evidence, choice="decline", **GOOD)


def test_an_accuracy_report_cannot_be_issued_by_anybody(town: Desk) -> None:
    for person in town.people.values():
        with pytest.raises(Refused):
            acts.issue(
                town.house, person, Paper.ACCURACY_REPORT, serves="toy.count", purposes=(Purpose.ADVICE,), days=9
            )


def test_a_revoked_paper_is_none(town: Desk) -> None:
    town.papers(COUNT, but=Paper.COUNCIL_APPROVAL)
    approval = town.paper(Paper.COUNCIL_APPROVAL, COUNT)
    town.ask(COUNT)
    acts.revoke(town.house, town.people["council"], approval)
    with pytest.raises(Refused):
        town.ask(COUNT)
    with pytest.raises(OutOfOrder):
        acts.revoke(town.house, town.people["council"], approval)


def test_a_paper_signed_by_the_wrong_role_is_none(town: Desk) -> None:
    town.papers(COUNT, but=Paper.COUNCIL_APPROVAL)
    acts.sign_paper(
        town.house,
        town.people["analyst"],
        Paper.COUNCIL_APPROVAL,
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
    town.papers(COUNT)
    thief = dataclasses.replace(town.people["analyst"], sign=town.people["clerk"].sign)
    data = town.admit(example().datasets["wells"], COUNT.purposes)
    with pytest.raises(Refused) as refused:
        flow.ask(town.house, thief, COUNT.id, purpose="advice", params=WellParams(), datasets={"wells": data.dataset})
    assert "not enrolled" in str(refused.value)
    asked = [entry for _, entry in town.house.log.read() if entry["kind"] == "ASKED"][-1]
    assert asked["unit"] == "unknown", "the unit of the one in whose name it was asked has asked for nothing"


def test_somebody_elses_key_decides_nothing(town: Desk) -> None:
    town.papers(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    thief = dataclasses.replace(town.people["commander"], sign=town.people["analyst"].sign)
    before = town.kinds()
    with pytest.raises(Refused, match="not their key"):
        flow.decide(town.house, thief, evidence, choice="accept", **GOOD)
    assert town.kinds() == before
    assert flow.decide(town.house, town.people["commander"], evidence, choice="accept", **GOOD).choice == "accept"


def of_two(town: Desk) -> Permit:
    """A permit of a capability that reads two datasets."""
    made = town.house.capability("toy.two")
    town.papers(made)
    named = {read.role: town.admit(example().datasets["wells"], made.purposes).dataset for read in made.reads}
    return flow.ask(town.house, town.people["analyst"], made.id, purpose="advice", params=WellParams(), datasets=named)


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
    flow.run(two.house, two.people["analyst"], permit)
    assert seen == [["STARTED", "OPENED"], ["STARTED", "OPENED", "OPENED"]]


def test_what_is_not_tried_is_not_said_to_be_opened(two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = of_two(two)
    before = len(two.kinds())
    monkeypatch.setattr(custody.Table, "from_parquet", lambda file: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        flow.run(two.house, two.people["analyst"], permit)
    assert two.kinds()[before:] == ["STARTED", "OPENED", "FAILED"]
    assert two.house.book.tracks[permit.case].state == "FAILED", "nobody waits for it"


def test_what_is_adopted_has_its_paper_or_is_not_adopted(town: Desk) -> None:
    """While the clock is behind the log no paper is signed: then nothing of the decision is kept either."""
    town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(PROVE))
    before, board = town.kinds(), town.people["board"]
    town.clock.now -= timedelta(hours=1)
    with pytest.raises(Refused, match="behind the log"):
        flow.decide(town.house, board, evidence, choice="adopt", **GOOD)
    assert town.kinds() == before
    town.clock.now += timedelta(hours=2)
    written: list[list[str]] = []
    log = town.house.log
    spied = dataclasses.replace(town.house, log=Spied(log, written))
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
    town.papers(COUNT)
    permit = town.ask(COUNT)
    with pytest.raises(OutOfOrder):
        flow.run(town.house, town.people["board"], permit)


@pytest.mark.parametrize(
    "words", [{"reasons": "", "other_evidence": "a b c"}, {"reasons": "a b c", "other_evidence": "no"}]
)
def test_a_decision_gives_reasons_and_other_evidence(town: Desk, words: dict[str, str]) -> None:
    """A form that is not filled in is a slip: told to whoever decides, and nothing of it is in the log."""
    town.papers(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    before = town.kinds()
    with pytest.raises(InputError, match=r"too short\. Expected: at least 3 words"):
        flow.decide(town.house, town.people["commander"], evidence, choice="accept", **words)
    with pytest.raises(InputError, match="no such choice"):
        flow.decide(town.house, town.people["commander"], evidence, choice="dispatch", **GOOD)
    assert town.kinds() == before


def test_a_decision_past_the_form_is_refused_where_it_gives_no_reasons(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy is the second line: it asks for the same of a decision that no form looked at."""
    town.papers(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    monkeypatch.setattr(flow, "must_be_filled_in", lambda capability, **told: None)
    with pytest.raises(Refused) as refused:
        flow.decide(town.house, town.people["commander"], evidence, choice="accept", reasons="yes", other_evidence="")
    assert {reason.rule for reason in refused.value.reasons} == {"a_decision_gives_its_reasons"}
    assert town.kinds()[-1] == "REFUSED"


def test_a_request_for_a_purpose_that_does_not_exist_is_a_slip(town: Desk) -> None:
    before = town.kinds()
    for purpose in ("", "curiosity", "\ud800"):
        with pytest.raises(InputError, match="no such purpose"):
            flow.ask(town.house, town.people["analyst"], COUNT.id, purpose=purpose, params=WellParams())
    assert town.kinds() == before
    with pytest.raises(Refused):
        flow.ask(town.house, town.people["analyst"], COUNT.id, purpose="oversight", params=WellParams())
    assert town.kinds()[-1] == "REFUSED", "a purpose that this capability does not serve is the policy's to refuse"


def test_a_case_is_decided_and_published_once(town: Desk) -> None:
    town.papers(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    decision = flow.decide(town.house, town.people["commander"], evidence, choice="decline", **GOOD)
    with pytest.raises(OutOfOrder):
        flow.decide(town.house, town.people["commander"], evidence, choice="accept", **GOOD)
    flow.publish(town.house, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder):
        flow.publish(town.house, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder):
        flow.publish(town.house, town.people["clerk"], dataclasses.replace(decision, choice="accept"))


def test_data_past_its_retention_or_of_another_purpose_is_not_opened(town: Desk) -> None:
    town.papers(COUNT, days=1000)
    data = town.admit(example().datasets["wells"], {Purpose.PROOF})
    with pytest.raises(Refused):
        town.ask(COUNT, datasets={"wells": data.dataset})
    good = town.admit(example().datasets["wells"], COUNT.purposes)
    for person in ("analyst", "custodian"):
        p = town.people[person].person
        by = town.people["council" if person == "custodian" else "custodian"]
        town.office.enrol(person, name=p.name, unit=p.unit, roles=p.roles, trained_until="2030-01-01", by=by)
    town.clock.days(401)
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={"wells": good.dataset})
    assert "retention" in str(refused.value)


def test_expired_training_stops_asker_and_decider(town: Desk) -> None:
    town.papers(COUNT, days=1000)
    data = town.admit(example().datasets["wells"], COUNT.purposes)
    town.clock.days(366)
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={"wells": data.dataset})
    assert any("training" in reason.says for reason in refused.value.reasons)


def test_no_append_no_act() -> None:
    """Where the log cannot be written nothing is opened, run, decided or published."""
    town = desk((TOY,))
    town.papers(COUNT)
    permit = town.ask(COUNT)

    class Full:
        def append(self, entry: object) -> int:
            raise IntegrityError("the disk is full")

        append_all = append

        def read(self, start: int = 0) -> object:
            return town.house.log.read(start)

        def find(self, key: str, value: str) -> list[int]:
            return town.house.log.find(key, value)

    stuck = dataclasses.replace(town.house, log=Full())  # type: ignore[arg-type]
    ran = []
    spying = dataclasses.replace(COUNT, run=lambda *a: ran.append(a))
    stuck = dataclasses.replace(stuck, technologies=(dataclasses.replace(TOY, capabilities=(spying, PROVE)),))
    with pytest.raises(IntegrityError):
        flow.run(stuck, town.people["analyst"], permit)
    assert ran == [] and "OPENED" not in town.kinds()


def test_nobody_can_confirm_a_guess_of_what_was_asked_for_from_the_log(town: Desk) -> None:
    town.papers(COUNT)
    permit = town.ask(COUNT)
    flow.run(town.house, town.people["analyst"], permit)
    guess = digest(spelled(spelled_params(COUNT.example().params)))
    assert guess not in " ".join(str(entry) for _, entry in town.house.log.read())
    (started,) = (entry for _, entry in town.house.log.read() if entry["kind"] == "STARTED")
    assert started["params"] == town.house.token(guess, of="params"), "the office itself can"


def test_the_log_holds_no_name_and_no_free_text(town: Desk) -> None:
    town.papers(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    story = "the complaint of the baker in the third house"
    decision = flow.decide(
        town.house, town.people["commander"], evidence, choice="accept", reasons=story, other_evidence=story
    )
    flow.publish(town.house, town.people["clerk"], decision)
    text = " ".join(str(entry) for _, entry in town.house.log.read())
    assert story not in text
    for name, person in town.people.items():
        if name not in ("board", "council", "analyst"):
            assert f"'{person.person.name}'" not in text


def test_whoever_asks_is_in_the_log_also_where_the_judgement_fails(town: Desk) -> None:
    class Failing:
        def judge(self, use: object) -> tuple[()]:
            raise RuntimeError("the engine broke")

    house = dataclasses.replace(town.house, policy=Failing())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        flow.ask(house, town.people["analyst"], "toy.count", purpose="advice", params=WellParams())
    assert town.kinds()[-1] == "ASKED"


def test_request_and_permit_are_kept_before_either_is_logged_and_logged_side_by_side(town: Desk) -> None:
    town.papers(COUNT)
    house, steps = town.house, []

    class Archive:
        def __getattr__(self, name: str) -> object:
            return lambda *a, **k: (steps.append(name), getattr(house.archive, name)(*a, **k))[1]

    class Log:
        def __getattr__(self, name: str) -> object:
            return lambda *a, **k: (steps.append(name), getattr(house.log, name)(*a, **k))[1]

    admitted = town.admit(example().datasets["wells"], COUNT.purposes, "wells")
    steps.clear()
    spied = dataclasses.replace(house, archive=Archive(), log=Log())  # type: ignore[arg-type]
    params, data = WellParams(), {"wells": admitted.dataset}
    flow.ask(spied, town.people["analyst"], "toy.count", purpose="advice", params=params, datasets=data)
    assert [step for step in steps if step not in ("get", "read", "find")] == ["put_all", "append_all"]


@pytest.mark.parametrize("fails", ["seal", "record"])
def test_an_admission_that_is_cut_short_leaves_nothing_that_nobody_knows(town: Desk, fails: str) -> None:
    house = town.house

    class Archive:
        def __getattr__(self, name: str) -> object:
            if fails == "record" and name in ("put", "put_all"):
                raise KeyboardInterrupt  # sealed, and then the power goes
            return getattr(house.archive, name)

    class Vault:
        def __getattr__(self, name: str) -> object:
            if fails == "seal" and name == "seal":
                raise KeyboardInterrupt
            return getattr(house.vault, name)

    cut = dataclasses.replace(house, archive=Archive(), vault=Vault())  # type: ignore[arg-type]
    broken = dataclasses.replace(town, office=dataclasses.replace(town.office, house=cut))
    with pytest.raises(KeyboardInterrupt):
        broken.admit(example().datasets["wells"], COUNT.purposes, "wells")
    assert town.kinds()[-2:] == ["KEEPING", "TURNED_AWAY"]
    began = next(e for _, e in house.log.read() if e["kind"] == "KEEPING")
    assert not house.vault.found(str(began["dataset"])) and not house.book.unfinished


def test_what_a_crash_left_of_an_admission_is_cleared_at_opening(town: Desk) -> None:
    town.house.append("KEEPING", dataset="wells-1234-ab", by="x", format="toy-wells")
    with town.house.vault.seal("wells-1234-ab") as file:
        file.write(b"rows of people")
    assert custody.cleared(town.house) == 1
    assert town.kinds()[-1] == "TURNED_AWAY" and not town.house.vault.found("wells-1234-ab")


def other(run: object = None, **changes: object) -> tuple[Technology, Capability]:
    """The toy with another arithmetic, or another public part."""
    made = dataclasses.replace(COUNT, **({"run": run} if run else {}), **changes)  # type: ignore[arg-type]
    return dataclasses.replace(TOY, capabilities=(made, PROVE)), made


def test_a_permit_ends_at_its_moment_and_is_used_up_after_its_runs(town: Desk) -> None:
    town.papers(COUNT, days=900)
    permit, late = town.ask(COUNT), town.ask(COUNT)
    for _ in range(COUNT.runs_per_permit):
        flow.run(town.house, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="used up"):
        flow.run(town.house, town.people["analyst"], permit)
    moment = datetime.fromisoformat(late.until)
    town.clock.now = moment - timedelta(seconds=1)
    flow.run(town.house, town.people["analyst"], late)
    again = town.ask(COUNT)
    town.clock.now = datetime.fromisoformat(again.until) - timedelta(milliseconds=10)  # the clock goes on by 10 ms
    with pytest.raises(OutOfOrder, match="expired"):
        flow.run(town.house, town.people["analyst"], again)


def test_what_is_no_value_of_its_kind_is_not_admitted_and_nothing_of_it_is_sealed(town: Desk) -> None:
    before = town.kinds()
    named = dataclasses.replace(
        example().datasets["wells"],
        table=table("wells", {"area": (Kind.PLACE, ["North"]), "category": (Kind.CATEGORY, ["Jane Doe"])}),
    )
    with pytest.raises(InputError) as wrong:
        town.admit(named, COUNT.purposes)
    assert wrong.value.column == "category" and "Jane" not in str(wrong.value) and town.kinds() == before


def test_findings_that_may_not_pass_the_door_are_withheld_and_kept_nowhere() -> None:
    def leaks(params: WellParams, datasets: Any, context: Any) -> Findings:
        found = COUNT.run(params, datasets, context)
        return dataclasses.replace(found, facts={**found.facts, "who": "Jane Doe"})

    known, made = other(leaks)
    town = desk((known,))
    town.papers(made)
    with pytest.raises(Withheld) as withheld:
        flow.run(town.house, town.people["analyst"], town.ask(made))
    assert "Jane" not in str(withheld.value) and town.kinds()[-1] == "WITHHELD"
    (entry,) = [entry for _, entry in town.house.log.read() if entry["kind"] == "WITHHELD"]
    assert entry["rules"] == "values_are_what_their_kind_says" and "RAN" not in town.kinds()


def test_what_an_error_says_stays_inside() -> None:
    def breaks(params: WellParams, datasets: Any, context: Any) -> Findings:
        raise ValueError("Jane Doe, 12 Main Street")

    known, made = other(breaks)
    town = desk((known,))
    town.papers(made)
    with pytest.raises(PeelianError, match=r"failed \(ValueError\)") as failed:
        flow.run(town.house, town.people["analyst"], town.ask(made))
    assert "Jane" not in str(failed.value) and failed.value.__cause__ is None and failed.value.__suppress_context__
    assert town.kinds()[-1] == "FAILED"


def test_a_proof_that_is_declined_grants_no_paper(town: Desk) -> None:
    town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(PROVE))
    decision = flow.decide(town.house, town.people["board"], evidence, choice="decline", **GOOD)
    assert earned(town.house, decision) == ()
    assert not [p for p in town.house.book.papers.values() if p.paper is Paper.ACCURACY_REPORT]


def test_small_counts_are_published_by_nobody() -> None:
    known, made = other(public=lambda findings: findings)
    town = desk((known,))
    town.papers(made)
    few = dataclasses.replace(example().datasets["wells"], table=wells(n=3))
    data = town.admit(few, made.purposes)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(made, datasets={"wells": data.dataset}))
    decision = flow.decide(town.house, town.people["commander"], evidence, choice="accept", **GOOD)
    with pytest.raises(Withheld):
        flow.publish(town.house, town.people["clerk"], decision)
    assert town.kinds()[-1] == "WITHHELD" and "PUBLISHED" not in town.kinds()


def test_in_a_session_without_a_key_a_decision_is_refused_for_every_other_reason_and_that_is_logged(town: Desk) -> None:
    town.papers(COUNT)
    evidence, _ = flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    commander = town.people["commander"]
    town.house.book.orders.seated["s-1"] = commander.person.token
    by = away(commander, "s-1")
    acts.suspend(town.house, town.people["board"], "toy")
    with pytest.raises(Refused, match="suspended"):
        flow.decide(town.house, by, evidence, choice="accept", **GOOD)
    assert town.kinds()[-1] == "REFUSED"
    acts.resume(town.house, town.people["board"], "toy")
    with pytest.raises(Refused, match="it is elsewhere"):
        flow.decide(town.house, by, evidence, choice="accept", **GOOD)
    assert "DECIDED" not in town.kinds()
