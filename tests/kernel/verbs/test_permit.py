"""ask: a request is signed and judged; permit or refusal, both are in the log."""

from __future__ import annotations

import dataclasses

import pytest
from desk import Desk, desk
from toy import COUNT, TOY, WellParams, example

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Request
from peelian.kernel.model.params import spelled_params
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import authorizations
from peelian.measure.canonical import canonical_digest, spelled


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


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
        verbs.ask(town.kernel, thief, COUNT.id, purpose="advice", params=WellParams(), datasets={"wells": data.dataset})
    assert "not enrolled" in str(refused.value)
    asked = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "ASKED"][-1]
    assert asked["unit"] == "unknown", "the unit of the one in whose name it was asked has asked for nothing"


def test_a_request_for_a_purpose_that_does_not_exist_is_a_slip(town: Desk) -> None:
    before = town.kinds()
    for purpose in ("", "curiosity", "\ud800"):
        with pytest.raises(InputError, match="no such purpose"):
            verbs.ask(town.kernel, town.people["analyst"], COUNT.id, purpose=purpose, params=WellParams())
    assert town.kinds() == before
    with pytest.raises(Refused):
        verbs.ask(town.kernel, town.people["analyst"], COUNT.id, purpose="oversight", params=WellParams())
    assert town.kinds()[-1] == "REFUSED", "a purpose that this capability does not serve is the policy's to refuse"


def test_expired_training_stops_asker_and_decider(town: Desk) -> None:
    town.authorizations(COUNT, days=1000)
    data = town.admit(example().datasets["wells"], COUNT.asks.purposes)
    town.clock.days(366)
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={"wells": data.dataset})
    assert any("training" in reason.says for reason in refused.value.reasons)


def test_nobody_can_confirm_a_guess_of_what_was_asked_for_from_the_log(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    verbs.run(town.kernel, town.people["analyst"], permit)
    guess = canonical_digest(spelled(spelled_params(COUNT.arithmetic().example().params)))
    assert guess not in " ".join(str(entry) for _, entry in town.kernel.stores.log.read())
    (started,) = (entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "STARTED")
    assert started["params"] == town.kernel.office.token(guess, of="params"), "the office itself can"


def test_whoever_asks_is_in_the_log_also_where_the_judgement_fails(town: Desk) -> None:
    class Failing:
        def judge(self, use: object) -> tuple[()]:
            raise RuntimeError("the engine broke")

    kernel = dataclasses.replace(town.kernel, policy=Failing())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        verbs.ask(kernel, town.people["analyst"], "toy.count", purpose="advice", params=WellParams())
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
    verbs.ask(spied, town.people["analyst"], "toy.count", purpose="advice", params=params, datasets=data)
    assert [step for step in steps if step in ("put", "put_all", "append", "append_all")] == ["put_all", "append_all"]


def test_areas_with_residents_are_used_where_nobody_names_them_so_that_exposure_is_not_skipped() -> None:
    """At every door: the newest that serve the purpose; areas without groups, or for another purpose, are not taken."""
    town = desk()
    backtest = town.kernel.capability("mapping.backtest")
    town.authorizations(backtest)
    example = backtest.arithmetic().example()

    def data(role: str, purpose: Purpose = Purpose.PROOF, **facts: str) -> str:
        dataset = example.datasets[role]
        kept = {name: value for name, value in dataset.facts.items() if facts.get(name) != "none"}
        return town.admit(dataclasses.replace(dataset, facts=kept), [purpose], role).dataset

    def used() -> dict[str, str]:
        permit = verbs.ask(
            town.kernel,
            town.people["analyst"],
            backtest.id,
            purpose="proof",
            params=example.params,
            datasets={"incidents": incidents},
        )
        history = town.kernel.state.histories[permit.case]
        return dict(archived(town.kernel, history.digests("ASKED")[0], Request).datasets)

    incidents = data("incidents")
    data("areas", Purpose.AUDIT)
    data("areas", groups="none")
    assert used() == {"incidents": incidents}
    data("areas")
    newest = data("areas")
    assert used() == {"incidents": incidents, "areas": newest}
