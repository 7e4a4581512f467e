"""What every technology shows of its example, as a report in French (the longer language), passes the same gates."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import gates, visit
from playwright.sync_api import Browser

from peelian.kernel.model.capability import Capability, Context
from peelian.operations.office import memory_office, technologies
from peelian.pictures.panels import Choice, Grid
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


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [1280, 360])
def test_one_of_several_tables_is_chosen_with_the_keyboard(
    browser: Browser, tmp_path: Path, width: int, script: bool
) -> None:
    labels = tuple(str(n) for n in range(2, 11))
    grids = tuple(Grid(caption=f"Cut-off {n}", titles=("Group", "FPR"), rows=(("women", n),)) for n in labels)
    file = tmp_path / "report.html"
    choice = Choice(caption="Choose a cut-off", labels=labels, grids=grids, chosen=3)
    file.write_text(report("Trade-off", [choice], language="en"), encoding="utf-8")
    if script:
        with visit(browser, file.as_uri(), reduced_motion="reduce") as seen:
            assert gates(seen, own=("file:",)) == {}
    with visit(browser, file.as_uri(), width=width, script=script) as seen:
        shown = seen.page.locator("caption:visible")
        assert shown.all_inner_texts() == ["Cut-off 5"]
        seen.page.get_by_label("5", exact=True).focus()
        seen.page.keyboard.press("ArrowRight")
        assert shown.all_inner_texts() == ["Cut-off 6"]
        seen.page.get_by_text("10", exact=True).first.click()
        assert shown.all_inner_texts() == ["Cut-off 10"]
