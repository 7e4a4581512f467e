"""The page of a player inside a drill town: the clock, what appeared, what one's role decides, calls and the letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.drills.play import (
    FASTEST,
    NEVER,
    Play,
    Player,
    call,
    decide,
    end,
    move_on,
    play_of,
    read_letter,
    start,
)
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.auth_middleware import form_of, operator_of, seated
from peelian.web.breach.pages import Show, known_say
from peelian.web.frame.error_handler import status_of, told_of
from peelian.wording.labels import ROLES, worded

LEAD = "Play your own role. Use the pages of this town as you would use the real ones; nothing here is real or sent."


@dataclass(slots=True)
class DrillRoom:
    """The page in the drill town."""

    office: Office
    page: Show

    def shown(self, request: Request, language: str) -> Response:
        return self._page(request, language)

    async def acted(self, request: Request, language: str) -> Response:
        say, told = known_say(self.office, language), await form_of(request)
        by = operator_of(self.office, request)
        if told.get("act") not in ACTS:
            raise HTTPException(400)
        try:
            await run_in_threadpool(ACTS[told["act"]], self.office.kernel, by, told)
        except (Refused, InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self._page(request, language, **more))
        return RedirectResponse(f"/{language}/desk/drill", status_code=303)

    def _page(self, request: Request, language: str, **more: Any) -> Response:
        say, token = known_say(self.office, language), seated(request).person
        play = play_of(self.office.kernel)
        player = play.players.get(token)
        runs = bool(play.began) and not play.ended
        forms = {
            "play": play,
            "player": player,
            "leads": play.leader == token,
            "runs": runs,
            "next_minute": play.coming[0] if play.coming else play.minute + 10,
            "fastest": FASTEST,
            "decisions": [(one.id, one.words[language], one.due) for one in play.open_for(player.role)]
            if player and runs
            else [],
            "contacts": [(id, words[language]) for id, words in play.card.contacts.items()],
            "typed": {},
            "problem": (),
            **more,
        }
        panels = [*_panels(play, player, say, language)]
        return self.page(request, language, "Drill", LEAD, panels, section="/desk/drill", **forms)


def _panels(play: Play, player: Player | None, say: Say, language: str) -> Iterator[Panel]:
    yield Heading(text=play.card.title[language])
    yield Paragraph(text=_clock(play, say), tone="plain" if play.began else "warning")
    if player is None:
        yield Paragraph(text=say("You have no seat in this drill. Take one in the real office."), tone="warning")
    else:
        yield Paragraph(text=say("Your role: %(role)s.", role=worded(ROLES, player.role, say)))
    if play.missing:
        roles = ", ".join(worded(ROLES, one, say) for one in play.missing)
        yield Paragraph(text=say("Nobody plays: %(roles)s. What they must decide stays open.", roles=roles))
    if play.appeared:
        rows = tuple((str(one.minute), one.words[language]) for one in play.appeared)
        titles = (say("Minute"), say("What you are told"))
        yield Grid(caption=say("What happened"), titles=titles, rows=rows, numeric=frozenset({0}))
        says = say("Invented people concerned, in the data %(data)s: %(people)s", data=play.card.dataset,
                   people=", ".join(play.concerned))  # fmt: skip
        yield Paragraph(text=says)
    done = tuple(
        (str(one.minute), one.decision.words[language], worded(ROLES, one.decision.role, say), _time(one.late, say))
        for one in play.made
        if one.minute != NEVER
    )
    if done:
        heads = (say("Minute"), say("Decision"), say("Role"), say("State"))
        yield Grid(caption=say("Decided so far"), titles=heads, rows=done, numeric=frozenset({0}))


def _time(late: bool, say: Say) -> str:
    return say("LATE") if late else say("on time")


def _clock(play: Play, say: Say) -> str:
    if not play.began:
        return say("The drill has not begun. Its leader starts the clock.")
    if play.ended:
        return say("The drill is over. Its leader signs the report in the real office.")
    if play.factor:
        return say("Minute %(n)d of the drill. %(factor)d of its minutes pass in a real one.", n=play.minute,
                   factor=play.factor)  # fmt: skip
    return say("Minute %(n)d of the drill. Its leader moves the clock by hand.", n=play.minute)


# ---- what is done on the page


def _start(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> None:
    start(kernel, by, _whole(told, "factor"))


def _move(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> None:
    move_on(kernel, by, _whole(told, "minute"))


def _end(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> None:
    end(kernel, by)


def _decide(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> None:
    decide(kernel, by, told.get("decision", ""), told.get("words", ""))


def _call(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> None:
    reached = told.get("reached") == "yes"
    call(kernel, by, told.get("contact", ""), reached=reached, minutes=_whole(told, "minutes"))


def _whole(told: Mapping[str, str], name: str) -> int:
    text = told.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InputError("not a whole number", column=name, accepted="a whole number from 0 on")
    return int(text)


ACTS: Mapping[str, Callable[[Kernel, Operator, Mapping[str, str]], None]] = {
    "start": _start,
    "move": _move,
    "end": _end,
    "decide": _decide,
    "call": _call,
    "read": read_letter,
}
