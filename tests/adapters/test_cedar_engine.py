"""The shipped policies are whole; a town's bylaws can only forbid, and whatever else lies there stops the opening."""

from __future__ import annotations

import dataclasses
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from told_all import ToldAll, counting
from uses import GOOD_WARRANT, PARTS, use

from peelian.adapters.cedar_engine import FACTS_FOR_SOME, FOR_BYLAWS, CedarEngine, open_policies
from peelian.errors import InputError
from peelian.governance import facts
from peelian.governance.engine import A_POLICY_FAILED, FOR_WARRANTS, NOTHING_PERMITS, Question, Thing
from peelian.governance.statutes import Statutes
from peelian.governance.warrants import SCOPE
from peelian.office import new_office, open_office

GOOD = (
    '@id("no_night") @says("it is night") @remedy("ask by day")\nforbid (principal, action, resource) when { false };\n'
)
HEAD = '@id("a_rule") @says("no") @remedy("do")\n'


def test_policies_without_bylaws() -> None:
    engine = open_policies()
    assert engine.digest("bylaws") == "" and len(engine.digest()) == 64 and not engine.bylaws
    assert engine.forbidden_by([], []) == []


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
        (HEAD + "forbid (principal, action, resource", "no Cedar policy"),
        (HEAD + "forbid (principal, action, resource) when { context.mood == 1 };", "what there is not"),
        (HEAD + 'forbid (principal, action == Action::"fly", resource);', "what there is not"),
        (HEAD + 'forbid (principal, action, resource) when { 1 + "a" == 2 };', "what there is not"),
        (HEAD + 'forbid (principal, action, resource) when { Dataset::"d" has shape };', "only into the one"),
        (HEAD + 'forbid (principal, action, resource) when { Paper::"p".kind == "warrant" };', "only into the one"),
        (
            HEAD + 'forbid (principal, action, resource) when { (if true then Paper::"p" else Paper::"q") has kind };',
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
    assert says in str(wrong.value) and "bylaws/b.cedar" in str(wrong.value) and "accepted" in str(wrong.value)


def test_a_bylaw_may_compare_a_paper_or_a_dataset_with_the_one_that_is_asked_about(tmp_path: Path) -> None:
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
        assert "not_this_one" in {reason.rule for reason in Statutes(engine=engine).judge(asked)}, condition


def test_a_record_is_read_whatever_its_names_are(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("odd_names") @says("no") @remedy("none") forbid (principal, action, resource)'
        ' when { {".": 1, "has": 2, "Value": 3} == {".": 1, "has": 2, "Value": 3} };'
    )
    engine = open_policies(tmp_path)
    asked = dataclasses.replace(use(), bylaws=engine.digest("bylaws"))
    assert "odd_names" in {reason.rule for reason in Statutes(engine=engine).judge(asked)}


def test_files_that_are_no_bylaws_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.cedar").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="no text"):
        open_policies(tmp_path)
    (tmp_path / "bytes.cedar").write_bytes(b"//" + b" " * (1 << 20))
    with pytest.raises(InputError, match="too long"):
        open_policies(tmp_path)
    (tmp_path / "bytes.cedar").unlink()
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(InputError, match="only policies"):
        open_policies(tmp_path)


def test_an_office_with_a_bad_bylaw_does_not_open_and_one_with_a_new_bylaw_permits_nothing(tmp_path: Path) -> None:
    new_office(tmp_path / "office", name="Town").close()
    folder = tmp_path / "office" / "bylaws"
    folder.mkdir(exist_ok=True)
    (folder / "b.cedar").write_text("permit (principal, action, resource);")
    with pytest.raises(InputError, match="may only forbid"):
        open_office(tmp_path / "office")
    (folder / "b.cedar").write_text(GOOD)
    with open_office(tmp_path / "office") as office:
        assert "the_bylaws_are_adopted" in {reason.rule for reason in office.house.policy.judge(use())}


def test_facts_that_do_not_fit_the_schema_are_refused() -> None:
    engine = open_policies()
    person, office = (
        Thing(id=("Person", "a"), attributes={"mood": "good"}),
        Thing(id=("Office", "office"), attributes={}),
    )
    question = Question(person=person.id, action="deed", of=office.id, context={})
    assert engine.forbidden_by([question], [person, office]) == [frozenset({A_POLICY_FAILED})]
    assert {NOTHING_PERMITS, A_POLICY_FAILED}.isdisjoint(engine.forbidden_by([], []))
    assert Statutes(engine=engine).judge(use()) == ()


def test_the_bylaw_in_the_documentation_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "safeguards.md").read_text(encoding="utf-8")
    (tmp_path / "weekends.cedar").write_text(page.split("```text\n")[1].split("```")[0])
    assert list(open_policies(tmp_path).bylaws) == ["no_forecasts_at_weekends"]


