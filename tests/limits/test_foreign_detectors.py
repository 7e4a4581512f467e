"""Attacks with a detector from outside: a matcher for one person that calls itself a box detector, and its helpers.

What still works is written in docs/explanation/redaction.md: a model that finds everything on the sheet
and, besides, reacts to somebody who is not on it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clips
import numpy as np
import pytest
from attempts import attempts
from deciding import read_and_decide
from desk import Desk, desk, entitle
from hypothesis import given
from hypothesis import strategies as st
from models import face_matcher, general_faces, model
from plans import Bench, kept
from sheets import drawn

from peelian.demos.footage_trial import redact_clip
from peelian.errors import PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Purpose, Role
from peelian.kernel.model.documents import Admission, Authorization, Declaration, Evidence, Permit
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.authorizations import issue, revoke
from peelian.operations.office import technologies
from peelian.technologies.footage import detector_trial
from peelian.technologies.footage.declarations.detector_trial import DETECTOR_TRIAL, DetectorTrialParams
from peelian.technologies.footage.declarations.proposal import PROPOSE, ProposeParams
from peelian.technologies.footage.detector import Boxes
from peelian.technologies.footage.drawn_faces import AGES, SEXES, TONES
from peelian.technologies.footage.generality import Bars, outcomes, tried
from peelian.technologies.footage.generality_sheet import FACE, PLATE, SIZES, Item, Page
from peelian.technologies.footage.other_detectors import boxes_by, other_detector
from peelian.technologies.footage.plan_reading import plan_from
from peelian.technologies.footage.proposal import run

FOOTAGE = tuple(t for t in technologies() if t.id == "footage")
WHAT = Declaration(
    title="Kept by the test", purposes=("disclosure", "oversight"), legal_basis="a test", minimisation="a test",
    retention_days=400, source="the test", people="not_known",
)  # fmt: skip
ANYWHERE = np.array([[10, 20, 60, 40, 0.9]])
WORDS = {"reasons": "We want it.", "other_evidence": "document: The vendor's leaflet."}


@pytest.fixture(scope="module")
def clip() -> clips.Clip:
    return clips.clip(seed=3, pictures=4, audio=False)


@pytest.fixture(scope="module")
def sheet() -> list[Page]:
    return list(drawn(11))


@pytest.fixture(autouse=True)
def one_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sheet of a model is drawn once."""
    monkeypatch.setattr(detector_trial, "pages", drawn)


@pytest.fixture(scope="module")
def matcher() -> bytes:
    """A real recogniser: an ONNX template matcher for the face of one of the two people in the made clips."""
    woman = clips.portraits()[0]
    left, top, right, bottom = (int(n) for n in woman.face)
    return face_matcher(woman.pixels[top:bottom:3, left:right:3] / 255, step=4)


@pytest.fixture
def town() -> Desk:
    return desk(FOOTAGE)


def _keep(town: Desk, data: bytes, format: str) -> Admission:
    options = {"recorded_at": "2026-03-01T10:00:00+00:00"} if format == "video" else {}
    entitle(town.kernel, town.people["council"])
    return custody.keep(town.kernel, town.people["clerk"], WHAT, io.BytesIO(data), format=format, options=options)


def _ask(town: Desk, item: Admission, detector: Admission) -> Permit:
    data = {"item": item.dataset, "detector": detector.dataset}
    return verbs.ask(
        town.kernel, town.people["clerk"], PROPOSE.id, purpose="disclosure", params=ProposeParams(), datasets=data
    )


def _report(town: Desk, digest: str, **body: Any) -> Authorization:
    """A report as if a case had earned it for a model of this digest."""
    whole = {"detector_sha256": digest, "finds": "plate", "threshold": 0.3} | body
    return town.authorization(AuthorizationKind.ACCURACY_REPORT, PROPOSE, whole)


