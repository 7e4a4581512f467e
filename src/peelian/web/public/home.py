"""The first page: what the town uses, what it refused and what was found, each a link to where it is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peelian.kernel.model.capability import Note
from peelian.kernel.state.known import unless_damaged
from peelian.operations.office import Office
from peelian.operations.witness_standing import witness_standing
from peelian.oversight.transparency.inventory import MOST_TOLD, STATES, Use, state_of, uses_of
from peelian.oversight.transparency.register import CaseSummary, n_cases, page, published_outline, refusals
from peelian.pictures.panels import Say
from peelian.pictures.words import days_said
from peelian.web.cases.pages import PLACE
from peelian.web.frame.lists import SOON, case_line
from peelian.wording.errors import with_days
from peelian.wording.labels import RULES, worded

NEWEST = 4  # published cases, each with its finding
MOST_REASONS = 5


def home(office: Office, say: Say, language: str) -> dict[str, Any]:
    """What `home.html` shows. O(capabilities + authorizations), and four cases read."""
    counted = unless_damaged(office.kernel.state.notice, lambda: _counted(office, say), None)
    technologies, tiles = counted or ((), ())
    newest = page(office.kernel, most=NEWEST, published=True).cases
    return {
        "title": say("Policing technology: uses and refusals"),
        "tiles": tiles,
        "technologies": technologies,
        "newest": [_found(office, case, say, language) for case in newest],
        "reasons": unless_damaged(office.kernel.state.notice, lambda: _reasons(office, say), ()),
        "witness": _witness(office, say),
    }


def _counted(office: Office, say: Say) -> tuple[list[dict[str, str]], list[tuple[int, str, str]]]:
    """The technologies as they stand, and the numbers above them, each with its words and address."""
    uses = uses_of(office.kernel)
    technologies = in_use(office, say, uses)
    states = [one["state"] for one in technologies]
    counts = (
        (states.count("in_use"), "%(n:technology in use|technologies in use)", "/inventory"),
        (sum(requests_of(own)[1] for own in uses.values()), "%(n:use refused|uses refused)", "/register#refusals"),
        (
            expiring(office),
            "%(n:authorization expires|authorizations expire) within 30 days",
            "/inventory?due=soon#uses",
        ),
        (states.count("suspended"), "%(n:technology suspended|technologies suspended)", "/inventory"),
        (n_cases(office.kernel, published=True), "%(n:case published|cases published)", "/register"),
    )
    return technologies, [(n, say(text, n=n), address) for n, text, address in counts]


def in_use(office: Office, say: Say, uses: Mapping[str, Sequence[Use]]) -> list[dict[str, str]]:
    """Each technology of the town: title, and how it and its uses stand, as in the inventory. O(capabilities)."""
    found = []
    for technology in office.kernel.technologies:
        own, title = uses[technology.id], say(technology.title)
        state, (asked, refused) = state_of(own), requests_of(own)
        counts = say("Requested: %(asked)d, refused: %(refused)d", asked=asked, refused=refused)
        found.append(
            {"id": technology.id, "title": title, "state": state, "state_text": say(STATES[state]), "counts": counts}
        )
    return sorted(found, key=lambda one: MOST_TOLD.index(one["state"]))


def requests_of(uses: Sequence[Use]) -> tuple[int, int]:
    """How many requests there were, and how many of them were refused, those of watches too, as in the inventory."""
    return sum(use.asked for use in uses), sum(use.refused for use in uses)


def finding(notes: Sequence[Note], own: Say) -> str:
    """The first sentence of what a case found; "" where it found none."""
    return next((own(note.text, **days_said(own, note.values)) for note in notes if note.kind == "finding"), "")


def _found(office: Office, case: CaseSummary, say: Say, language: str) -> dict[str, Any]:
    own = office.say(language, case.capability.partition(".")[0])
    outline = unless_damaged(office.kernel.state.notice, lambda: published_outline(office.kernel, case.case), None)
    notes, columns = outline or ((), frozenset())
    drawn = office.kernel.past_capability(case.capability).arithmetic().shows.map is not None and PLACE in columns
    return {**case_line(office, case, language, public=True), "finding": finding(notes, own), "mapped": drawn}


def expiring(office: Office) -> int:
    """How many authorizations in force end within 30 days. O(authorizations)."""
    now = office.kernel.now()
    ends = (authorization.ends for authorization in office.kernel.state.authorizations.values())
    return sum(now.isoformat() < end <= (now + SOON).isoformat() for end in ends)


def _reasons(office: Office, say: Say) -> list[tuple[str, int]]:
    """The most frequent reasons of refusals, each with how often it was given."""
    counted: dict[str, int] = {}
    for (_, rule), n in refusals(office.kernel).items():
        counted[rule] = counted.get(rule, 0) + n
    most = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST_REASONS]
    return [(worded(RULES, rule, say), n) for rule, n in most]


def _witness(office: Office, say: Say) -> dict[str, str]:
    """Who vouches for the log besides its own key, and what to do where nobody does."""
    standing = witness_standing(office)
    return {"says": with_days(standing.says, say), "remedy": with_days(standing.remedy, say)}