@pytest.mark.parametrize(
    ("scope", "counts"),
    [
        ("action", {"ask", "run", "read", "deed"}),
        ('action == Action::"ask"', {"ask"}),
        ('action in [Action::"ask", Action::"deed"]', {"ask", "deed"}),
        ('action in Action::"read"', {"read"}),
    ],
)
def test_a_bylaw_counts_for_the_actions_of_its_scope_and_for_no_other(
    tmp_path: Path, scope: str, counts: set[str]
) -> None:
    (tmp_path / "b.cedar").write_text(GOOD.replace("action", scope).replace("false", "true"))
    bylawed, plain = open_policies(tmp_path), open_policies()
    for action in ("ask", "run", "read", "deed"):
        chosen = [engine.cedar.policies(action).to_pst() for engine in (bylawed, plain)]
        assert ("no_night" in str(chosen[0])) == (action in counts)
        assert "no_night" not in str(chosen[1])


def test_no_action_of_the_schema_stands_for_others() -> None:
    """Policies are chosen by the actions their scope names: a group of actions would have to be looked up first."""
    schema = files("peelian.governance").joinpath("policies", "peelian.cedarschema").read_text()
    declared = re.findall(r"^\s*action ([^{]*?) appliesTo", schema, re.M)
    assert len(declared) == 5 and not any(" in " in names for names in declared)


READ = Question(
    person=("Person", "a"),
    action="read",
    of=("Dataset", "d"),
    context={
        "now": "2026-06-01T00:00:00.000Z",
        "today": "2026-06-01T00:00:00.000Z",
        "weekday": "monday",
        "capability": {"__entity": {"type": "Capability", "id": "toy.count"}},
        "purpose": "advice",
        "shape": "wells",
    },
)


def who_reads_what(shape: str = "wells", role: str = "clerk") -> list[Thing]:
    trained = {"enrolled": True, "unit": "u", "roles": [role], "trained_until": "2030-01-01T00:00:00.000Z"}
    times = {"admitted": "2026-01-01T00:00:00.000Z", "keep_until": "2030-01-01T00:00:00.000Z"}
    data = {"shape": shape, "format": "f", "purposes": ["advice"], **times}
    return [Thing(id=READ.of, attributes=data), Thing(id=READ.person, attributes=trained)]


def told(engine: CedarEngine, question: Question) -> set[str]:
    """What of its context Cedar is told with a question."""
    counted, asked = counting(engine)
    counted = dataclasses.replace(counted, remembered=counted.cedar.answer)
    assert A_POLICY_FAILED not in counted.forbidden_by([question], who_reads_what())[0]
    return set(json.loads(asked[0].context))