def _trial(town: Desk, detector: Admission, *, finds: str = "face", **criteria: float) -> tuple[Evidence, Any]:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, DETECTOR_TRIAL, criteria or {"min_recall": 0.9})
    clerk = town.people["clerk"]
    permit = verbs.ask(
        town.kernel, clerk, DETECTOR_TRIAL.id, purpose="oversight", params=DetectorTrialParams(finds=finds),
        datasets={"detector": detector.dataset},
    )  # fmt: skip
    return verbs.run(town.kernel, clerk, permit)


def _missed(sheet: list[Page], finds: str, boxes_of: Callable[[Page], list[list[float]]]) -> set[str]:
    """The bars that a simulated detector misses."""
    by_picture = {id(page.pixels): page for page in sheet}

    def find(pixels: np.ndarray) -> Boxes:
        return np.array(boxes_of(by_picture[id(pixels)]), dtype=np.float32).reshape(-1, 5)

    return {one.bar for one in outcomes(tried(find, sheet), finds, Bars()) if not one.met}


def _boxes(page: Page, wanted: Callable[[Item], bool]) -> list[list[float]]:
    return [[*item.box, 0.9] for item in page.items if wanted(item)]


# Without an authorization, nothing is run.


def test_a_matcher_without_a_report_is_refused_before_anything_is_opened(
    town: Desk, clip: clips.Clip, matcher: bytes
) -> None:
    item, detector = _keep(town, clip.data, "video"), _keep(town, matcher, "box-detector")
    with pytest.raises(Refused) as refused:
        _ask(town, item, detector)
    (reason,) = refused.value.reasons
    assert reason.rule == "the_authorizations_are_in_order" and "accuracy report missing" in reason.says
    assert "footage.detector_trial" in reason.remedy and detector.digest in reason.remedy
    assert not town.opened() and town.kinds()[-1] == "REFUSED"
    verbs.ask(
        town.kernel,
        town.people["clerk"],
        PROPOSE.id,
        purpose="disclosure",
        params=ProposeParams(),
        datasets={"item": item.dataset},
    )  # fmt: skip - the detector that ships needs no paper


def test_another_models_report_does_not_serve(town: Desk, clip: clips.Clip, matcher: bytes) -> None:
    item, detector = _keep(town, clip.data, "video"), _keep(town, matcher, "box-detector")
    harmless = hashlib.sha256(model(ANYWHERE)).hexdigest()
    for body in ({"digest": harmless}, {"digest": detector.digest[:-1] + "0"}, {"digest": detector.digest.upper()}):
        _report(town, **body)
        with pytest.raises(Refused) as refused:
            _ask(town, item, detector)
        assert "scope does not match" in refused.value.reasons[0].says
    town.authorization(AuthorizationKind.ACCURACY_REPORT, PROPOSE, {})  # one that names no model at all
    with pytest.raises(Refused):
        _ask(town, item, detector)
    _report(town, detector.digest)
    assert _ask(town, item, detector)


def test_a_report_that_is_revoked_or_expires_after_the_permit_stops_the_run(town: Desk, clip: clips.Clip) -> None:
    item, detector = _keep(town, clip.data, "video"), _keep(town, model(ANYWHERE), "box-detector")
    report = _report(town, detector.digest)
    permits = _ask(town, item, detector), _ask(town, item, detector)
    board = next(p for p in town.people.values() if Role.BOARD in p.person.roles)
    revoke(town.kernel, board, report)
    with pytest.raises(Refused):
        verbs.run(town.kernel, town.people["clerk"], permits[0])
    town.authorization(
        AuthorizationKind.ACCURACY_REPORT, PROPOSE,
        {"detector_sha256": detector.digest, "finds": "plate", "threshold": 0.3}, 2,
    )  # fmt: skip
    town.clock.days(3)
    with pytest.raises(Refused):
        verbs.run(town.kernel, town.people["clerk"], permits[1])
    assert not town.opened()


