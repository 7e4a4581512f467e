"""What every capability promises, without knowing which capability it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from boxes import BOXES
from changed import changed
from deciding import read_and_decide
from desk import Desk, desk
from parted import IN_PARTITIONS
from promised import promised
from suspending import lift, suspend
from toy import TOY

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.gate import found_in
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import AuthorizationKind, Capability, Context, Purpose
from peelian.kernel.model.documents import Evidence, digest_of
from peelian.kernel.model.findings import pack
from peelian.kernel.state.founding_state import APPROVERS
from peelian.kernel.state.object_state import objects_of
from peelian.kernel.verbs.delivery import deliver
from peelian.measure.table import NEVER_LEAVES
from peelian.operations.office import technologies
from peelian.oversight.transparency.register import case_record
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture, parted

KNOWN = (*technologies(), TOY, BOXES, IN_PARTITIONS)
CAPABILITIES = promised(KNOWN)
with_authorizations = pytest.mark.parametrize("capability", [c for c in CAPABILITIES if c.needs], ids=lambda c: c.id)
every_capability = pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda c: c.id)
WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}


@pytest.fixture
def town() -> Desk:
    return desk(KNOWN)


def _ran(town: Desk, capability: Capability) -> Evidence:
    town.authorizations(capability)
    permit = town.ask(capability)
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(capability)], permit)
    return evidence


Answered = Callable[[Capability], tuple[Desk, Evidence]]


@pytest.fixture(scope="module")
def answered() -> Answered:
    """The evidence of one run of a capability and its town, for tests that change nothing there."""
    known: dict[str, tuple[Desk, Evidence]] = {}

    def once(capability: Capability) -> tuple[Desk, Evidence]:
        if capability.id not in known:
            town = desk(KNOWN)
            known[capability.id] = town, _ran(town, capability)
        return known[capability.id]

    return once


@every_capability
def test_it_passes_all_verbs(town: Desk, capability: Capability) -> None:
    evidence = _ran(town, capability)
    history = town.kernel.state.histories[evidence.case]
    decider = town.decider(capability, history.unit)
    decision = read_and_decide(town.kernel, decider, evidence, choice=capability.asks.choices[-1], **WORDS)
    publication, public = verbs.publish(town.kernel, town.people["clerk"], decision, statement="declined")
    record = case_record(town.kernel, evidence.case)
    assert record.summary.state == "published"
    assert record.publication == publication
    assert record.public is not None and pack(record.public) == pack(public)
    assert capability.arithmetic().shows.view(public, town.office.say("en")), "the public findings can be shown"


@with_authorizations
def test_without_authorizations_it_is_refused_and_nothing_is_opened(town: Desk, capability: Capability) -> None:
    with pytest.raises(Refused) as refused:
        town.ask(capability)
    named = [r for r in refused.value.reasons if r.rule == "the_authorizations_are_in_order"]
    assert len(named) == len(capability.needs)
    assert all(reason.remedy for reason in named)
    assert not town.opened() and town.kinds()[-1] == "REFUSED"


@with_authorizations
def test_each_missing_authorization_is_named(town: Desk, capability: Capability) -> None:
    for need in capability.needs:
        fresh = desk(KNOWN)
        fresh.authorizations(capability, but=need.kind)
        with pytest.raises(Refused) as refused:
            fresh.ask(capability)
        assert [
            str(need.kind).split("_")[0] in r.says.replace("decision that admits ", "") for r in refused.value.reasons
        ] == [True]


@with_authorizations
def test_an_expired_authorization_is_none(town: Desk, capability: Capability) -> None:
    town.authorizations(capability, days=5)
    town.clock.days(6)
    with pytest.raises(Refused) as refused:
        town.ask(capability)
    assert all("expired" in r.says for r in refused.value.reasons)


@with_authorizations
def test_a_authorization_that_expires_after_the_permit_stops_the_run(town: Desk, capability: Capability) -> None:
    town.authorizations(capability, days=2)
    permit = town.ask(capability)
    town.clock.days(3)
    with pytest.raises(Refused):
        verbs.run(town.kernel, town.people[town.asker(capability)], permit)
    assert not town.opened()


@every_capability
def test_the_asker_and_their_unit_may_not_decide(town: Desk, capability: Capability) -> None:
    evidence = _ran(town, capability)
    asker = town.people[town.asker(capability)]
    both = town.office.enrol(
        "two-hats",
        name="Two hats",
        unit=asker.person.unit,
        roles=capability.asks.deciders,
        by=town.people["custodian"],
        second=next(one for one in town.people.values() if one.person.roles & APPROVERS),
    )
    for person in (asker, both):
        with pytest.raises(Refused):
            read_and_decide(town.kernel, person, evidence, choice=capability.asks.choices[0], **WORDS)
    assert "DECIDED" not in town.kinds()


@every_capability
def test_a_doctored_or_forged_or_old_document_goes_nowhere(town: Desk, capability: Capability) -> None:
    town.authorizations(capability, days=300)
    permit = town.ask(capability)
    asker = town.people[town.asker(capability)]
    for doctored in (
        dataclasses.replace(permit, runs=99),
        dataclasses.replace(permit, until="2099-01-01T00:00:00+00:00"),
        dataclasses.replace(permit, capability="toy.count" if capability.id != "toy.count" else "toy.prove"),
        dataclasses.replace(permit, signature="00" * 64),
        dataclasses.replace(permit, case="c-0000000000"),
    ):
        with pytest.raises(OutOfOrder):
            verbs.run(town.kernel, asker, doctored)
    assert not town.opened()
    evidence, _ = verbs.run(town.kernel, asker, permit)
    with pytest.raises(OutOfOrder):  # a permit serves as often as it says
        verbs.run(town.kernel, asker, permit)
    decider = town.decider(capability, asker.person.unit)
    with pytest.raises(OutOfOrder):
        forged = dataclasses.replace(evidence, findings="0" * 64)
        read_and_decide(town.kernel, decider, forged, choice=capability.asks.choices[-1], **WORDS)
    late = town.ask(capability)
    town.clock.days(capability.asks.days + 1)
    with pytest.raises(OutOfOrder):
        verbs.run(town.kernel, asker, late)


@every_capability
def test_no_person_comes_out_and_only_declared_data_is_opened(answered: Answered, capability: Capability) -> None:
    assert not {kind for emit in capability.emits for kind in emit.kinds.values()} & NEVER_LEAVES
    assert not {f.name for f in dataclasses.fields(capability.asks.params)} & {
        "person",
        "name",
        "subject",
        "plate",
        "face",
    }
    town, evidence = answered(capability)
    record = case_record(town.kernel, evidence.case)
    found = found_in(town.kernel, evidence.case)
    assert found is not None
    for table in found.tables:
        assert not {column.kind for column in table.columns} & NEVER_LEAVES
    opened = [e for _, e in town.kernel.stores.log.read() if e["kind"] == "OPENED" and "case" in e]
    sealed = [
        o for n in record.request.datasets.values() for o in objects_of(town.kernel, town.kernel.state.datasets[n])
    ]
    assert sorted(str(e["object"]) for e in opened) == sorted(sealed), "each object once, partitions too"
    assert {str(e["dataset"]) for e in opened} == set(record.request.datasets.values())
    assert set(record.request.datasets) <= {read.role for read in capability.reads}


@every_capability
def test_it_explains_itself_and_says_what_it_cannot_tell(answered: Answered, capability: Capability) -> None:
    town, evidence = answered(capability)
    found = found_in(town.kernel, evidence.case)
    assert found is not None
    assert {"finding", "caveat"} <= {note.kind for note in found.notes}
    for language in ("en", "fr"):
        panels = capability.arithmetic().shows.view(found, town.office.say(language))
        assert any(isinstance(panel, Paragraph) for panel in panels)
        assert any(isinstance(panel, (Grid, Picture)) for panel in panels)
        for panel in panels:
            if isinstance(panel, Picture):
                assert panel.alternative and panel.twin is not None, "a picture has its words and its numbers"


MOST_WORDS = {"en": 320, "fr": 350}


@every_capability
def test_its_page_begins_with_an_answer_in_words_that_a_board_can_read(
    answered: Answered, capability: Capability
) -> None:
    """Few words, one picture where there is any, and what follows stands under headings."""
    town, evidence = answered(capability)
    whole = found_in(town.kernel, evidence.case)
    assert whole is not None
    for language, found in (("en", whole), ("fr", capability.arithmetic().public(whole))):
        panels = capability.arithmetic().shows.view(found, town.office.say(language))
        answer, limits, rest = parted(panels)
        told = [panel.text for panel in answer if isinstance(panel, Paragraph)]
        drawn = [panel for panel in panels if isinstance(panel, Picture) and not panel.folded]
        assert isinstance(answer[0], Paragraph) and len(" ".join(told).split()) <= MOST_WORDS[language]
        assert sum(isinstance(panel, Picture) for panel in answer) == min(len(drawn), 1)
        assert limits, "it says what it cannot tell"
        assert not rest or isinstance(rest[0], Heading)


@every_capability
def test_same_question_same_answer(town: Desk, answered: Answered, capability: Capability) -> None:
    answers = answered(capability)[1], _ran(town, capability)
    assert answers[0].findings == answers[1].findings
    assert answers[0].seed == answers[1].seed
    assert digest_of(answers[0]) != digest_of(answers[1]), "marks are salted: they tell nothing about what they cover"


@every_capability
def test_a_suspended_technology_does_nothing(town: Desk, capability: Capability) -> None:
    town.authorizations(capability)
    permit = town.ask(capability)
    suspend(town.kernel, town.people["board"], capability.technology)
    for act in (
        lambda: town.ask(capability),
        lambda: verbs.run(town.kernel, town.people[town.asker(capability)], permit),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reasons[0].rule == "the_technology_is_not_suspended"
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], capability.technology)
    verbs.run(town.kernel, town.people[town.asker(capability)], permit)


@every_capability
def test_no_purpose_role_or_data_but_the_declared_ones(town: Desk, capability: Capability) -> None:
    town.authorizations(capability)
    undeclared = next(purpose for purpose in Purpose if purpose not in capability.asks.purposes)
    asked = {"an undeclared purpose": {"purpose": undeclared}, "no data": {"datasets": {}}}
    if not any(not read.optional for read in capability.reads):
        del asked["no data"]
    for name, change in asked.items():
        with pytest.raises(Refused):
            town.ask(capability, **change)
        assert name and town.kinds()[-1] == "REFUSED"
    before = len(town.kinds())
    with pytest.raises(InputError):
        town.ask(capability, purpose="curiosity")
    assert not {"ASKED", "REFUSED"} & set(town.kinds()[before:]), "a slip in a form is no refusal"
    stranger = next((n for n, p in town.people.items() if not p.person.roles & capability.asks.askers), None)
    assert stranger is not None, "no capability may be asked for by everybody"
    with pytest.raises(Refused):
        town.ask(capability, who=stranger)


@every_capability
def test_an_error_inside_says_its_type_and_no_data(town: Desk, capability: Capability) -> None:
    def broken(params: object, datasets: object, context: Context) -> None:
        for make in capability.makes:
            with context.make(make.role) as file:
                file.write(b"half of it")
        raise KeyError("12 Main Street, Mr Example")

    lame = changed(capability, run=broken)
    technology = next(t for t in KNOWN if t.id == capability.technology)
    others = tuple(lame if c.id == lame.id else c for c in technology.capabilities)
    broken_town = desk((*(t for t in KNOWN if t != technology), dataclasses.replace(technology, capabilities=others)))
    broken_town.authorizations(capability)
    permit = broken_town.ask(capability)
    with pytest.raises(PeelianError) as error:
        verbs.run(broken_town.kernel, broken_town.people[broken_town.asker(capability)], permit)
    assert "KeyError" in str(error.value) and "Main Street" not in str(error.value)
    assert broken_town.kinds()[-1] == "FAILED"
    assert broken_town.kinds().count("TURNED_AWAY") == len(capability.makes), "nothing of a failed run remains"
    assert not broken_town.kernel.state.unfinished and "DERIVED" not in broken_town.kinds()[-4:]


@every_capability
def test_what_it_makes_is_what_it_declares_and_derives_from_what_it_read(
    answered: Answered, capability: Capability
) -> None:
    town, evidence = answered(capability)
    read = case_record(town.kernel, evidence.case).request.datasets
    shapes = {f.shape for f in town.kernel.formats}
    for make in capability.makes:
        made = town.kernel.state.datasets[evidence.made[make.role]]
        assert (made.shape, made.parent, made.case) == (make.shape, read[make.of], evidence.case)
        assert make.shape not in shapes, "what is made inside cannot be brought in from outside"
        assert make.of in read and made.size > 0
    assert set(evidence.made) <= {make.role for make in capability.makes}
    assert not town.kernel.state.unfinished


@every_capability
def test_only_what_was_accepted_leaves_the_kernel(town: Desk, capability: Capability) -> None:
    evidence = _ran(town, capability)
    history = town.kernel.state.histories[evidence.case]
    decider = town.decider(capability, history.unit)
    decision = read_and_decide(town.kernel, decider, evidence, choice=capability.asks.choices[-1], **WORDS)
    handed: list[bytes] = []
    prove(town.kernel, town.people[town.asker(capability)])
    with pytest.raises((Refused, OutOfOrder)):
        deliver(
            town.kernel,
            town.people[town.asker(capability)],
            decision,
            lambda file, delivery: handed.append(file.read()),
        )
    assert handed == [] and "DELIVERED" not in town.kinds()


def test_every_authorization_has_an_issuer() -> None:
    from peelian.kernel.model.policy_port import ISSUERS, TITLES

    assert set(ISSUERS) == set(AuthorizationKind) == set(TITLES)
