"""Attempts of people of the office to be two, to make somebody up, or to use what was used: each needs a second one."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from attempts import attempts, disguises
from authentication import at_pages, logged_on, send
from deciding import read_and_decide
from desk import Desk, another_program, confirm_clock, desk, guard
from hypothesis import assume, given
from hypothesis import strategies as st
from labels import of_area
from precinct import person, precinct
from proofs import a_pass
from suspending import lift, suspend
from toy import COUNT, TOY

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, enrolment, step_up
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.sessions import Sessions, why_not_enter
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Permit
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import stands_in
from peelian.kernel.state.founding_state import OVERSIGHT
from peelian.kernel.verbs.export import exported as map_exported
from peelian.operations.office import memory_office
from peelian.oversight.review.subjects import answer
from peelian.oversight.transparency.entries import SHAPES, exported
from peelian.oversight.transparency.entrusted import founded_alone, holders_ending
from peelian.web.app import make_app

WORDS = {"choice": "accept", "reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}
AREA = Vocabulary(kind=LabelKind.AREA, source="x", labels=(of_area("Jean Tremblay"),))


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.mark.parametrize("role", [Role.BOARD, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.AUDITOR])
def test_a_custodian_invents_somebody_who_oversees(town: Desk, role: Role) -> None:
    with pytest.raises(Refused):
        town.office.enrol("zoe", name="Zoe", unit="city hall", roles={role}, by=town.people["custodian"])


@pytest.mark.parametrize("unit", ["city-it", "City IT", "c1ty-it", "CITY  IT"])
def test_two_accounts_of_one_person_agree_with_one_another(town: Desk, unit: str) -> None:
    by, council = town.people["custodian"], town.people["council"]
    second = town.office.enrol("second", name="Custodian", unit=unit, roles={Role.BOARD}, by=by, second=council)
    proposal = propose_vocabulary(town.kernel, by, AREA, words="one two three")
    step_up.prove(town.kernel, second)
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, second, proposal)


def test_one_account_approves_what_it_proposed(town: Desk) -> None:
    board = town.people["board"]
    proposal = dual_control.propose(town.kernel, board, "rotate_keys", words="one two three")
    step_up.prove(town.kernel, board)
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, board, proposal)


def test_an_approval_of_another_proposal_is_used(town: Desk) -> None:
    by, board = town.people["custodian"], town.people["board"]
    proposal = dual_control.propose(town.kernel, by, "rotate_keys", words="one two three")
    step_up.prove(town.kernel, board)
    dual_control.approve(town.kernel, board, proposal)
    with pytest.raises(OutOfOrder, match="another action"):
        dual_control.carry_out(town.kernel, by, "export", proposal)


def test_a_permit_is_replayed(town: Desk) -> None:
    town.authorizations(COUNT, days=900)
    permit = town.ask(COUNT)
    for _ in range(COUNT.asks.runs):
        verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="already used"):
        verbs.run(town.kernel, town.people["analyst"], permit)


def test_somebody_else_s_permit_is_used(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    with pytest.raises(OutOfOrder, match="Only the requester"):
        verbs.run(town.kernel, town.people["commander"], permit)


def test_an_asker_decides_on_what_they_asked_for(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    with pytest.raises(Refused):
        read_and_decide(town.kernel, town.people["analyst"], evidence, **WORDS)


def test_a_map_leaves_before_anybody_decided(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    step_up.prove(town.kernel, town.people["clerk"])
    with pytest.raises(Refused, match="No decision yet"):
        map_exported(town.kernel, town.people["clerk"], evidence.case, "map")


def test_a_machine_run_or_a_drill_that_lacks_players_counts_as_one(town: Desk) -> None:
    town.kernel.append("SELF_TESTED", document="0" * 64, by="office", met=1)
    assert town.kernel.state.duties.drilled == "" and not town.kernel.state.duties.drill_missed
    town.kernel.append("DRILL_COUNTERSIGNED", document="0" * 64, by="office", counts=0)
    assert town.kernel.state.duties.drilled == "" and town.kernel.state.duties.drill_missed


@pytest.mark.parametrize("who", ["analyst", "commander", "dispatcher", "board"])
def test_a_subject_s_report_is_asked_for_to_look_somebody_up(who: str) -> None:
    at = precinct()
    with pytest.raises(Refused):
        answer(at.desk.kernel, at.desk.people[who], person(1), check="photo_id_seen")


def test_a_clerk_looks_somebody_up_without_seeing_them() -> None:
    at = precinct()
    with pytest.raises(InputError, match="identity"):
        answer(at.desk.kernel, at.desk.people["clerk"], person(1), check="a hunch")


@pytest.mark.parametrize(
    "capability", ["people.find", "faces.search", "footage.identify", "mapping.person", "plates.follow"]
)
def test_there_is_nothing_to_ask_for_a_person_with(capability: str) -> None:
    town = desk()
    with pytest.raises(PeelianError, match="Unknown capability"):
        verbs.ask(town.kernel, town.people["analyst"], capability, purpose="advice", params=None, datasets={})


@pytest.fixture(scope="module")
def staffed() -> Desk:
    return desk((TOY,))


SHORTS = itertools.count(1)
ALIKE = {"i": "iIıɪɩіΙ1lL", "t": "tTᴛŧТτ", "y": "yYʏɣуÿ", "c": "cCᴄçсϲ", "-": "- _.'"}


@attempts(60)
@given(st.data())
def test_no_name_that_looks_like_a_unit_is_another_unit(staffed: Desk, data: st.DataObject) -> None:
    """Two accounts of one person: the second one's unit is spelled as in no register, or it cannot be enrolled."""
    alike = st.tuples(*(st.sampled_from(ALIKE[c]) for c in "city-it")).map("".join)
    seen, short = data.draw(alike | disguises("city-it")), f"second-{next(SHORTS)}"
    by, council = staffed.people["custodian"], staffed.people["council"]
    try:
        second = staffed.office.enrol(short, name="Custodian", unit=seen, roles={Role.BOARD}, by=by, second=council)
    except InputError as error:
        assert error.accepted
        return
    proposal = propose_vocabulary(staffed.kernel, by, AREA, words="one two three")
    step_up.prove(staffed.kernel, second)
    with pytest.raises(Refused):
        dual_control.approve(staffed.kernel, second, proposal)