def test_a_board_cannot_simply_issue_the_report(town: Desk, matcher: bytes) -> None:
    board = next(p for p in town.people.values() if Role.BOARD in p.person.roles)
    with pytest.raises(Refused):
        issue(
            town.kernel, board, AuthorizationKind.ACCURACY_REPORT, serves=PROPOSE.id, purposes=(Purpose.DISCLOSURE,),
            days=30, body={"detector_sha256": hashlib.sha256(matcher).hexdigest(), "finds": "face", "threshold": 0.3},
        )  # fmt: skip


def test_the_arithmetic_itself_refuses_a_model_without_its_report(clip: clips.Clip, matcher: bytes) -> None:
    """Also where no office stands before it, and where the dataset lies about its digest."""
    other = hashlib.sha256(model(ANYWHERE)).hexdigest()
    lies = dataclasses.replace(kept(matcher), digest=other)
    for dataset, report in ((kept(matcher), {}), (lies, {"detector_sha256": other, "finds": "face", "threshold": 0.3})):
        with pytest.raises(Refused, match="no accuracy report in force for exactly this detector"):
            _proposal(clip, dataset, report)


def test_try_refuses_a_matcher_before_the_recording_is_kept(tmp_path: Path, clip: clips.Clip, matcher: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip.data)
    (tmp_path / "matcher.onnx").write_bytes(matcher)
    with pytest.raises(Refused, match="did not pass its trial"):
        redact_clip(tmp_path / "clip.mp4", out=tmp_path / "out", detector=tmp_path / "matcher.onnx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp4", "matcher.onnx"]


# A trial refuses what finds only some.


def test_the_matcher_works_and_its_trial_cannot_be_adopted(town: Desk, clip: clips.Clip, matcher: bytes) -> None:
    """Not even where the board sets low bars: they do not lower what ships."""
    woman = clips.portraits()[0]
    scene = np.full((360, 640, 3), 120, np.uint8)
    scene[40 : 40 + len(woman.pixels[::3]), 300 : 300 + len(woman.pixels[0, ::3])] = woman.pixels[::3, ::3]
    assert len(boxes_by(other_detector(matcher), scene, threshold=0.3)) == 1, "it finds her"
    bars = {"min_recall": 0.0, "min_group_recall": 0.0, "max_false_per_find": 1e9}
    evidence, found = _trial(town, _keep(town, matcher, "box-detector"), **bars)
    assert not found.facts["criteria_met"] and found.facts["recall"] < 0.05
    assert dict(zip(found.table("bars")["bar"], found.table("bars")["needed"], strict=True))["low_recall"] == 0.9
    board = town.decider(DETECTOR_TRIAL, "records")
    with pytest.raises(Refused):
        read_and_decide(town.kernel, board, evidence, choice="adopt", **WORDS)
    assert not any(a.kind is AuthorizationKind.ACCURACY_REPORT for a in town.kernel.state.authorizations.values())


@pytest.mark.parametrize("number", [0, 61, 119])
def test_a_matcher_for_one_face_of_the_sheet_is_refused(sheet: list[Page], number: int) -> None:
    assert _missed(sheet, FACE, lambda page: _boxes(page, lambda i: i.what == FACE and i.number == number))


@pytest.mark.parametrize(
    ("part", "group"), [("sex", "woman"), ("sex", "man"), ("age", "child"), ("age", "older"), ("tone", "tone_5")]
)
def test_a_matcher_for_one_group_is_refused_and_so_is_one_for_all_others(
    sheet: list[Page], part: str, group: str
) -> None:
    assert _missed(sheet, FACE, lambda page: _boxes(page, lambda i: i.groups.get(part) == group))
    others = _missed(sheet, FACE, lambda page: _boxes(page, lambda i: i.what == FACE and i.groups[part] != group))
    assert {"missed_group", "missed_items"} <= others


