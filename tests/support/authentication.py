"""How a test comes in at the pages: with a code that a person's key made, as at the terminal."""

from __future__ import annotations

import re
import time
from typing import Any

from anyio.from_thread import BlockingPortal
from own_keys import PASSPHRASE
from proofs import a_pass
from starlette.testclient import TestClient

from peelian.operations.office import Office
from peelian.web.identity import unlocking

unlocking.EVERY = 600.0  # an app that a test left behind looks for nobody; a test of that sets its own

HERE = "http://127.0.0.1"
ONE_LOOP: list[BlockingPortal] = []  # the loop that serves every request of these browsers; else each begins its own


def code_for(app: Any, office: Office, short: str) -> str:
    """A fresh code for one person, made with their key."""
    return str(app.state.lobby.authentication.passes.leave(short, office.keys.of(short)))


def at_pages(app: Any, base: str = HERE) -> TestClient:
    """A browser before it logged on; what it sends comes from the pages themselves."""
    client = TestClient(app, base_url=base, follow_redirects=False, headers={"origin": base})
    client.portal = ONE_LOOP[0] if ONE_LOOP else None
    return client


def logged_on(app: Any, office: Office, short: str, base: str = HERE) -> TestClient:
    """A browser in which a person has just logged on."""
    client = at_pages(app, base)
    got = client.post("/en/log-on", data={"code": code_for(app, office, short), "passphrase": PASSPHRASE})
    assert got.status_code == 303, got.text
    return client


def form_of(client: TestClient, page: str = "/en/desk") -> str:
    """What the forms of this session carry."""
    found = re.search(r'name="form" value="([^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]


def send(client: TestClient, page: str, **fields: str) -> Any:
    """Send a form of this session; a decision from the page of its case, which is opened first."""
    if page.endswith("/decide") and 'name="exposure"' in client.get(page.removesuffix("/decide")).text:
        fields = {"exposure": "No patrol is added there."} | fields
    return client.post(page, data={**fields, "form": form_of(client)})


def seated(app: Any, office: Office, short: str) -> dict[str, Any]:
    """What `visit` takes so that a real browser comes with a new session of this person (pages on 127.0.0.1)."""
    by = office.operator(short)
    secret, _ = app.state.lobby.sessions.begin(by.person, "key", proof=a_pass(office.kernel, by))
    kept = {"name": "peelian", "value": secret, "domain": "127.0.0.1", "path": "/", "expires": -1}
    return {"storage_state": {"cookies": [{**kept, "httpOnly": True, "secure": False, "sameSite": "Strict"}]}}


def over(client: Any, case: str) -> None:
    """Wait until the run of a case is over, as its page tells."""
    deadline = time.monotonic() + 90
    while "<progress" in client.get(f"/en/cases/{case}").text:
        assert time.monotonic() < deadline, "the run does not end"
        time.sleep(0.2)
