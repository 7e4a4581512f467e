"""Cases' maps, drawn once and kept; the newest are drawn before anybody asks, while the pages are served."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain, islice
from threading import Event, Lock, Thread

from markupsafe import Markup
from starlette.exceptions import HTTPException

from peelian.errors import InputError
from peelian.kernel.gate import found_in
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.technology import ids_of
from peelian.kernel.state.kernel import CaseHistory
from peelian.operations.ground import ground_of
from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseRecord, CaseSummary, page, published_outline
from peelian.pictures.map_view import MapView, options_grid, still
from peelian.pictures.panels import Grid, Panels, Say
from peelian.web.cases.pages import PLACE, any_record
from peelian.web.framing import frame
from peelian.web.maps.ground import with_cell_names
from peelian.web.maps.planes import as_json, described, planes_of
from peelian.web.maps.scripts import compressed, locked_scripts
from peelian.web.pages import LANGUAGES, digest_of, environment

KEPT = 8  # maps drawn last, each in one language
MOST_LISTED = 40  # newest cases that are looked at
PREPARED = {True: 1, False: 2}  # how many newest maps, of the public ones and of the staff's: in both languages, 6
EVERY, PAUSE = 30.0, 1.0  # seconds between two looks for a new one, and after each that is drawn: others are served
_log = logging.getLogger("peelian.maps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A case's map in one language: what the page shows without script, and what the script fetches."""

    heading: str
    statement: str
    by_area: bool
    picture: Markup
    listed: Markup
    options: Markup
    beside: Markup
    planes: bytes
    told: bytes
    digest: str


Drawing = Callable[[str, bool, str], Drawn]
"""From a case, whether for the public, and a language. 404 where there is no map of it."""


class _Once:
    """One map: whoever asks while it is being drawn waits for it."""

    def __init__(self, draw: Callable[[], Drawn]) -> None:
        self._draw, self._lock = draw, Lock()
        self._made: Drawn | None = None

    def __call__(self) -> Drawn:
        with self._lock:
            made = self._made = self._made or self._draw()
        return made


def drawing(office: Office) -> Drawing:
    """Draws a case's map, and keeps the last few while what they show is neither redone nor erased."""

    @lru_cache(maxsize=KEPT)
    def once(case: str, public: bool, language: str, made_of: tuple[str, ...]) -> _Once:
        return _Once(partial(_drawn, office, case, public, language))

    def current(case: str, public: bool, language: str) -> Drawn:
        history, ground = office.kernel.state.histories[case], ground_of(office)
        documents = (mark for kind in ("RAN", "PUBLISHED", "ERASED") for mark in marks(history, kind))
        return once(case, public, language, (*documents, ground.digest if ground else ""))()

    return current


def has_map(office: Office, one: CaseSummary, *, public: bool) -> bool:
    """Whether a case has a map that may be shown: to the public, or to the staff who see its findings."""
    capability, history = office.kernel.past_capability(one.capability), office.kernel.state.histories[one.case]
    if capability.arithmetic().shows.map is None or not marks(history, "RAN") or marks(history, "ERASED"):
        return False
    return not public or PLACE in published_outline(office.kernel, one.case)[1]


def marks(history: CaseHistory, kind: str) -> tuple[str, ...]:
    """What a case's entries of one kind are known by."""
    return tuple(f"{kind} {entry.get('document', '')}" for _, entry in history.entries if entry["kind"] == kind)


