"""An office on disk with its people, served to browsers that are logged on: for acts that need keys in files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from authentication import logged_on, send
from desk import Desk
from divided import desk_of, peopled
from fastapi.testclient import TestClient
from toy import TOY

from peelian.operations.office import open_office
from peelian.web.app import make_app


@dataclass(frozen=True, slots=True)
class Town:
    """The desk, its pages, and a browser for each person who came."""

    desk: Desk
    app: Any
    clients: dict[str, TestClient] = field(default_factory=dict)

    def at(self, short: str) -> TestClient:
        if short not in self.clients:
            self.clients[short] = logged_on(self.app, self.desk.office, short)
        return self.clients[short]

    def does(self, who: str, task: str, /, *, expects: int = 200, **fields: str) -> str:
        """Somebody fills in a task; returns the page that answers."""
        got = send(self.at(who), f"/en/tasks/{task}", **fields)
        assert got.status_code == expects, got.text
        return str(got.text)

    def offered(self, short: str, task: str, name: str) -> str:
        """The one choice of a field that its page offers for somebody of this name."""
        page = self.at(short).get(f"/en/tasks/{task}").text
        return next(
            line.partition('value="')[2].partition('"')[0]
            for line in page.replace("<option", "\n<option").replace("<input", "\n<input").splitlines()
            if re.match(rf"<(option|input)[^>]*> ?{name}", line)
        )

    def approves(self, short: str) -> str:
        """Somebody of another unit approves the proposal made last; returns its page as they saw it."""
        (*_, digest) = self.desk.kernel.state.dual_control.proposals
        shown = self.at(short).get(f"/en/proposals/{digest}").text
        got = send(self.at(short), f"/en/proposals/{digest}")
        assert got.status_code in (200, 303), got.text
        assert self.desk.kinds()[-1] == "APPROVED"
        return str(shown)


@contextmanager
def real_town(folder: Path, technologies: Callable[[], Any] = lambda: (TOY,)) -> Iterator[Town]:
    """The office in a folder of its own, while it lasts."""
    with patch("peelian.operations.office.technologies", technologies):
        peopled(folder)
        with open_office(folder) as office:
            app = make_app(office)
            try:
                yield Town(desk=desk_of(office), app=app)
            finally:
                app.state.lobby.close()