@pytest.mark.parametrize(
    ("condition", "unread"),
    [
        ('context.weekday == "monday"', {"today", "capability"}),
        ('context has weekday && context.weekday == "monday"', {"today", "capability"}),
        ("context.today < context.now", {"weekday", "capability"}),
        ('context.capability in Technology::"toy"', {"today", "weekday"}),
        ("context == context", set()),
        ('if true then context.weekday == "a" else false', {"today", "capability"}),
    ],
)
def test_what_a_bylaw_reads_is_told(tmp_path: Path, condition: str, unread: set[str]) -> None:
    (tmp_path / "a.cedar").write_text(
        f'@id("no_reading") @says("no") @remedy("none") forbid (principal, action == Action::"read", resource)'
        f" when {{ {condition} }};"
    )
    assert READ.context.keys() - told(open_policies(tmp_path), READ) == unread, "our own policies read now"
    assert READ.context.keys() - told(open_policies(), READ) == {"today", "weekday", "capability"}
    (tmp_path / "a.cedar").write_text(
        '@id("no_reading") @says("no") @remedy("none") forbid (principal, action == Action::"ask", resource)'
        ' when { context.weekday == "monday" };'
    )
    assert "weekday" not in told(open_policies(tmp_path), READ), "what is read of another action is not"


def test_what_a_warrant_covers_is_told_of_other_papers_only_to_bylaws(tmp_path: Path) -> None:
    assert set(SCOPE) == FOR_WARRANTS
    engine, asked = open_policies(), use()
    paper, warrant = PARTS["council"]["good"][0], GOOD_WARRANT
    for one, idle in ((paper, FOR_WARRANTS), (warrant, frozenset())):
        need = next(need for need in asked.capability.needs if need.paper is one.paper)
        assert facts.question_of_paper(need, (one, facts.thing_of_paper(one, asked)), asked).idle == idle
    counted, told = counting(engine)
    assert not Statutes(engine=counted).judge(asked)
    scoped = [set(json.loads(one.context)) & FOR_WARRANTS for one in told if one.action == "rely"]
    assert sorted(scoped, key=len) == [set(), set(FOR_WARRANTS)]
    (tmp_path / "a.cedar").write_text(
        '@id("no_camera") @says("no") @remedy("none") forbid (principal, action == Action::"rely", resource)'
        ' when { context.sensors.contains("camera-1") };'
    )
    counted, told = counting(open_policies(tmp_path))
    assert not Statutes(engine=counted).judge(dataclasses.replace(asked, bylaws=counted.digest("bylaws")))
    scoped = [set(json.loads(one.context)) & FOR_WARRANTS for one in told if one.action == "rely"]
    assert sorted(scoped, key=len) == [{"sensors"}, set(FOR_WARRANTS)]


def test_what_is_not_told_changes_no_answer() -> None:
    """Every use and act of the tables is answered as if Cedar had been told everything."""
    engine = open_policies()
    told = Statutes(engine=ToldAll(engine))
    for ways in ({part: way} for part, known in PARTS.items() for way in known):
        assert told.judge(use(**ways)) == Statutes(engine=engine).judge(use(**ways)), ways


def test_what_is_told_for_bylaws_stands_in_contexts_only() -> None:
    schema = files("peelian.governance").joinpath("policies/peelian.cedarschema").read_text(encoding="utf-8")
    entities, _, actions = schema.partition("\naction ")
    assert not any(f"{name}:" in entities for name in FOR_BYLAWS)
    assert all(f"{name}:" in actions for name in FOR_BYLAWS)
    assert all(entities.count(f"  {name}:") == 1 and f"  {name}:" not in actions for name in FACTS_FOR_SOME)


def test_things_are_parsed_in_layers_and_each_is_what_it_is_now() -> None:
    """Whoever asks, the papers and the data are parsed one upon the other and remembered: a change in any counts."""
    engine = open_policies()

    def judged(shape: str, role: str) -> frozenset[str]:
        return engine.forbidden_by([READ], who_reads_what(shape, role))[0]

    for role in ("analyst", "clerk", "analyst"):
        assert judged("wells", role) == frozenset()
        assert judged("springs", role) == {"the_data_has_the_shape"}
        assert judged("wells", role) == frozenset()