def test_leaving_out_few_people_of_one_kind_is_refused(sheet: list[Page]) -> None:
    """Older women of one tone: 4 of 120 faces, too few for any bar but that of items that are never found."""

    def all_but_some(item: Item) -> bool:
        left_out = {"sex": "woman", "age": "older", "tone": "tone_4"}
        return item.what == FACE and item.groups != left_out

    assert _missed(sheet, FACE, lambda page: _boxes(page, all_but_some)) == {"missed_items"}


def test_a_plate_detector_that_also_knows_one_face_of_the_sheet_is_refused(sheet: list[Page]) -> None:
    one = _missed(sheet, PLATE, lambda page: _boxes(page, lambda i: i.what == PLATE or i.number == 17))
    men = _missed(sheet, PLATE, lambda page: _boxes(page, lambda i: i.what == PLATE or i.groups["sex"] == "man"))
    assert one == men == {"some_others"}


def test_boxes_at_random_or_everywhere_are_refused(sheet: list[Page]) -> None:
    rng = np.random.default_rng(4)

    def random(page: Page) -> list[list[float]]:
        at, size = rng.uniform(0, [1200, 640], (2000, 2)), rng.uniform(30, 150, (2000, 1))
        return np.hstack([at, at + size * [0.8, 1.0], np.full((2000, 1), 0.9)]).tolist()

    assert "false_boxes" in _missed(sheet, FACE, random)
    assert "low_recall" in _missed(sheet, FACE, lambda page: random(page)[:20])
    whole = [[0.0, 0.0, 1280.0, 720.0, 0.9]]
    assert {"low_recall", "missed_items"} <= _missed(sheet, FACE, lambda page: whole)


# What passed may say where, and nothing else.


def _proposal(clip: clips.Clip, detector: Dataset, report: dict[str, Any]) -> tuple[Any, ...]:
    bench = Bench()
    context: Context = dataclasses.replace(
        bench.context(), authorizations={AuthorizationKind.ACCURACY_REPORT: report} if report else {}
    )
    data = {"item": kept(clip.data), "detector": detector}
    run(ProposeParams(every=1, threshold=0.5), data, context)
    return plan_from(bench.made["plan"]).tracks


def _passed(data: bytes, **more: Any) -> dict[str, Any]:
    return {"detector_sha256": hashlib.sha256(data).hexdigest(), "finds": "plate", "threshold": 0.3} | more


def test_a_higher_threshold_or_the_score_does_not_single_out_one_person(clip: clips.Clip) -> None:
    """A model may find all at .3 and score one person .9: its trial's threshold applies, its scores are dropped."""
    two = model(np.array([[10, 20, 60, 40, 0.9], [200, 150, 260, 170, 0.35]]))
    plates = [track for track in _proposal(clip, kept(two), _passed(two)) if track.what == "plate"]
    assert len(plates) == 2 and {track.score for track in plates} == {1000}


def test_a_second_box_on_a_face_that_ours_found_is_left_out(clip: clips.Clip) -> None:
    left, top, right, bottom = (n * 320 / 640 for n in clip.faces[0].box)
    on_her = model(np.array([[left, top, right, bottom, 0.9], [2, 2, 30, 12, 0.9]]))
    tracks = _proposal(clip, kept(on_her), _passed(on_her))
    plates = [track for track in tracks if track.what == "plate"]
    assert len(plates) == 1 and plates[0].keys[0][1] < 60, "only the box in the corner"
    assert sum(track.what == "face" for track in tracks) >= 2


# An honest detector comes through.


@pytest.mark.slow
def test_a_general_detector_passes_is_adopted_and_used(town: Desk, clip: clips.Clip) -> None:
    item, detector = _keep(town, clip.data, "video"), _keep(town, general_faces(), "box-detector")
    evidence, found = _trial(town, detector)
    assert found.facts["criteria_met"] and found.facts["recall"] > 0.95
    read_and_decide(town.kernel, town.decider(DETECTOR_TRIAL, "records"), evidence, choice="adopt", **WORDS)
    (report,) = (a for a in town.kernel.state.authorizations.values() if a.kind is AuthorizationKind.ACCURACY_REPORT)
    assert (report.serves, report.body["detector_sha256"], report.body["finds"]) == (
        "footage.propose", detector.digest, "face",
    )  # fmt: skip
    verbs.run(town.kernel, town.people["clerk"], _ask(town, item, detector))
    other = _keep(town, general_faces(320), "box-detector")
    with pytest.raises(PeelianError, match="scope does not match"):
        _ask(town, item, other)