@pytest.fixture(scope="module")
def permitted() -> tuple[Desk, Permit, Permit]:
    """A town, a permit that is used up, and one that is not."""
    town = desk((TOY,))
    town.authorizations(COUNT, days=900)
    used, fresh = town.ask(COUNT), town.ask(COUNT)
    for _ in range(COUNT.asks.runs):
        verbs.run(town.kernel, town.people["analyst"], used)
    return town, used, fresh


@attempts(80)
@given(
    st.data(),
    st.sets(st.sampled_from([f.name for f in dataclasses.fields(Permit)]), min_size=1, max_size=2),
    st.booleans(),
)
def test_no_permit_serves_with_another_field(
    permitted: tuple[Desk, Permit, Permit], data: st.DataObject, names: set[str], mixed: bool
) -> None:
    """Fields of the used one in the fresh one, or the other way round, or values of the attacker's own."""
    town, used, fresh = permitted
    own = {"runs": 99, "until": "2099-01-01T00:00:00+00:00", "capability": "toy.prove", "case": "c-0", "by": "board"}
    base, other = (used, fresh) if data.draw(st.booleans()) else (fresh, used)
    changes = {n: getattr(other, n) if mixed or n not in own else own[n] for n in names}
    made = dataclasses.replace(base, **changes)
    assume(made != fresh)
    opened = len(town.opened())
    with pytest.raises(PeelianError) as error:
        verbs.run(town.kernel, town.people["analyst"], made)
    assert str(error.value) and len(town.opened()) == opened


HOLDERS = {"board": Role.BOARD, "privacy-officer": Role.PRIVACY_OFFICER, "auditor": Role.AUDITOR}


def _second(town: Desk, role: Role, short: str = "second") -> Operator:
    by, agrees = town.people["custodian"], town.people["council"]
    return town.office.enrol(short, name=short, unit=f"unit of {short}", roles={role}, by=by, second=agrees)


@pytest.mark.parametrize("short", sorted(HOLDERS))
@pytest.mark.parametrize("by", ["custodian", "council"])
def test_the_only_account_that_can_suspend_is_closed(town: Desk, short: str, by: str) -> None:
    """Attempt 9: then nobody could suspend, and putting somebody back takes two."""
    before = town.kinds()
    with pytest.raises(Refused) as refused:
        retire(town.kernel, town.people[by], town.people[short].person.token)
    assert [one.rule for one in refused.value.reasons] == ["an_oversight_role_keeps_a_holder"]
    assert all(one.remedy for one in refused.value.reasons) and town.kinds() == before
    _second(town, HOLDERS[short])
    assert retire(town.kernel, town.people[by], town.people[short].person.token), "there is a successor"


