"""A drill as it is played in its town: the clock, what appeared, who decided what at which minute, and what is late.

Everything is told by the drill town's own log. The clock is the real one, a faster one, or moved by hand (factor 0):
its minutes follow from the steps of whoever leads the drill, so that two readers of one log see the same minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.records.drill_records import FEWEST_WORDS, MOST_WORDS, step_drill
from peelian.kernel.records.office_records import records_of, subject_token
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.incident import register
from peelian.oversight.drills.cards import Card, Decision, Inject, card_of

FASTEST, MOST_MINUTES = 120, 9_999
NEVER = -1  # the minute of what did not happen
READING = ("who", "what", "next")  # what a reader of the letter must find in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Who sits at a desk of the drill town, and the role they play."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One decision of the card, and what came of it: at which minute (NEVER: not), by which desk, in which words or by
    which act."""

    decision: Decision
    minute: int = NEVER
    name: str = ""
    words: str = ""

    @property
    def late(self) -> bool:
        """Whether it was not made, or made after its time."""
        return self.minute == NEVER or self.minute > self.decision.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The state of a drill in its town."""

    card: Card
    concerned: tuple[str, ...]  # the invented people whom it concerns, as the lists of the drill town name them
    leader: str  # a token of the drill town
    players: Mapping[str, Player]  # token → who plays
    factor: int
    began: str
    ended: str
    minute: int
    made: tuple[Made, ...]
    calls: tuple[Mapping[str, Any], ...]
    reading: Mapping[str, Any]
    acted: frozenset[str]  # names of the desks that did something

    @property
    def appeared(self) -> tuple[Inject, ...]:
        """What the players have been told so far."""
        return tuple(one for one in self.card.injects if self.began and one.minute <= self.minute)

    @property
    def coming(self) -> tuple[int, ...]:
        """The minutes at which something will appear."""
        return tuple(one.minute for one in self.card.injects if one.minute > self.minute)

    @property
    def missing(self) -> tuple[str, ...]:
        """The roles of the card that nobody plays."""
        played = {one.role for one in self.players.values()}
        return tuple(role for role in self.card.roles if role not in played)

    def open_for(self, role: str) -> tuple[Decision, ...]:
        """What a role still has to decide, as far as it is known now."""
        known = (one for one in self.made if one.minute == NEVER and one.decision.role == role)
        return tuple(one.decision for one in known if self.began and one.decision.after <= self.minute)


@dataclass(slots=True)
class _Clock:
    """Minutes of the drill, from the moments at which its leader set them."""

    factor: int = 0
    began: str = ""
    at: datetime | None = None
    minute: int = 0

    def minute_at(self, moment: datetime) -> int:
        if self.at is None:
            return 0
        passed = max(0.0, (moment - self.at).total_seconds())
        return min(MOST_MINUTES, self.minute + int(passed * self.factor // 60))

    def set(self, moment: datetime, minute: int) -> None:
        self.minute, self.at = max(minute, self.minute_at(moment)), moment


def play_of(kernel: Kernel) -> Play:
    """The drill of this town as it stands now. OutOfOrder where the town has none. O(entries)."""
    told = sorted([*_steps(kernel), *_acts(kernel)], key=lambda one: one[0])
    prepared = next(((body, by) for _, _, by, step, body in told if step == "prepared"), None)
    if prepared is None:
        raise OutOfOrder("This office is no drill town.")
    body, leader = prepared
    card = card_of(body["card"])
    course = _Course(made={one.id: Made(decision=one) for one in card.decisions})
    for _, at, by, step, said in told:
        course.fold(at, by, step, said)
    return Play(
        card=card,
        concerned=tuple(body["concerned"]),
        leader=leader,
        players=course.players,
        factor=course.clock.factor,
        began=course.clock.began,
        ended=course.ended,
        minute=course.clock.minute_at(kernel.now()),
        made=tuple(course.made.values()),
        calls=tuple(course.calls),
        reading=course.reading,
        acted=frozenset(course.acted),
    )


@dataclass(slots=True)
class _Course:
    """What was told so far, step by step."""

    made: dict[str, Made]
    clock: _Clock = field(default_factory=_Clock)
    players: dict[str, Player] = field(default_factory=dict)
    ended: str = ""
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    reading: dict[str, Any] = field(default_factory=dict)
    acted: set[str] = field(default_factory=set)

    def fold(self, at: datetime, by: str, step: str, body: Mapping[str, Any]) -> None:
        """One step more."""
        if step == "seated":
            self.players[by] = Player(name=body["name"], role=body["role"])
        elif step == "started":
            self.clock.factor, self.clock.began = int(body["factor"]), at.isoformat()
            self.clock.set(at, 0)
        elif step == "moved":
            self.clock.set(at, int(body["minute"]))
        elif step == "ended":
            self.clock.set(at, 0)
            self.clock.factor, self.ended = 0, at.isoformat()
        elif by in self.players and self.clock.began and not self.ended:
            self._acted(step, body, self.players[by], self.clock.minute_at(at))

    def _acted(self, step: str, body: Mapping[str, Any], player: Player, minute: int) -> None:
        done = _done(step, body, self.made, player, minute)
        self.made |= {one.decision.id: one for one in done}
        if step == "called":
            self.calls.append({**body, "name": player.name, "minute": minute})
        elif step == "read":
            self.reading = {**body, "name": player.name, "role": player.role, "minute": minute}
        if done or step in ("called", "read"):
            self.acted.add(player.name)


Told = tuple[int, datetime, str, str, Mapping[str, Any]]


def _steps(kernel: Kernel) -> Iterator[Told]:
    for index, one in records_of(kernel, "drill_step"):
        yield index, datetime.fromisoformat(one.at), one.by, str(one.body["step"]), one.body


def _acts(kernel: Kernel) -> Iterator[Told]:
    """Steps of incidents, as the log names them: INCIDENT, AMENDED.contained and so on."""
    for index, entry in kernel.stores.log.read():
        if entry["kind"] in ("INCIDENT", "AMENDED"):
            step = f".{entry['step']}" if "step" in entry else ""
            yield index, datetime.fromisoformat(str(entry["t"])), str(entry["by"]), f"{entry['kind']}{step}", {}


def _done(step: str, body: Mapping[str, Any], made: Mapping[str, Made], player: Player, minute: int) -> list[Made]:
    """The decisions that a step makes: the one it names, or those whose act it is."""
    if step == "decided":
        found = [made[body["decision"]]]
    else:
        found = [one for one in made.values() if one.decision.act == step]
    return [
        Made(decision=one.decision, minute=minute, name=player.name, words=str(body.get("words", "")))
        for one in found
        if one.minute == NEVER and one.decision.role == player.role
    ]


# ---- what the players do


def prepare(kernel: Kernel, leader: Operator, card: Card, concerned: Sequence[str]) -> None:
    """Say which card is played, which invented people it concerns, and who leads."""
    step_drill(kernel, leader, "prepared", {"card": card.id, "concerned": list(concerned)})


def sit_down(kernel: Kernel, by: Operator, name: str, role: str) -> None:
    """A player takes their desk, in the role that they signed for in the real office."""
    step_drill(kernel, by, "seated", {"name": name, "role": role})


def start(kernel: Kernel, by: Operator, factor: int) -> None:
    """Start the clock: `factor` minutes of the drill in a real one; 0: it is moved by hand."""
    play = _led(kernel, by)
    if play.began:
        raise OutOfOrder("This drill has begun already.")
    if not 0 <= factor <= FASTEST:
        accepted = sentence("a whole number from 0 to %(most)d", most=FASTEST)
        raise InputError("speed of the clock", column="factor", accepted=accepted)
    step_drill(kernel, by, "started", {"factor": factor})


def move_on(kernel: Kernel, by: Operator, minute: int) -> None:
    """Move the clock ahead to a minute."""
    play = _led(kernel, by)
    _must_run(play)
    if not play.minute < minute <= MOST_MINUTES:
        accepted = sentence("a minute after %(now)d", now=play.minute)
        raise InputError("the clock only goes on", column="minute", accepted=accepted)
    step_drill(kernel, by, "moved", {"minute": minute})


def end(kernel: Kernel, by: Operator) -> None:
    """End the drill, once everything of its card has appeared."""
    play = _led(kernel, by)
    _must_run(play)
    if play.coming:
        says = "Something of the card is still to come, at minute %(minute)d. Play on, or abandon the drill."
        raise OutOfOrder(sentence(says, minute=play.coming[0]))
    step_drill(kernel, by, "ended", {"minute": play.minute})


def decide(kernel: Kernel, by: Operator, decision: str, words: str) -> None:
    """Say what one's role decided. Refused where it is another role's decision."""
    play, player = _playing(kernel, by)
    one = next((made for made in play.made if made.decision.id == decision), None)
    if one is None or one.decision.after > play.minute:
        raise InputError("no decision of this drill", column="decision", accepted="one that stands on your page")
    if one.decision.role != player.role:
        says = "another role must decide this"
        raise Refused([refusal("each_role_decides_its_own", says, "Leave it to them, or find who stands in for them.")])
    if one.minute != NEVER:
        raise OutOfOrder("This was decided already.")
    step_drill(kernel, by, "decided", {"decision": decision, "words": _words(words, "words")})


def call(kernel: Kernel, by: Operator, contact: str, *, reached: bool, minutes: int) -> None:
    """A contact of the call list was tried: reached or not, after how many minutes."""
    play, _ = _playing(kernel, by)
    if contact not in play.card.contacts:
        raise InputError("not on the call list", column="contact", accepted="one that stands on your page")
    if not 0 <= minutes <= MOST_MINUTES:
        raise InputError("minutes", column="minutes", accepted=sentence("0 to %(most)d", most=MOST_MINUTES))
    step_drill(kernel, by, "called", {"contact": contact, "reached": int(reached), "minutes": minutes})


def read_letter(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> None:
    """Somebody who did not write the letter says what it told them: who writes, what happened to whose data, what
    to do now."""
    _, player = _playing(kernel, by)
    if player.role == "clerk":
        raise OutOfOrder("The clerk has the letter written. Give it to somebody else to read.")
    step_drill(kernel, by, "read", {name: _words(told.get(name, ""), name) for name in READING})


def played(kernel: Kernel) -> dict[str, Any]:
    """What the report says of a drill's play, in whole numbers and words; names are desks of the drill town."""
    play = play_of(kernel)
    wanted = {subject_token(kernel, one) for one in play.concerned}
    people = {one for incident in register(kernel) for one in incident.subjects}
    return {
        "card": play.card.id,
        "began": play.began,
        "ended": play.ended,
        "minutes": play.minute,
        "affected": len(wanted),
        "found": len(people & wanted),
        "extra": len(people - wanted),
        "decisions": [
            {"id": m.decision.id, "role": m.decision.role, "after": m.decision.after, "within": m.decision.within,
             "minute": m.minute, "name": m.name, "words": m.words}
            for m in play.made
        ],
        "late": [m.decision.id for m in play.made if m.late],
        "calls": [dict(one) for one in play.calls],
        "untried": [one for one in play.card.contacts if one not in {call["contact"] for call in play.calls}],
        "reading": dict(play.reading),
        "missing": list(play.missing),
        "acted": sorted(play.acted),
    }  # fmt: skip


def _led(kernel: Kernel, by: Operator) -> Play:
    play = play_of(kernel)
    if by.person.token != play.leader:
        says = "somebody else leads this drill"
        raise Refused([refusal("the_leader_leads", says, "Whoever opened the drill sets its clock.")])
    return play


def _playing(kernel: Kernel, by: Operator) -> tuple[Play, Player]:
    play = play_of(kernel)
    _must_run(play)
    player = play.players.get(by.person.token)
    if player is None:
        raise OutOfOrder("You have no seat in this drill. Take one in the real office.")
    return play, player


def _must_run(play: Play) -> None:
    if not play.began:
        raise OutOfOrder("This drill has not begun.")
    if play.ended:
        raise OutOfOrder("This drill is over.")


def _words(text: str, column: str) -> str:
    plain = text.strip()[:MOST_WORDS]
    if len(plain.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("too few words", column=column, accepted=accepted)
    return plain
