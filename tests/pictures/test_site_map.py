"""Site map: every zone in colour, hatching and letter, gates as arrows, names cut and never run together."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from peelian.pictures.site_map import DrawnGate, DrawnZone, site_map, sparkline

SVG = "{http://www.w3.org/2000/svg}"


def zone(name: str, look: str, east: float = 0.0, side: float = 0.001) -> DrawnZone:
    outline = ((east, 0), (east + side, 0), (east + side, side), (east, side))
    return DrawnZone(outline=outline, name=name, says=look, look=look)


def drawn(*zones: DrawnZone, gates: tuple[DrawnGate, ...] = ()) -> ElementTree.Element:
    made = site_map(zones, gates, title="Fair <2026>", description="as it is")
    return ElementTree.fromstring(made)  # noqa: S314 - ours


@pytest.mark.parametrize("letter", "ABCDEF")
def test_a_level_is_told_by_its_letter_its_class_and_its_own_hatching(letter: str) -> None:
    made = drawn(zone("park", letter))
    shapes = made.findall(f"{SVG}polygon")
    assert shapes[0].get("class") == f"zone los-{letter.lower()}"
    assert [one.get("fill") for one in shapes[1:]] == ([] if letter == "A" else [f"url(#los-{letter.lower()})"])
    assert letter in [text.text for text in made.iter(f"{SVG}text")]


def test_hatchings_differ_and_lie_closer_the_fuller_it_is() -> None:
    made = drawn(zone("park", "A"))
    patterns = {one.get("id"): (float(one.get("width", 0)), one[0].get("d")) for one in made.iter(f"{SVG}pattern")}
    assert len(set(patterns.values())) == len(patterns) == 5
    assert [patterns[f"los-{letter}"][0] for letter in "bcdf"] == sorted(
        (patterns[f"los-{letter}"][0] for letter in "bcdf"), reverse=True
    )


@pytest.mark.parametrize("look", ["none", "old", "unknown"])
def test_what_is_not_measured_has_no_letter_and_no_hatching(look: str) -> None:
    made = drawn(zone("park", look))
    assert [one.get("class") for one in made.findall(f"{SVG}polygon")] == [f"zone los-{look}"]


def test_words_are_escaped_and_long_names_cut_to_their_zone() -> None:
    made = drawn(zone("a-very-long-name-of-a-zone<b>", "C", side=0.001), zone("wide", "A", 0.01, 0.02))
    texts = [text.text or "" for text in made.iter(f"{SVG}text")]
    assert any(text.endswith("…") for text in texts) or "C" in texts
    assert "wide" in texts and "<b>" not in "".join(t for t in texts if "…" in t)
    assert made.get("aria-label") == "Fair <2026>. as it is" and made.get("class") == "site"


def test_arrows_point_the_way_people_may_go() -> None:
    made = [
        drawn(zone("park", "A"), gates=(DrawnGate(name="g", at=(0.0, 0.0005), inside=(0.0005, 0.0005), direction=way),))
        for way in ("in", "out", "both")
    ]
    heads = [
        [float(x) for x in re.findall(r"M(-?[\d.]+) ", one.findall(f"{SVG}g[@class='gate']/{SVG}path")[0].get("d", ""))]
        for one in made
    ]
    shaft = heads[0][0]
    assert heads[0][1] > shaft + 20 and heads[1][1] < shaft and len(heads[2]) == 3


def test_a_trend_leaves_gaps_open_and_needs_two_values() -> None:
    assert sparkline([None, 3.0, None], says="x") == ""
    made = sparkline([1.0, 2.0, None, 4.0, 0.0], says="1 to <4>")
    (line,) = re.findall(r'<path d="([^"]+)"', made)
    assert line.count("M") == 2 and line.count("L") == 2 and 'aria-label="1 to &lt;4&gt;"' in made
    assert "nan" not in sparkline([0.0, 0.0], says="") and "nan" not in sparkline([-2.0, -1.0], says="")