@pytest.mark.parametrize("short", sorted(HOLDERS))
def test_the_last_holder_is_enrolled_again_without_the_role(town: Desk, short: str) -> None:
    """Variant: nobody is closed; one role of several is taken away, which one person alone may."""
    holder, by = town.people[short].person, town.people["custodian"]
    more = dataclasses.replace(holder, roles=holder.roles | {Role.CLERK})
    with_more = enrolment.agreed_at_once(town.kernel, more, by=by, second=town.people["council"])
    enrolment.enrol(town.kernel, more, by=by, proposal=with_more)
    for roles in ({Role.CLERK}, {Role.CLERK, Role.ANALYST}):
        with pytest.raises(Refused, match="last trained holder"):
            enrolment.enrol(town.kernel, dataclasses.replace(more, roles=frozenset(roles)), by=by)
    assert enrolment.enrol(town.kernel, holder, by=by).roles == holder.roles, "the other role may go"
    moved = dataclasses.replace(holder, unit="the other house")
    agreed = enrolment.agreed_at_once(town.kernel, moved, by=by, second=town.people["council"])
    assert enrolment.enrol(town.kernel, moved, by=by, proposal=agreed).unit == "the other house"
    with pytest.raises(Refused, match="last trained holder"):
        retire(town.kernel, by, holder.token)


def test_the_last_two_holders_are_closed_at_once_from_two_programs(town: Desk) -> None:
    """Variant: each program still sees the other holder when it begins."""
    second, other = _second(town, Role.BOARD).person, another_program(town)
    assert second.token in other.state.people, "it has looked"
    assert retire(town.kernel, town.people["custodian"], second.token)
    with pytest.raises(Refused, match="last trained holder"):
        retire(other, town.people["custodian"], town.people["board"].person.token)
    assert [one for one in other.state.people.values() if Role.BOARD in one.roles] == [town.people["board"].person]


def test_a_successor_whose_training_ended_is_none(town: Desk) -> None:
    second = _second(town, Role.BOARD).person
    short = dataclasses.replace(second, trained_until=(town.clock.now.date()).isoformat())
    enrolment.enrol(town.kernel, short, by=town.people["custodian"])
    town.clock.days(1)
    with pytest.raises(Refused, match="last trained holder"):
        retire(town.kernel, town.people["custodian"], town.people["board"].person.token)
    assert retire(town.kernel, town.people["custodian"], second.token), "the trained one stays"


def test_training_counts_on_its_last_day(town: Desk) -> None:
    second, board = _second(town, Role.BOARD), town.people["board"]
    for one in (second.person, board.person):
        until = dataclasses.replace(one, trained_until=town.clock.now.date().isoformat())
        enrolment.enrol(town.kernel, until, by=town.people["custodian"])
    assert "board" not in str([says for over, says in holders_ending(town.kernel) if over])
    assert not stands_in(town.kernel, town.kernel.state.people[board.person.token], town.clock.now)
    assert retire(town.kernel, town.people["custodian"], second.person.token), "the other is trained today"
    town.clock.days(1)
    assert "board" in str([says for over, says in holders_ending(town.kernel) if over])
    assert stands_in(town.kernel, town.kernel.state.people[board.person.token], town.clock.now)
    with pytest.raises(Refused, match="last trained holder"):
        retire(town.kernel, town.people["custodian"], board.person.token)


def test_a_lost_key_of_the_last_holder_is_replaced_by_a_successor_first(town: Desk) -> None:
    board, custodian = town.people["board"].person, town.people["custodian"]
    with pytest.raises(Refused) as refused:
        enrolment.enrol(town.kernel, dataclasses.replace(board, public_key="00" * 32), by=custodian)
    assert "successor first" in refused.value.reasons[0].remedy
    assert "Close the account first" in str(_refused_key(town, "clerk"))


def _refused_key(town: Desk, short: str) -> Refused:
    other = dataclasses.replace(town.people[short].person, public_key="00" * 32)
    with pytest.raises(Refused) as refused:
        enrolment.enrol(town.kernel, other, by=town.people["custodian"])
    return refused.value