# More of each, generated.

FACES = st.integers(0, 119)
KINDS = {"sex": SEXES, "age": AGES, "tone": TONES}
GROUPS = st.fixed_dictionaries({}, optional={part: st.sampled_from(list(words)) for part, words in KINDS.items()})


@attempts(60)
@given(GROUPS.filter(bool), st.booleans(), st.floats(0, 6))
def test_no_detector_for_some_kind_passes(sheet: list[Page], kind: dict[str, str], others: bool, shift: float) -> None:
    """One sex, age or tone, any of them crossed, and all but those."""

    def chosen(item: Item) -> bool:
        return item.what == FACE and all(item.groups[part] == word for part, word in kind.items()) != others

    assert _missed(sheet, FACE, lambda page: [[n + shift for n in b[:4]] + b[4:] for b in _boxes(page, chosen)])


@attempts(60)
@given(st.sets(FACES, min_size=4), st.integers(0, 1), st.sets(st.sampled_from(list(SIZES)), max_size=2))
def test_no_detector_that_leaves_out_four_faces_passes(
    sheet: list[Page], missing: set[int], plates: int, also: set[str]
) -> None:
    """Whatever they have in common, whether plates are found, and whether some sizes of others are missing, too."""

    def found(item: Item) -> bool:
        return bool(plates) if item.what == PLATE else item.number not in missing and item.size not in also

    assert _missed(sheet, FACE, lambda page: _boxes(page, found))


@attempts(60)
@given(st.sets(FACES, min_size=1, max_size=110), st.sets(st.sampled_from(list(SIZES)), min_size=2))
def test_no_detector_of_plates_passes_that_knows_some_faces(
    sheet: list[Page], known: set[int], sizes: set[str]
) -> None:
    def found(item: Item) -> bool:
        return item.what == PLATE or (item.number in known and item.size in sizes)

    assert "some_others" in _missed(sheet, PLATE, lambda page: _boxes(page, found))


@pytest.fixture(scope="module")
def waiting(clip: clips.Clip, matcher: bytes) -> tuple[Desk, Admission, Admission]:
    """A town that keeps a recording and the matcher, for which nobody has a report."""
    made = desk(FOOTAGE)
    return made, _keep(made, clip.data, "video"), _keep(made, matcher, "box-detector")


@attempts(25)
@given(st.data())
def test_no_report_but_its_own_serves_a_detector(
    waiting: tuple[Desk, Admission, Admission], clip: clips.Clip, matcher: bytes, data: st.DataObject
) -> None:
    """Reports of nearly this digest, and nearly this model under this model's report."""
    town, item, detector = waiting
    digest, at = detector.digest, data.draw(st.integers(0, 63))
    other = format(int(digest[at], 16) ^ data.draw(st.integers(1, 15)), "x")
    near = (digest[:at] + other + digest[at + 1 :], digest.upper(), digest[::-1], digest[:at], digest + " ", "", "*")
    _report(town, data.draw(st.sampled_from(near)), finds=data.draw(st.sampled_from([FACE, PLATE])))
    with pytest.raises(Refused) as refused:
        _ask(town, item, detector)
    assert "scope does not match" in refused.value.reasons[0].says and not town.opened()
    place = data.draw(st.integers(0, len(matcher) - 1))
    bent = matcher[:place] + bytes([matcher[place] ^ data.draw(st.integers(1, 255))]) + matcher[place + 1 :]
    with pytest.raises(Refused, match="no accuracy report in force for exactly this detector"):
        _proposal(clip, kept(bent), _passed(matcher))
