"""The design page shows every token, and its colours can be read by day and by night."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import at_pages

from peelian.web.app import make_app
from peelian.web.frame.design import LINES, USES, colours, tokens
from peelian.web.pages import static


@pytest.mark.parametrize("one", colours(), ids=lambda one: one.name)
def test_every_colour_can_be_told_from_what_it_stands_on(one: Any) -> None:
    least = 3 if one.name in LINES else 4.5
    for ratio in (one.contrast, one.contrast_dark):
        assert ratio == 0 or ratio >= least, f"{ratio:.2f}"


def test_the_style_sheet_uses_no_token_it_lacks_and_has_none_without_use() -> None:
    light, dark = tokens()
    sheets = "".join(static(name).decode() for name in ("peelian.css", "console.css", "review.css"))
    of_the_console = set(re.findall(r"--(hatch|los-[\w-]+):", sheets))  # levels of service: it alone draws zones
    used = set(re.findall(r"var\(--([\w-]+)\)", sheets)) - of_the_console
    assert used <= set(light) and set(dark) <= set(light)
    assert {name for name in set(light) - used if not name.startswith(("space-", "text-"))} == set()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_shows_every_colour_and_every_state(town: Any, language: str) -> None:
    page = at_pages(make_app(town.desk.office)).get(f"/{language}/design").text
    assert all(f"<code>--{name}</code>" in page for name in USES)
    for part in ("empty", "loading", "problem", "answer", "beside", "tiles", "facets", "fault", "picture"):
        assert re.search(rf'class="[^"]*\b{part}\b', page), part