@contextmanager
def prepared(office: Office, drawing: Drawing, pause: float = PAUSE) -> Iterator[None]:
    """While the block runs, a thread draws the newest maps soon after they are there. It ends with the block."""
    ended = Event()
    thread = Thread(target=_prepare, args=(office, drawing, pause, ended), name="maps", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _prepare(office: Office, drawing: Drawing, pause: float, ended: Event) -> None:
    """What cannot be drawn is logged once; whoever asks for it gets the error's page."""
    tried: set[tuple[str, bool, str]] = set()
    _read(office)
    while not ended.is_set():
        try:
            newest = _newest(office)
        except Exception as error:
            _log.warning("No map can be drawn beforehand: %s", type(error).__name__)
            return
        for key in newest:
            if key not in tried and not ended.is_set():
                tried.add(key)
                try:
                    made = drawing(*key)
                    compressed(made.told)
                    compressed(made.planes)
                except Exception as error:
                    _log.warning("The map of %s was not drawn beforehand: %s", key[0], type(error).__name__)
                ended.wait(pause)
        ended.wait(EVERY)


def _read(office: Office) -> None:
    """Read what the first visitors would wait for: every technology's words, the map's scripts and its template."""
    with suppress(InputError):  # a damaged catalogue: told to whoever asks in that language
        for technology in ids_of(office.kernel.technologies):
            for language in LANGUAGES:
                office.say(language, technology)
    with suppress(InputError):  # a script is missing: the maps stay pictures
        for script in locked_scripts().values():
            compressed(script.content)
    environment().get_template("map.html")


def _newest(office: Office) -> list[tuple[str, bool, str]]:
    """The newest maps, those for everybody first; of the staff's, those that were decided. O(MOST_LISTED cases)."""
    found = []
    for public, n in PREPARED.items():
        cases = (
            one.case
            for one in page(office.kernel, most=MOST_LISTED, published=public).cases
            if marks(office.kernel.state.histories[one.case], "DECIDED") and has_map(office, one, public=public)
        )
        found += [(case, public, language) for case in islice(cases, n) for language in LANGUAGES]
    return found


def _drawn(office: Office, case: str, public: bool, language: str) -> Drawn:
    """The map of a case: who shows it has asked the gate for whom."""
    record = any_record(office, case)
    found = record.public if public else found_in(office.kernel, case)
    say = office.say(language, record.capability.technology)
    draw = record.capability.arithmetic().shows.map
    view = draw(found, _facts(office, record), say) if found and draw else None
    if view is None:
        raise HTTPException(404)
    return _whole(_named(office, record, view, office.say(language)), say, office.say(language))


def _named(office: Office, record: CaseRecord, view: MapView, say: Say) -> MapView:
    """The map with what people call the place beside each selected cell, where the office has streets."""
    grid = view.listed
    every = replace(grid, rows=tuple(chain(grid.rows, *(option.rows for option in view.options)))) if grid else None
    made = with_cell_names(office, record.request.datasets, every, say) if every else None
    if grid is None or made is None:
        return view
    rows = iter(made.rows)
    listed = replace(made, rows=tuple(islice(rows, len(grid.rows))))
    options = tuple(replace(option, rows=tuple(islice(rows, len(option.rows)))) for option in view.options)
    return replace(view, listed=listed, options=options)


def _whole(view: MapView, own: Say, say: Say) -> Drawn:
    """A map as HTML and as what the script fetches."""
    planes = planes_of(view)
    digest = digest_of(planes)
    told = as_json({**described(view, own), "digest": digest})
    listed = [replace(view.listed, folded=False, source=None)] if view.listed else []
    first = options_grid(view, own("Price of equity: what each limit costs"), own("Option"))
    return Drawn(
        heading=view.heading,
        statement=view.statement,
        by_area=view.by_area,
        picture=frame([still(view, own)], say).html,
        listed=_numbered(listed, say, "cells"),
        options=_numbered([replace(first, folded=True)] if first else [], say, "options"),
        beside=_numbered([p for p in view.beside if not isinstance(p, Grid) or p.rows], say, "beside"),
        planes=planes,
        told=told,
        digest=digest,
    )


def _numbered(panels: Panels, say: Say, name: str) -> Markup:
    return frame(panels, say, anchors=f"{name}-").html


def _facts(office: Office, record: CaseRecord) -> dict[str, Mapping[str, Scalar]]:
    """The facts of the case's datasets by role, of those that were destroyed since, too."""
    state, made = office.kernel.state, {}
    for role, name in record.request.datasets.items():
        one = state.datasets.get(name) or state.destroyed.get(name)
        if one is not None:
            made[role] = one.facts
    return made
