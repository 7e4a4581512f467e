"""Recordings at the pages: tagged, a confidential one opened to a person, a package taken along for its recipient."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pyrage
import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from playwright.sync_api import Browser
from recordings import Life, life
from told import told

from peelian.kernel.retention import retention
from peelian.oversight.verification.packages import check_package
from peelian.web.app import make_app

HERS = pyrage.x25519.Identity.generate()
DELIVER = "/en/tasks/footage-deliver"


@pytest.fixture(scope="module")
def of() -> Life:
    return life(str(HERS.to_public()))


@pytest.fixture(scope="module")
def app(of: Life) -> Any:
    return make_app(of.town.office)


def test_a_package_is_taken_along_with_its_receipt_and_only_its_recipient_opens_it(of: Life, app: Any) -> None:
    town, case = of.town, of.decision.case
    assert send(logged_on(app, town.office, "privacy-officer"), DELIVER, case=case).status_code == 404
    clerk = logged_on(app, town.office, "clerk")
    assert f'<option value="{case}">' in clerk.get(DELIVER).text
    assert send(clerk, DELIVER, case="c-0000000000").status_code == 409
    got = send(clerk, DELIVER, case=case)
    assert got.status_code == 200 and got.headers["content-disposition"] == f'attachment; filename="{case}.zip"'
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.namelist() == [f"{case}.age", f"{case}.age.receipt"]
        package = pyrage.decrypt(archive.read(f"{case}.age"), [HERS])
        assert archive.read(f"{case}.age.receipt").startswith(b"c2sp.org/tlog-proof")
    assert check_package(io.BytesIO(package)).ok and town.kinds()[-1] == "DELIVERED"
    town.clock.days(6 / 24 / 60)  # the step-up is five minutes old at most
    late = send(clerk, DELIVER, case=case)
    assert late.status_code == 403 and "/en/step-up" in late.text and town.kinds().count("DELIVERED") == 1


def test_a_recording_gets_its_categories_and_a_confidential_one_its_reader(of: Life, app: Any) -> None:
    town = of.town
    officer = town.people["privacy-officer"]
    retention.define(town.kernel, officer, "informant", days=90, access="confidential", words="as the bylaw says")
    desk, page = logged_on(app, town.office, "privacy-officer"), "/en/tasks/footage-tag"
    shown = desk.get(page).text
    assert 'value="informant"' in shown and f'value="{of.item}"' in shown
    slip = send(desk, page, item=of.item, categories="informant", reason="short")
    assert slip.status_code in (400, 409) and 'value="informant" checked' in slip.text
    done = send(desk, page, item=of.item, categories="informant", reason="it shows an informant")
    assert done.status_code == 200 and town.kinds()[-1] == "TAGGED"
    allow = "/fr/tasks/footage-allow"
    shown = desk.get(allow).text
    assert f'value="{of.item}"' in shown and f'value="{of.plan}"' not in shown, "only confidential ones"
    token = town.people["clerk"].person.token
    assert send(desk, allow, item=of.item, person=token, may="maybe").status_code == 400
    assert send(desk, allow, item=of.item, person="nobody", may="yes").status_code == 409
    assert send(desk, allow, item=of.item, person=token, may="yes").status_code == 200
    assert town.kinds()[-1] == "ALLOWED"
    done = send(desk, allow, item=of.item, person=token, may="no")
    assert town.kinds()[-1] == "DISALLOWED" and told(done.text)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, of: Life, language: str) -> None:
    with served(app) as here:
        for page in ("footage-tag", "footage-allow"):
            by = seated(app, of.town.office, "privacy-officer")
            with visit(browser, f"{here}/{language}/tasks/{page}", **by) as seen:
                assert not gates(seen, own=(here,)), page