def test_training_lapses_and_somebody_can_still_suspend_and_only_that(town: Desk) -> None:
    """Variant: nobody closes anything; everybody just waits until the training of the last holder is over."""
    board = town.people["board"]
    assert not list(holders_ending(town.kernel))
    town.clock.days(340)
    assert {over for over, _ in holders_ending(town.kernel)} == {False} and len(list(holders_ending(town.kernel))) == 3
    assert not why_not_enter(town.kernel, board.person, "cases")
    town.clock.days(26)
    assert {over for over, _ in holders_ending(town.kernel)} == {True}
    for room in ("desk", "suspension", "suspend", "cases", "tasks", "authorizations", "accesses", "sessions"):
        rules = {one.policy for one in why_not_enter(town.kernel, board.person, room)}
        rules -= {"the_room_takes_a_fresh_step_up"}
        is_open = room in ("desk", "suspension", "suspend")
        assert rules == (set() if is_open else {"the_one_who_enters_is_trained"}), room
    with pytest.raises(Refused, match="training expired"):
        retire(town.kernel, board, town.people["clerk"].person.token)
    suspend(town.kernel, board, "toy")
    assert "toy" in town.kernel.state.suspended
    with pytest.raises(Refused, match="training expired"):
        lift(town.kernel, town.people["auditor"], board, "toy")
    with pytest.raises(Refused, match="training expired"):
        suspend(town.kernel, town.people["clerk"], "toy")
    with pytest.raises(Refused, match="training expired"):
        suspend(town.kernel, town.people["council"], "toy")


def test_a_lapsed_holder_suspends_at_the_pages_until_another_is_trained(town: Desk) -> None:
    town.clock.days(366)
    app = make_app(town.office)
    board = logged_on(app, town.office, "board")
    assert "they can only suspend" in board.get("/en/desk").text
    assert (
        send(board, "/en/suspension/toy", act="suspend", reason="harm").status_code == 303
        and "toy" in town.kernel.state.suspended
    )
    assert board.get("/en/cases").status_code == 403 and board.get("/en/tasks").status_code == 403


def test_a_lapsed_holder_beside_a_trained_one_suspends_nothing(town: Desk) -> None:
    second = _second(town, Role.BOARD)
    later = dataclasses.replace(second.person, trained_until="2028-01-01")
    enrolment.enrol(town.kernel, later, by=town.people["custodian"])
    town.clock.days(366)
    with pytest.raises(Refused, match="training expired"):
        suspend(town.kernel, town.people["board"], "toy")
    suspend(town.kernel, Operator(person=later, sign=second.sign), "toy")


def test_during_the_founding_the_first_board_member_cannot_be_taken_back_without_another() -> None:
    """Once a role had a holder it keeps one, whoever founds the office."""
    office = memory_office(known=(TOY,))
    first = office.enrol("it", name="I", unit="it", roles={Role.CUSTODIAN})
    assert office.kernel.state.founding.held == set()
    office.enrol("aa", name="A", unit="audit", roles={Role.AUDITOR}, by=first)
    with pytest.raises(Refused, match="last trained holder"):
        retire(office.kernel, first, office.person("aa").token)
    office.enrol("bb", name="B", unit="audit", roles={Role.AUDITOR}, by=first)
    assert retire(office.kernel, first, office.person("aa").token) and office.kernel.state.founding.held <= OVERSIGHT


JUMPS = [(30.99, False), (31, True), (32, True), (400, True)]  # the test itself takes some hundredths of a second


@pytest.mark.parametrize(("days", "refused"), JUMPS)
def test_somebody_is_enrolled_or_approved_with_the_clock_set_ahead(town: Desk, days: float, refused: bool) -> None:
    """The clock goes ahead, somebody logs on, is enrolled until a far day, and the clock is set back."""
    by, council = town.people["custodian"], town.people["council"]
    long = {one: dataclasses.replace(p.person, trained_until="2031-02-01") for one, p in town.people.items()}
    for one in long:
        enrolment.enrol(town.kernel, long[one], by=council if one == "custodian" else by)
    guard(town.kernel)
    town.clock.days(days)
    step_up.prove(town.kernel, council)  # an entry of the later time: the log's own has not gone on
    outcomes = []
    for act in (
        lambda: town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=by),
        lambda: enrolment.enrol(town.kernel, dataclasses.replace(long["clerk"], trained_until="2031-03-01"), by=by),
        lambda: dual_control.approve(town.kernel, council, _proposed(town, by)),
    ):
        try:
            act()
            outcomes.append("")
        except Refused as error:
            outcomes.append(error.reasons[0].rule)
    assert set(outcomes) == ({"a_jump_of_the_clock_is_confirmed"} if refused else {""})
    if refused:
        confirm_clock(town.kernel, by, council)
        assert town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=by)
        assert dual_control.approve(town.kernel, council, _proposed(town, by))


