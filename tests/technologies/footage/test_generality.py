"""A detector that finds only some of the sheet is told from one that finds things of its class."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sheets import drawn

from peelian.technologies.footage.detector import Boxes, Detector, face_detector, faces_in
from peelian.technologies.footage.generality import (
    FALSE_BOXES,
    LOW_RECALL,
    MISSED_GROUP,
    MISSED_ITEMS,
    SOME_OTHERS,
    Bars,
    Sightings,
    Tried,
    at_least,
    outcomes,
    shares_of,
    tried,
)
from peelian.technologies.footage.generality_sheet import FACE, PLATE, Item, Page, groups_of

Judge = Callable[[Item], bool]


@pytest.fixture(scope="module")
def sheet() -> list[Page]:
    return list(drawn(5))


@pytest.fixture(scope="module")
def detector() -> Detector:
    """The shipped one, which looks at each picture once: what it answers does not hang on a threshold."""
    ours, known = face_detector(), dict[bytes, Any]()

    class Once:
        def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> Any:
            key = hashlib.sha256(*inputs.values()).digest()
            known[key] = known.get(key) or ours.session.run(names, inputs)
            return known[key]

    return dataclasses.replace(ours, session=Once())


def finder(sheet: list[Page], finds: Judge, extra: Callable[[Page], list[list[float]]] = lambda page: []) -> Tried:
    """A detector that boxes what `finds` says, exactly, and `extra` boxes."""
    by_picture = {id(page.pixels): page for page in sheet}

    def find(pixels: np.ndarray) -> Boxes:
        page = by_picture[id(pixels)]
        rows = [[*item.box, 0.9] for item in page.items if finds(item)] + extra(page)
        return np.array(rows, dtype=np.float32).reshape(-1, 5)

    return tried(find, sheet)


def missed(trial: Tried, finds: str = FACE, bars: Bars | None = None) -> set[str]:
    return {one.bar for one in outcomes(trial, finds, bars or Bars()) if not one.met}


def simulated(faces: np.ndarray, plates: np.ndarray | None = None, false_boxes: int = 0) -> Tried:
    none = np.zeros((60, 3), dtype=bool)
    seen = {
        FACE: Sightings(found=faces, groups=groups_of(FACE)),
        PLATE: Sightings(found=none if plates is None else plates, groups=groups_of(PLATE)),
    }
    return Tried(seen=seen, false_boxes=false_boxes, pictures=40)


def test_who_finds_all_of_a_class_passes_for_it_and_not_for_the_other(sheet: list[Page]) -> None:
    faces = finder(sheet, lambda item: item.what == FACE)
    assert missed(faces) == set() and missed(faces, PLATE) == {LOW_RECALL, MISSED_GROUP, MISSED_ITEMS}
    both = finder(sheet, lambda item: True)
    assert missed(both) == missed(both, PLATE) == set()


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.05, 0.3])
def test_the_shipped_detector_passes_at_usual_and_degraded_thresholds(
    sheet: list[Page], detector: Detector, threshold: float
) -> None:
    trial = tried(lambda picture: faces_in(detector, picture, threshold=threshold), sheet)
    assert missed(trial) == set() and trial.seen[FACE].share > 0.95


def test_recall_is_told_by_group_with_intervals(sheet: list[Page]) -> None:
    women = finder(sheet, lambda item: item.groups.get("sex") == "woman")
    told = {(share.part, share.group): share for share in shares_of(women.seen[FACE], FACE)}
    assert (told["all", "all"].n, told["all", "all"].found) == (360, 180)
    assert (told["sex", "woman"].share, told["sex", "man"].share) == (1, 0)
    assert told["age", "child"].n == 120 and told["tone", "tone_5"].n == 72 and told["size", "small"].n == 120
    assert told["sex", "man"].low == 0 and 0 < told["sex", "man"].high < 0.03
    assert told["all", "all"].low < 0.5 < told["all", "all"].high


def test_four_people_who_are_never_found_are_too_many() -> None:
    for never, verdict in ((3, set()), (4, {MISSED_ITEMS})):
        found = np.ones((120, 3), dtype=bool)
        found[[5, 31, 62, 93][:never]] = False
        assert missed(simulated(found)) == verdict


def test_the_interval_and_not_the_share_must_reach_the_bar() -> None:
    found = np.ones((120, 3), dtype=bool)
    found[np.arange(25), np.arange(25) % 3] = False  # .931 found, the interval begins at .8995
    assert missed(simulated(found)) == {LOW_RECALL}
    found[0] = True  # .933, from .903 on
    assert missed(simulated(found)) == set()


def test_a_board_can_ask_for_more() -> None:
    found = np.ones((120, 3), dtype=bool)
    found[np.arange(20), np.arange(20) % 3] = False
    assert missed(simulated(found)) == set()
    assert missed(simulated(found), bars=Bars(recall=0.95)) == {LOW_RECALL}
    assert missed(simulated(found, false_boxes=700), bars=Bars(false_a_find=1.0)) == {FALSE_BOXES}


def test_what_is_found_of_the_other_class_may_be_chance_and_no_item() -> None:
    faces, plates = np.ones((120, 3), dtype=bool), np.zeros((60, 3), dtype=bool)
    plates[[3, 20, 41], [0, 1, 2]] = True
    assert missed(simulated(faces, plates)) == set()
    plates[3, 1] = True  # one plate in two of its three views
    assert missed(simulated(faces, plates)) == set(), "4 of 180: one pair may be chance"
    plates[:] = False
    plates[3, :2] = True
    assert missed(simulated(faces, plates)) == {SOME_OTHERS}, "2 of 180, and both of one plate, is none"


def test_the_binomial_tail_is_scipys() -> None:
    from scipy.stats import binom

    for k, n, p in ((1, 60, 0.001), (4, 120, 0.01), (30, 120, 0.2)):
        assert at_least(k, n, p) == pytest.approx(float(binom.sf(k - 1, n, p)), rel=1e-6)
