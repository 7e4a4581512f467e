"""What every technology shows of its example, as a report in French (the longer language), passes the same gates."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import gates, visit
from playwright.sync_api import Browser

from peelian.kernel.model.capability import Capability, Context
from peelian.operations.office import memory_office, technologies
from peelian.web.report import report

pytestmark = pytest.mark.browser
CAPABILITIES = [capability for technology in technologies() for capability in technology.capabilities]


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda c: c.id)
def test_what_a_technology_shows_passes_every_gate(browser: Browser, capability: Capability, tmp_path: Path) -> None:
    example = capability.arithmetic().example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=example.authorizations)
    found = capability.arithmetic().run(example.params, example.datasets, context)
    with memory_office() as office:
        say = office.say("fr", capability.technology)
    file = tmp_path / "report.html"
    panels = capability.arithmetic().shows.view(found, say)
    file.write_text(report(say(capability.title), panels, language="fr", say=say), encoding="utf-8")
    with visit(browser, file.as_uri(), reduced_motion="reduce") as seen:
        assert gates(seen, own=("file:",)) == {}