def _proposed(town: Desk, by: Operator) -> str:
    return dual_control.propose(town.kernel, by, "rotate_keys", words="one two three")


def test_whoever_was_trained_before_a_long_pause_confirms_the_clock_after_it_and_nothing_else(town: Desk) -> None:
    """Else nobody might be left who may. Variant: somebody whose training had ended before."""
    by, council = town.people["custodian"], town.people["council"]
    ended = dataclasses.replace(town.people["board"].person, trained_until="2026-03-03")
    enrolment.enrol(town.kernel, ended, by=by)
    town.clock.days(10)
    town.kernel.append("HEARTBEAT", entries=1) if town.kernel.registrar is None else step_up.prove(town.kernel, by)
    guard(town.kernel)
    town.clock.days(460)
    with pytest.raises(Refused, match="training expired"):
        dual_control.propose(town.kernel, town.people["board"], "clock", words="the date is right")
    confirm_clock(town.kernel, by, council)
    with pytest.raises(Refused, match="training expired"):
        _proposed(town, by)


def test_the_clock_is_set_right_and_nothing_is_left_of_the_jump(town: Desk) -> None:
    """Variant: entries are made ahead of time in steps of less than a month, so that the log would seem to be there."""
    by, council = town.people["custodian"], town.people["council"]
    guard(town.kernel)
    town.clock.days(60)
    for _ in range(3):
        step_up.prove(town.kernel, council)
        town.clock.days(20)
        with pytest.raises(Refused, match="two people confirm it"):
            town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=by)
    town.clock.days(-120)
    assert town.office.enrol("new", name="N", unit="u", roles={Role.CLERK}, by=by)
    step_up.prove(town.kernel, council)
    assert dual_control.approve(town.kernel, council, _proposed(town, by))


def _told(town: Desk) -> list[bool]:
    """Whether the public and a person's own page say that one person founded the office, in both languages."""
    client = at_pages(make_app(town.office))
    pages = [client.get(f"/{language}/").text for language in ("en", "fr")]
    return ["Founded by one person alone" in pages[0], "par une seule personne" in pages[1]]


def test_one_person_types_every_passphrase_at_the_founding(town: Desk) -> None:
    """Attempt 10: everybody is enrolled, signs and approves at one desk. Every page says so."""
    step_up.prove(town.kernel, town.people["council"])
    dual_control.approve(town.kernel, town.people["council"], _proposed(town, town.people["custodian"]))
    assert founded_alone(town.kernel) and _told(town) == [True, True]
    assert founded_alone(another_program(town))
    for shape in SHAPES:
        assert exported(town.kernel, shape, "en", town.office.say("en"))["founded_by_one_person_alone"] is True


@pytest.mark.parametrize("who", ["founder", "same unit", "provider"])
def test_a_log_on_that_proves_no_second_person_is_made(town: Desk, who: str) -> None:
    """Variants: the founder's own session, that of an account of the founder's unit, a word of the city's provider."""
    by, sessions = town.people["custodian"], Sessions(town.kernel)
    if who == "same unit":
        by = town.office.enrol("helper", name="Helper", unit="City  IT", roles={Role.CLERK}, by=by)
    if who == "provider":
        sessions.begin(town.people["clerk"].person, "provider", proof=None)
    else:
        sessions.begin(by.person, "key", proof=a_pass(town.kernel, by))
    assert founded_alone(town.kernel) and _told(town) == [True, True]


def test_a_second_person_proves_their_key(town: Desk) -> None:
    clerk = town.people["clerk"]
    assert founded_alone(town.kernel)
    Sessions(town.kernel).begin(clerk.person, "key", proof=a_pass(town.kernel, clerk))
    assert not founded_alone(town.kernel) and not founded_alone(another_program(town))
    assert _told(town) == [False, False]
    assert exported(town.kernel, "atrs", "en", town.office.say("en"))["founded_by_one_person_alone"] is False
    retire(town.kernel, town.people["custodian"], clerk.person.token)
    assert not founded_alone(another_program(town)), "they did, also once they have left"


def test_an_office_without_people_was_founded_by_nobody() -> None:
    assert not founded_alone(memory_office(known=(TOY,)).kernel)
