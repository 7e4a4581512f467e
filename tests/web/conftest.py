"""What the tests of the web door share: an office with cases in every state, its pages served, a browser."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import toy
from anyio.from_thread import start_blocking_portal
from authentication import ONE_LOOP
from browser import chromium, drawing, served
from changed import changed
from deciding import read_and_decide
from desk import Desk, desk
from fastapi import FastAPI
from playwright.sync_api import Browser

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Findings
from peelian.kernel.model.technology import Technology
from peelian.pictures.charts import Bars, Interval, Series, bars, intervals, lines, matrix
from peelian.pictures.maps import CellMap, grid_map
from peelian.pictures.panels import Grid, Heading, Panels, Paragraph, Say
from peelian.web.app import make_app


def gallery(findings: Findings, say: Say) -> Panels:
    """A view with one of everything a page can show."""
    told = {"alternative": "What it shows, in a sentence.", "say": say}
    tones = zip(findings.notes, TONES, strict=True)
    return [
        *(Paragraph(text=say(note.text, **note.values), tone=tone) for note, tone in tones),
        Heading(text="Charts"),
        *charts(told),
        Heading(text="Maps"),
        *maps(told),
        long_grid(findings),
    ]


def charts(told: dict[str, Any]) -> Panels:
    """Every kind of chart."""
    x = np.linspace(0.01, 1, 30)
    curves = [Series(name="first", x=x, y=x**0.5, low=x**0.6, high=x**0.4), Series(name="second", x=x, y=x)]
    rows = [Interval(label="North", value=0.2, low=0.1, high=0.3, note="n = 40"), Interval(label="South", value=0.5)]
    sets = [Bars(name="a", values=[3, 4]), Bars(name="b", values=[1, 2])]
    names = [f"A group with a long name {i}" for i in range(9)]
    return [
        lines(curves, x_title="searched", y_title="found", caption="Curves", percent=True, reference=0.5, **told),
        intervals(rows, value_title="rate", caption="Intervals", percent=True, **told),
        bars(["North", "South"], sets, value_title="n", caption="Targets", **told),
        matrix(names, names, np.arange(81.0).reshape(9, 9), caption="Matrix", **told),
    ]


def maps(told: dict[str, Any]) -> Panels:
    """A map of cells."""
    row, col = np.divmod(np.arange(120), 12)
    cells = CellMap(
        row=row, col=col, values=(row * col) / 9.0, cell_metres=250.0, marked=[119, 60], marked_title="Places named"
    )
    return [
        grid_map(cells, value_title="expected", statement="It shows records, not people.", caption="Map", **told),
    ]


def long_grid(findings: Findings) -> Grid:
    """A table too wide for a phone, with a digest in it."""
    wells = findings.table("wells")
    rows = zip(wells["area"], wells["n"], strict=True)
    return Grid(
        caption="Wells by area",
        titles=("Area", "Wells", "A remark", "Digest"),
        rows=tuple((str(area), str(n), "A remark of some length", "9f" * 32) for area, n in rows),
        numeric=frozenset({1}),
        source=wells,
    )


TONES = ("plain", "limit", "warning")
SMALL = Grid(caption="Classes", titles=("Class", "Places"), rows=(("high", "3"),), numeric=frozenset({1}))
PROVE, COUNT = (changed(c, view=gallery) for c in (toy.PROVE, toy.COUNT))
WELLS = Technology(id="toy", title="Wells", capabilities=(PROVE, COUNT), formats=lambda: (toy.WELLS,))


@dataclasses.dataclass(frozen=True)
class Town:
    """An office with its cases: refused, published, awaiting a decision, permitted."""

    desk: Desk
    refused: str
    published: str
    waiting: str


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """Requests share an event loop: to begin one for each costs more than most pages."""
    with start_blocking_portal() as portal:
        ONE_LOOP.append(portal)
        yield
        ONE_LOOP.clear()


@pytest.fixture(scope="session")
def town() -> Town:
    """An office in memory whose cases have come to every kind of end."""
    return _town()


@pytest.fixture(scope="module")
def own_town() -> Town:
    """The same, of a module that changes it."""
    return _town()


def _town() -> Town:
    people = desk((WELLS,))
    kernel = people.kernel
    with pytest.raises(Refused):
        people.ask(COUNT)
    refused = next(iter(kernel.state.histories))
    people.authorizations(COUNT, but=AuthorizationKind.ACCURACY_REPORT)
    people.authorizations(PROVE)
    asker = people.people[people.asker(PROVE)]
    evidence, _ = verbs.run(kernel, asker, people.ask(PROVE))
    decision = read_and_decide(
        kernel,
        people.people["board"],
        evidence,
        choice="adopt",
        reasons="The acceptance criteria were met.",
        other_evidence="document: The council heard residents twice.",
    )
    verbs.publish(kernel, people.people["clerk"], decision, statement="Adopted for one year.")
    waiting, _ = verbs.run(kernel, asker, people.ask(COUNT))
    people.ask(COUNT)
    return Town(desk=people, refused=refused, published=decision.case, waiting=waiting.case)


@pytest.fixture(scope="session")
def app(town: Town) -> FastAPI:
    """The office's pages."""
    return make_app(town.desk.office)


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:
    """The office's pages, served."""
    with served(app) as where:
        yield where


@pytest.fixture(scope="session")
def one_browser() -> Iterator[Browser]:
    """A real Chromium, for all modules: to begin one and to open its first page takes two seconds of a core."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def drawing_browser(one_browser: Browser) -> Iterator[Browser]:
    """One that draws WebGL in software."""
    with drawing(one_browser) as found:
        yield found


@pytest.fixture
def browser(one_browser: Browser) -> Browser:
    """What a test drives; a module of maps has one that draws."""
    return one_browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with a browser come last: its event loop goes on, and no other can begin beside it in this thread."""
    with_browser = {item.path for item in items if "one_browser" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in with_browser)
