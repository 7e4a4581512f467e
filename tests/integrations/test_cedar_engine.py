"""The shipped policies are whole; a town's bylaws can only forbid, and whatever else lies there permits nothing."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from uses import NOW, PARTS, PEOPLE, use

from peelian.errors import InputError
from peelian.integrations.cedar_engine import ASKED_ABOUT, open_policies
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.policy_port import Action
from peelian.kernel.policy.authorizer import Authorizer
from peelian.kernel.policy.engine_port import A_POLICY_FAILED, Entity, Question
from peelian.operations.office import new_office, open_office
from peelian.oversight.transparency.bylaws import bylaws_of

GOOD = (
    '@id("no_night") @says("it is night") @remedy("ask by day")\nforbid (principal, action, resource) when { false };\n'
)
HEAD = '@id("a_rule") @says("no") @remedy("do")\n'


def test_policies_without_bylaws() -> None:
    engine = open_policies()
    assert engine.digest("bylaws") == "" and len(engine.digest()) == 64 and not engine.bylaws


def test_a_bylaw_is_read_with_its_sentences(tmp_path: Path) -> None:
    (tmp_path / "night.cedar").write_text(GOOD)
    engine = open_policies(tmp_path)
    assert engine.bylaws["no_night"].says == "it is night" and engine.bylaws["no_night"].remedy == "ask by day"
    assert engine.digest() != open_policies().digest() and engine.digest("bylaws")
    again = engine.digest("bylaws")
    (tmp_path / "night.cedar").write_text(GOOD.replace("night", "dusk"))
    assert open_policies(tmp_path).digest("bylaws") != again


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + "permit (principal, action, resource);", "may only forbid"),
        (GOOD + HEAD + "permit (principal, action, resource);", "may only forbid"),
        ("forbid (principal, action, resource);", "no @id"),
        ('@id("A Rule")\nforbid (principal, action, resource);', "no @id"),
        ('@id("a_rule") @says("no")\nforbid (principal, action, resource);', "@remedy"),
        ('@id("a_rule") @says(" ") @remedy("do")\nforbid (principal, action, resource);', "@says"),
        (HEAD + "forbid (principal == ?principal, action, resource);", "template"),
        (HEAD + "forbid (principal, action, resource", "not a Cedar policy"),
        (HEAD + "forbid (principal, action, resource) when { context.mood == 1 };", "unknown names"),
        (HEAD + 'forbid (principal, action == Action::"fly", resource);', "unknown names"),
        (HEAD + 'forbid (principal, action, resource) when { 1 + "a" == 2 };', "unknown names"),
        (HEAD + 'forbid (principal, action, resource) when { Dataset::"d" has shape };', "only into the one"),
        (
            HEAD + 'forbid (principal, action, resource) when { Authorization::"p".kind == "warrant" };',
            "only into the one",
        ),
        (
            HEAD + "forbid (principal, action, resource) when "
            '{ (if true then Authorization::"p" else Authorization::"q") has kind };',
            "only",
        ),
        (
            HEAD + 'forbid (principal, action, resource) when { {"==": Dataset::"d"}["=="].shape == "wells" };',
            "only into the one",
        ),
        (
            HEAD + 'forbid (principal, action, resource) unless { true && (!(Dataset::"d" has shape)) };',
            "only into the one",
        ),
        (GOOD.replace("false", " || ".join(f'principal == Person::"p{n}"' for n in range(62))), "too deeply"),
        (GOOD.replace("false", " && ".join(f'principal != Person::"p{n}"' for n in range(600))), "too deeply"),
        (GOOD.replace("no_night", "the_purpose_is_served"), "already"),
        (GOOD + GOOD, "already"),
    ],
)
def test_whatever_else_is_refused_with_what_it_is(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "b.cedar").write_text(text)
    with pytest.raises(InputError) as wrong:
        open_policies(tmp_path)
    assert says in str(wrong.value) and "bylaws/b.cedar" in str(wrong.value) and "Expected" in str(wrong.value)


def test_a_bylaw_may_compare_a_authorization_or_a_dataset_with_the_one_that_is_asked_about(tmp_path: Path) -> None:
    name = PARTS["datasets"]["good"][0]["wells"].dataset
    for condition in (
        f'resource == Dataset::"{name}"',
        f'Dataset::"{name}" == resource',
        f'!(resource != Dataset::"{name}")',
        f'resource in Dataset::"{name}"',
        f'resource is Dataset in Dataset::"{name}"',
        f'[Dataset::"another", Dataset::"{name}"].contains(resource)',
        f'resource in [Dataset::"{name}"]',
        f'resource == Dataset::"{name}" && resource.shape == "wells" && resource has format',
    ):
        (tmp_path / "a.cedar").write_text(
            '@id("not_this_one") @says("no") @remedy("another") '
            f'forbid (principal, action == Action::"read", resource) when {{ {condition} }};'
        )
        engine = open_policies(tmp_path)
        asked = dataclasses.replace(use(), bylaws=engine.digest("bylaws"))
        assert "not_this_one" in {reason.rule for reason in Authorizer(engine=engine).judge(asked)}, condition


def test_a_record_is_read_whatever_its_names_are(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("odd_names") @says("no") @remedy("none") forbid (principal, action, resource)'
        ' when { {".": 1, "has": 2, "Value": 3} == {".": 1, "has": 2, "Value": 3} };'
    )
    engine = open_policies(tmp_path)
    asked = dataclasses.replace(use(), bylaws=engine.digest("bylaws"))
    assert "odd_names" in {reason.rule for reason in Authorizer(engine=engine).judge(asked)}


def test_files_that_are_no_bylaws_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.cedar").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not text"):
        open_policies(tmp_path)
    (tmp_path / "bytes.cedar").write_bytes(b"//" + b" " * (1 << 20))
    with pytest.raises(InputError, match="too long"):
        open_policies(tmp_path)
    (tmp_path / "bytes.cedar").unlink()
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(InputError, match="not a policy file"):
        open_policies(tmp_path)


def test_an_office_with_a_bad_bylaw_permits_nothing_and_neither_does_one_with_a_new_bylaw(tmp_path: Path) -> None:
    new_office(tmp_path / "office", name="Town").close()
    folder = tmp_path / "office" / "bylaws"
    folder.mkdir(exist_ok=True)
    (folder / "b.cedar").write_text("permit (principal, action, resource);")
    with open_office(tmp_path / "office") as office:
        assert office.kernel.policy.judge(use())
        with pytest.raises(InputError, match="may only forbid"):
            bylaws_of(office.kernel)
    (folder / "b.cedar").write_text(GOOD)
    with open_office(tmp_path / "office") as office:
        assert "the_bylaws_are_adopted" in {reason.rule for reason in office.kernel.policy.judge(use())}


def test_facts_that_do_not_fit_the_schema_are_refused() -> None:
    engine = open_policies()
    person, office = (
        Entity(id=("Person", "a"), attributes={"mood": "good"}),
        Entity(id=("Office", "office"), attributes={}),
    )
    question = Question(person=person.id, action="act", of=office.id, context={})
    assert engine.forbidden_by(question, [person, office]) == {A_POLICY_FAILED}
    assert Authorizer(engine=engine).judge(use()) == ()


def test_the_bylaw_in_the_documentation_is_one(tmp_path: Path) -> None:
    how_to = Path(__file__).resolve().parents[2] / "docs" / "how-to"
    page = (how_to / "people-and-authorizations.md").read_text(encoding="utf-8")
    (bylaw,) = (block for block in page.split("```") if "@id(" in block)
    (tmp_path / "weekends.cedar").write_text(bylaw.removeprefix("text\n"))
    assert list(open_policies(tmp_path).bylaws) == ["no_forecasts_at_weekends"]


WELLS = PARTS["datasets"]["good"][0]["wells"]


def test_one_fact_that_fits_no_schema_refuses_what_is_asked_about_it_only() -> None:
    broken = {"wells": dataclasses.replace(WELLS, shape="\ud800")}
    (reason,) = Authorizer(engine=open_policies()).judge(dataclasses.replace(use(), datasets=broken))
    assert reason.rule == "the_data_may_be_used" and "cannot be evaluated by the policies" in str(reason.says)


def test_names_that_are_no_text_are_refused() -> None:
    authorizer, person = Authorizer(engine=open_policies()), dataclasses.replace(PEOPLE["analyst"], token="\ud800")
    unnamed = dataclasses.replace(use(), datasets={"wells": dataclasses.replace(WELLS, dataset="\ud800")})
    assert "the_data_may_be_used" in {one.rule for one in authorizer.judge(unnamed)}
    assert authorizer.judge(dataclasses.replace(use(), person=person))
    assert authorizer.judge_action(Action(action="act", rule="may", person=person, roles=person.roles, now=NOW))


def test_no_fact_and_no_context_speaks_of_a_authorization_or_a_dataset() -> None:
    """So it is enough that Cedar is told of the one that is asked about."""
    schema = files("peelian.kernel.policy").joinpath("policies/peelian.cedarschema").read_text(encoding="utf-8")
    plain = re.sub(r"//.*", "", schema)
    spoken = re.findall(r"\w+\??:\s*([^,;{}]+)", plain)
    kinds = "|".join(sorted(ASKED_ABOUT))
    assert spoken and not [one for one in spoken if re.search(rf"\b({kinds})\b", one) and "[" not in one]
    assert not re.search(rf"entity \w+ in \[[^\]]*({kinds})", plain)


def test_the_schema_has_no_groups_of_actions() -> None:
    """So a policy whose scope names other actions has nothing to say, and need not be asked."""
    schema = files("peelian.kernel.policy").joinpath("policies/peelian.cedarschema").read_text(encoding="utf-8")
    heads = re.findall(r"^action ([^{]+?)(?: appliesTo)?\s*\{", re.sub(r"//.*", "", schema), flags=re.MULTILINE)
    assert heads and not [head for head in heads if re.search(r"\bin\b", head)]


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        ("action", {"ask", "run"}),
        ('action == Action::"run"', {"run"}),
        ('action in Action::"ask"', {"ask"}),
        ('action in [Action::"ask", Action::"run"]', {"ask", "run"}),
        ('action in [Action::"enter", Action::"act"]', set()),
    ],
)
def test_a_bylaw_stops_the_actions_that_its_scope_names_and_no_other(
    tmp_path: Path, scope: str, stopped: set[str]
) -> None:
    (tmp_path / "a.cedar").write_text(HEAD + f"forbid (principal, {scope}, resource) when {{ true }};")
    engine = open_policies(tmp_path)
    asked = dataclasses.replace(use(), bylaws=engine.digest("bylaws"))
    judged = {name: Authorizer(engine=engine).judge(dataclasses.replace(asked, action=name)) for name in ("ask", "run")}
    assert {name for name, reasons in judged.items() if "a_rule" in {reason.rule for reason in reasons}} == stopped


NOT_THEM = [
    'principal == Person::"somebody-else", action, resource) when { true',
    'principal is Person in Person::"somebody-else", action, resource) when { true',
    'principal, action, resource) when { [Person::"somebody-else"].contains(principal)',
    'principal, action, resource) when { principal has unit && ["a", "elsewhere"].contains(principal.unit)',
    'principal, action, resource) when { principal.unit like "else*"',
    'principal, action, resource) when { principal.trained_until > datetime("2026-12-31")',
    'principal, action, resource) when { principal.trained_until.durationSince(context.today) > duration("200d")',
]


@pytest.mark.parametrize("policy", NOT_THEM)
def test_a_bylaw_about_one_person_or_one_unit_holds_for_them_and_for_nobody_else(tmp_path: Path, policy: str) -> None:
    (tmp_path / "who.cedar").write_text(f'@id("not_them") @says("no") @remedy("none") forbid ({policy} }};')
    authorizer = Authorizer(engine=open_policies(tmp_path))
    one = dataclasses.replace(PEOPLE["analyst"], trained_until="2026-08-01")
    other = dataclasses.replace(one, token="somebody-else", unit="elsewhere", trained_until="2027-01-01")
    for person in (one, other):
        act = Action(action="act", rule="may", person=person, roles=person.roles, now=NOW)
        judged = dataclasses.replace(use(), person=person, bylaws=authorizer.engine.digest("bylaws"))
        enters = dataclasses.replace(act, action="enter", room="cases")
        for found in (authorizer.judge(judged), authorizer.judge_action(act), authorizer.judge_action(enters)):
            assert ("not_them" in {reason.rule for reason in found}) == (person is other)


NOT_THESE = [
    'resource == Dataset::"x") when { true',
    'resource) when { resource.admitted > datetime("2026-02-20T00:00:00Z")',
    'resource) when { resource has keep_until && context.today.offset(duration("25d")) < resource.keep_until',
    'resource) when { resource.keep_until.durationSince(context.now) > duration("25d")',
    'resource) when { context.capability in Technology::"toy" && resource == Dataset::"x"',
    'resource) when { context.weekday == "monday" && resource == Dataset::"x"',
    'resource) when { context == context && resource == Dataset::"x"',
]


@pytest.mark.parametrize("policy", NOT_THESE)
def test_a_bylaw_about_one_dataset_or_one_day_holds_for_them_and_for_no_other(tmp_path: Path, policy: str) -> None:
    (tmp_path / "what.cedar").write_text(
        f'@id("not_these") @says("no") @remedy("none") forbid (principal, action == Action::"read", {policy} }};'
    )
    authorizer = Authorizer(engine=open_policies(tmp_path))
    asked = dataclasses.replace(use(), bylaws=authorizer.engine.digest("bylaws"))
    found = []
    for days, name in ((-14, WELLS.dataset), (-15, "wells-2"), (0, "x")):
        at = datetime.fromisoformat(WELLS.at) + timedelta(days=days)
        data: dict[str, Admission | None] = {"wells": dataclasses.replace(WELLS, at=at.isoformat(), dataset=name)}
        reasons = authorizer.judge(dataclasses.replace(asked, datasets=data))
        found.append("not_these" in {reason.rule for reason in reasons})
    assert found == [False, False, True]


@pytest.mark.parametrize(
    "policy",
    ['action == Action::"run", resource) when { true', 'action, resource) when { action == Action::"run"'],
)
def test_a_bylaw_tells_a_run_from_its_request(tmp_path: Path, policy: str) -> None:
    (tmp_path / "a.cedar").write_text(f'@id("no_runs") @says("no") @remedy("none") forbid (principal, {policy} }};')
    authorizer = Authorizer(engine=open_policies(tmp_path))
    adopted = dataclasses.replace(use(), bylaws=authorizer.engine.digest("bylaws"))
    for action, rules in (("ask", set()), ("run", {"no_runs"}), ("ask", set())):
        judged = authorizer.judge(dataclasses.replace(adopted, action=action))
        assert {reason.rule for reason in judged} == rules
