"""The sign: everything the entry says, whole, escaped, in both languages, and drawable by the strictest page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest

from peelian.kernel.model.sensors import KINDS
from peelian.pictures.words import english
from peelian.technologies.sensors.sign import sign
from peelian.web.framing import DRAWN


def words(svg: str) -> str:
    return " ".join(unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_says_what_the_public_must_know(registered: Any, kind: str) -> None:
    made = words(sign(registered(kind), english, "https://town.invalid/sensors/s-1"))
    for part in (
        "A sensor",
        "Works",
        "works@town.invalid",
        "Centre",
        "90 days",
        "2027-01-01",
        "A named person decides.",
    ):
        assert part in made
    assert ("yes" in made) == (kind == "energy_meter") and "https://town.invalid" in made


def test_only_a_sensor_that_counts_says_that_it_only_counts(registered: Any) -> None:
    import dataclasses

    speaks = dataclasses.replace(registered("people_counter"), format="ngsi-ld")
    assert "No pictures" in words(sign(speaks, english))
    assert "No pictures" not in words(sign(registered("camera"), english))


def test_what_is_written_in_an_entry_stays_text(registered: Any) -> None:
    made = sign(registered("sound_meter", title='<script>alert("x")</script> & more', owner="A&B " * 40), english)
    tree = ElementTree.fromstring(made)  # noqa: S314 - our own text
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names <= DRAWN and "script" not in names and "style" not in made
