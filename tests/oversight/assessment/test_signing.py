"""From answers to authorization: each step is refused to the wrong person, and nothing is signed that its level
forbids."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from answer_sets import Answers, complete, with_points
from assessed_toy import NEEDED, TOWN
from desk import Desk, desk
from toy import WellParams

from peelian.errors import InputError, NotEnoughData, OutOfOrder, Refused
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.policy import assessment_fingerprint
from peelian.kernel.verbs import authorizations
from peelian.oversight.assessment import signing
from peelian.oversight.assessment.obligations import BY_LEVEL
from peelian.oversight.assessment.questions import official, shipped, weighs_the_same

USES = ((NEEDED.id, WellParams()),)
TEXT = {"en": "A text of several words.", "fr": "Un texte de plusieurs mots."}
ADVICE = (Purpose.ADVICE,)


@pytest.fixture
def town() -> Desk:
    return desk((TOWN,))


def submitted(town: Desk, answers: Answers) -> str:
    return signing.submit(town.kernel, town.people["privacy-officer"], "toy.*", answers, USES)


def explained(town: Desk, digest: str, level: int) -> None:
    signing.explain(town.kernel, town.people["privacy-officer"], digest, dict.fromkeys(BY_LEVEL[level].texts, TEXT))


def reviewed(town: Desk, digest: str, who: str) -> None:
    signing.review(town.kernel, town.people[who], digest, qualified_as="faculty", finding="the weights agree")


def test_a_level_one_assessment_is_approved_signed_and_opens_the_gate(town: Desk) -> None:
    digest = submitted(town, complete())
    officer = town.people["privacy-officer"]
    with pytest.raises(Refused, match="not approved"):
        signing.sign(town.kernel, officer, digest, purposes=ADVICE)
    signing.approve(town.kernel, town.people["commander"], digest, reasons="it is needed here")
    authorization = signing.sign(town.kernel, officer, digest, purposes=ADVICE)
    assert (
        authorization.body["level"] == 1
        and authorization.body["assessment"] == digest
        and authorization.before == digest
    )
    town.authorizations(NEEDED, but=AuthorizationKind.IMPACT_ASSESSMENT)
    assert town.ask(NEEDED)
    assert signing.authorization_of(town.kernel, signing.assessment(town.kernel, digest)) == authorization
    kinds = town.kinds()
    assert kinds.index("ASSESSED") < kinds.index("ENDORSED") < kinds.index("ISSUED")


@pytest.mark.parametrize(("raw", "level"), [(60, 2), (100, 3), (150, 4)])
def test_every_level_lists_all_that_it_still_wants(town: Desk, raw: int, level: int) -> None:
    digest = submitted(town, with_points(raw, 10))
    made = signing.assessment(town.kernel, digest)
    assert made.level == level
    with pytest.raises(Refused) as refused:
        signing.sign(town.kernel, town.people["privacy-officer"], digest, purposes=ADVICE)
    told = " ".join(reason.says for reason in refused.value.reasons)
    assert "peer review" in told and "approved" in told and "explanation" in told
    explained(town, digest, level)
    reviewed(town, digest, "auditor")
    if BY_LEVEL[level].reviews == 2:
        reviewed(town, digest, "auditor")  # the same person twice is one peer
        assert "peer review" in " ".join(r.says for r in signing.still_wanted(town.kernel, made_again(town, digest)))
        reviewed(town, digest, "board")
    signing.approve(town.kernel, town.people["council"], digest, reasons="weighed with care")
    assert signing.sign(town.kernel, town.people["privacy-officer"], digest, purposes=ADVICE).body["level"] == level


def made_again(town: Desk, digest: str) -> signing.Assessment:
    return signing.assessment(town.kernel, digest)


def test_the_rank_that_approves_rises_with_the_level(town: Desk) -> None:
    digests = {level: submitted(town, with_points(raw, 10)) for raw, level in ((60, 2), (100, 3), (150, 4))}
    allowed = {2: {"commander", "board", "council"}, 3: {"board", "council"}, 4: {"council"}}
    for level, digest in digests.items():
        for who in ("commander", "board", "council", "analyst", "privacy-officer"):
            try:
                signing.approve(town.kernel, town.people[who], digest, reasons="weighed with care")
                assert who in allowed[level]
            except Refused:
                assert who not in allowed[level]


def test_nobody_reviews_or_approves_for_their_own_unit(town: Desk) -> None:
    unit = town.people["privacy-officer"].person.unit
    custodian, roles = town.people["custodian"], {Role.AUDITOR, Role.COUNCIL}
    near = town.office.enrol("near", name="Near", unit=unit, roles=roles, by=custodian, second=town.people["board"])
    digest = submitted(town, complete())
    with pytest.raises(Refused, match="another unit"):
        signing.review(town.kernel, near, digest, qualified_as="faculty", finding="it is all good")
    with pytest.raises(Refused, match="cannot approve"):
        signing.approve(town.kernel, near, digest, reasons="weighed with care")


def test_expired_training_stands_in_the_way_from_level_three(town: Desk) -> None:
    custodian = town.people["custodian"]
    today = town.clock.now.date().isoformat()
    town.office.enrol("late", name="Late", unit="x", roles={Role.ANALYST}, trained_until=today, by=custodian)
    town.clock.days(1)
    for raw, wants in ((60, False), (100, True)):
        made = signing.assessment(town.kernel, submitted(town, with_points(raw, 10)))
        assert any("training" in reason.says for reason in signing.still_wanted(town.kernel, made)) is wants


def test_wrong_answers_are_not_kept(town: Desk) -> None:
    with pytest.raises(NotEnoughData):
        submitted(town, {})
    with pytest.raises(InputError):
        submitted(town, {**complete(), "impact6": "item7-7"})
    with pytest.raises(InputError):
        signing.submit(town.kernel, town.people["privacy-officer"], "toy.*", complete(), ())
    with pytest.raises(OutOfOrder):
        signing.submit(town.kernel, town.people["privacy-officer"], "toy.prove", complete(), USES)
    with pytest.raises(Refused):
        signing.submit(town.kernel, town.people["analyst"], "toy.*", complete(), USES)
    assert "ASSESSED" not in town.kinds()


def test_questions_with_other_weights_are_refused(town: Desk) -> None:
    questions = shipped()
    heavy = next(q for q in questions.questions if q.id == "impact9")
    milder = dataclasses.replace(heavy, choices=heavy.choices[:1])
    doctored = dataclasses.replace(questions, questions=tuple(milder if q is heavy else q for q in questions.questions))
    assert weighs_the_same(questions) and not weighs_the_same(doctored)
    with pytest.raises(InputError, match="answer weights differ"):
        signing.submit(town.kernel, town.people["privacy-officer"], "toy.*", complete(), USES, questions=doctored)
    assert "ASSESSED" not in town.kinds()


def test_the_official_file_weighs_the_same(shared_data: Path) -> None:
    assert weighs_the_same(official((shared_data / "aia" / "survey-enfr.json").read_bytes()))


def test_an_assessment_of_another_version_is_not_signed(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = submitted(town, complete())
    signing.approve(town.kernel, town.people["commander"], digest, reasons="it is needed here")
    monkeypatch.setattr(assessment_fingerprint, "__version__", "99.0")
    made = signing.assessment(town.kernel, digest)
    assert signing.changed(town.kernel, made) == [NEEDED.id]
    with pytest.raises(OutOfOrder, match=r"toy\.count changed"):
        signing.sign(town.kernel, town.people["privacy-officer"], digest, purposes=ADVICE)


def test_an_explanation_holds_its_parts_in_both_languages(town: Desk) -> None:
    digest = submitted(town, complete())
    officer = town.people["privacy-officer"]
    for parts in ({"role": {"en": "only in English here"}}, {"poem": TEXT}, {"role": {"en": "a b c", "fr": ""}}):
        with pytest.raises(InputError):
            signing.explain(town.kernel, officer, digest, parts)
    explained(town, digest, 4)
    assert set(signing.assessment(town.kernel, digest).explanation) == set(BY_LEVEL[4].texts)


def test_short_reasons_and_unknown_digests_are_refused(town: Desk) -> None:
    digest = submitted(town, complete())
    with pytest.raises(InputError):
        signing.approve(town.kernel, town.people["commander"], digest, reasons="yes")
    with pytest.raises(OutOfOrder):
        signing.assessment(town.kernel, "0" * 64)
    assert [made.digest for made in signing.assessments(town.kernel)] == [digest]


def test_params_that_are_no_longer_there_count_as_changed(town: Desk) -> None:
    made = signing.assessment(town.kernel, submitted(town, complete()))
    gone = dataclasses.replace(made, uses=[{**made.uses[0], "params": '{"colour": 3}'}])
    assert signing.changed(town.kernel, gone) == [NEEDED.id]


def test_an_approved_assessment_is_signed_once(town: Desk) -> None:
    """Else a revoked authorization would come back, and an old assessment be prolonged, without anybody looking at
    it again."""
    digest, officer = submitted(town, complete()), town.people["privacy-officer"]
    signing.approve(town.kernel, town.people["commander"], digest, reasons="it is needed here")
    authorization = signing.sign(town.kernel, officer, digest, purposes=ADVICE)
    with pytest.raises(OutOfOrder, match="already signed"):
        signing.sign(town.kernel, officer, digest, purposes=ADVICE)
    authorizations.revoke(town.kernel, officer, authorization)
    with pytest.raises(OutOfOrder, match="already signed"):
        signing.sign(town.kernel, officer, digest, purposes=ADVICE)
    assert signing.authorization_of(town.kernel, signing.assessment(town.kernel, digest)) is None


def test_a_unit_spelled_otherwise_is_the_same_unit(town: Desk) -> None:
    unit, custodian = town.people["privacy-officer"].person.unit, town.people["custodian"]
    roles = {Role.AUDITOR, Role.COUNCIL}
    spelled, second = f" {unit.upper()}", town.people["board"]
    near = town.office.enrol("near", name="Near", unit=spelled, roles=roles, by=custodian, second=second)
    digest = submitted(town, complete())
    with pytest.raises(Refused, match="another unit"):
        signing.review(town.kernel, near, digest, qualified_as="faculty", finding="it is all good")
    with pytest.raises(Refused, match="cannot approve"):
        signing.approve(town.kernel, near, digest, reasons="weighed with care")


def test_whoever_assessed_is_no_peer_even_in_another_unit(town: Desk) -> None:
    digest, officer = submitted(town, complete()), town.people["privacy-officer"]
    moved = town.office.enrol(
        "privacy-officer", name="P", unit="elsewhere", roles={Role.PRIVACY_OFFICER, Role.AUDITOR, Role.COUNCIL},
        by=town.people["custodian"], second=town.people["board"],
    )  # fmt: skip
    assert moved.person.token == officer.person.token
    with pytest.raises(Refused, match="another unit"):
        signing.review(town.kernel, moved, digest, qualified_as="faculty", finding="it is all good")
    with pytest.raises(Refused, match="cannot approve"):
        signing.approve(town.kernel, moved, digest, reasons="weighed with care")


def test_training_counts_through_its_last_day_and_for_those_who_ask_or_decide(town: Desk) -> None:
    custodian, today = town.people["custodian"], town.kernel.now().date()
    made = signing.assessment(town.kernel, submitted(town, complete()))
    before = set(signing.untrained(town.kernel, made))
    for short, role, days in (("last", Role.ANALYST, 1), ("over", Role.ANALYST, 0), ("clerk2", Role.CLERK, 0)):
        until = (today + timedelta(days=days)).isoformat()
        town.office.enrol(short, name="N", unit="x", roles={role}, trained_until=until, by=custodian)
    town.clock.days(1)
    found = set(signing.untrained(town.kernel, made)) - before
    assert found == {town.office.operator("over").person.token}
