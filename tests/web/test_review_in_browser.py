"""The review in a real Chromium: boxes moved, drawn and dropped by mouse and keyboard; every gate of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import clips
import numpy as np
import pytest
from browser import axe_violations, gates, served, sideways, visit
from plans import box_at
from playwright.sync_api import Browser, Page, expect
from reviews import ready_desk
from spoken import needs_voice, spoken

from peelian.technologies.footage.measure.plan import Track
from peelian.web.app import make_app
from peelian.web.footage.review import ReviewDesk
from peelian.web.identity.guards import POLICY

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Room:
    """The served review and its office."""

    address: str
    own: str
    town: Any

    def page(self, language: str = "en") -> str:
        return self.address.replace("/en/", f"/{language}/")


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    town, case, _ = ready_desk()
    desk = ReviewDesk(town.office, town.people["clerk"])
    with served(make_app(town.office, review=desk)) as own:
        yield Room(address=f"{own}/en/review/{desk.key}/{case}", own=own, town=town)
    desk.close()


def keys(page: Page, history: int) -> list[list[int]]:
    text = page.locator(f'[name="t{history}.keys"]').input_value()
    return [[int(n) for n in line.split()] for line in text.splitlines()]


def state(page: Page, history: int) -> str:
    return page.locator(f'[name="t{history}.state"]').input_value()


def shown(page: Page) -> None:
    expect(page.locator("#picture")).to_have_js_property("complete", True)
    expect(page.locator("#picture")).not_to_have_js_property("naturalWidth", 0)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_note_is_kept_at_a_frame_and_deleted_without_losing_what_was_drawn(browser: Browser, language: str) -> None:
    town, case, _ = ready_desk()
    desk = ReviewDesk(town.office, town.people["clerk"])
    with (
        served(make_app(town.office, review=desk)) as own,
        visit(browser, f"{own}/{language}/review/{desk.key}/{case}") as seen,
    ):
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press(".")
        page.keyboard.press("a")
        drawn = keys(page, 3)
        notes = page.locator("#notes")
        expect(notes.locator('[name="frame"]')).to_have_value("1")
        notes.locator('[name="text"]').fill("<b>a face in the mirror</b>")
        notes.locator('[name="text"]').press("Enter")
        expect(notes.locator("[data-note]")).to_have_count(1)
        expect(notes.locator("[data-note]")).to_contain_text("<b>a face in the mirror</b>")
        assert keys(page, 3) == drawn != [], "what was drawn is still there"
        page.reload()
        shown(page)
        assert gates(seen, own=(own,)).keys() <= {"scripts"}
        notes.locator("[data-frame]").press("Enter")
        expect(page.locator("#where")).to_have_text(re.compile(r"^1 / "))
        notes.locator('[name="frame"]').fill("99999")
        notes.locator('[name="text"]').fill("beyond the end")
        notes.locator('[name="text"]').press("Enter")
        expect(notes.locator("[role=status]")).to_have_text(re.compile("300"))
        notes.locator("[data-note] button").click()
        expect(notes.locator("[data-note]")).to_have_count(0)
    desk.close()


@needs_voice
@pytest.mark.parametrize("language", ["en", "fr"])
def test_speech_is_walked_heard_and_silenced_by_keyboard(browser: Browser, language: str) -> None:
    said = np.concatenate([np.zeros(clips.RATE, np.float32), spoken()])[None]
    town, case, _ = ready_desk(pictures=int(said.shape[1] / clips.RATE * 5) + 5, rate=5, sound=said)
    desk = ReviewDesk(town.office, town.people["clerk"])
    with (
        served(make_app(town.office, review=desk)) as own,
        visit(browser, f"{own}/{language}/review/{desk.key}/{case}") as seen,
    ):
        page = seen.page
        shown(page)
        wave = page.locator("#wave")
        expect(wave).to_be_visible()
        expect(wave).not_to_have_js_property("naturalWidth", 0)
        assert gates(seen, own=(own,)).keys() <= {"scripts"}
        page.locator("#stage").focus()
        page.keyboard.press("s")
        expect(page.locator("#where")).not_to_have_text(re.compile(r"^0 / "))
        expect(page.locator("#hear")).to_have_attribute("src", re.compile(r"/sound/\d+\.wav$"))
        page.keyboard.press("Shift+S")
        start, end = (float(page.locator(f'[name="s1.{part}"]').input_value()) for part in ("start", "end"))
        assert 0.5 < start < 1.5 and end > start + 1
        wave.click(position={"x": 2, "y": 10})
        expect(page.locator("#where")).to_have_text(re.compile(r"^0 / "))
    desk.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate_but_that_it_has_its_own_scripts(
    browser: Browser, room: Room, language: str
) -> None:
    with visit(browser, room.page(language), reduced_motion="reduce") as seen:
        shown(seen.page)
        assert seen.policy == POLICY
        assert gates(seen, own=(room.own,)) == {"scripts": 3}


def test_keys_select_move_size_drop_keep_and_draw(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press("n")
        before = keys(page, 1)[0]
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        after = keys(page, 1)[0]
        assert [b - a for a, b in zip(before, after, strict=True)] == [0, 4, 0, 4, 4]
        source = page.locator('tr[data-track="1"] [data-part="source"]').inner_text()
        assert (state(page, 1), source) == ("kept", "by hand")
        page.keyboard.press("Delete")
        assert state(page, 1) == "dropped" and "dropped" in page.locator("#status").inner_text()
        page.keyboard.press("Delete")
        assert state(page, 1) == "kept"
        page.keyboard.press(".")
        page.keyboard.press("a")
        drawn = next(i for i in (3, 4, 5) if page.locator(f'[name="t{i}.keys"]').count() and keys(page, i))
        assert keys(page, drawn)[0][0] == 1
        page.keyboard.press("PageDown")
        page.keyboard.press("e")
        assert keys(page, drawn)[-1][0] == 11  # the last picture
        assert seen.complaints == []


def test_the_mouse_moves_sizes_and_draws(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.evaluate("document.getElementById('stage').scrollIntoView({block: 'end'})")
        area = page.locator("#boxes").bounding_box()
        assert area is not None
        scale = area["width"] / 640

        def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
            page.mouse.move(area["x"] + start[0] * scale, area["y"] + start[1] * scale)
            page.mouse.down()
            page.mouse.move(area["x"] + end[0] * scale, area["y"] + end[1] * scale, steps=4)
            page.mouse.up()

        _, left, top, right, bottom = keys(page, 1)[0]
        middle = ((left + right) / 2, (top + bottom) / 2)
        drag(middle, (middle[0] + 30, middle[1] + 20))
        assert keys(page, 1)[0][1:] == pytest.approx([left + 30, top + 20, right + 30, bottom + 20], abs=2)
        drag((right + 30, bottom + 20), (right + 40, bottom + 5))
        assert keys(page, 1)[0][3:] == pytest.approx([right + 40, bottom + 5], abs=3)
        drag((300, 300), (360, 340))
        assert keys(page, 3)[0] == pytest.approx([0, 300, 300, 360, 340], abs=3)


def test_the_slider_the_timeline_and_play_move_through_the_pictures(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.locator("#at").focus()
        page.keyboard.press("End")
        assert page.locator("#where").inner_text().startswith("11 / 11")
        page.locator("#line").click(position={"x": 3, "y": 20})
        assert page.locator("#where").inner_text().startswith("0 / 11")
        page.get_by_role("button", name="Play").click()
        expect(page.locator("#where")).to_have_text(re.compile(r"^11 / "), timeout=15_000)


def test_sound_is_heard_and_replaced_between_two_digests(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        with page.expect_response("**/sound/0.wav") as heard:
            page.get_by_role("button", name="Listen from here").click()
        assert heard.value.status in (200, 206)
        page.get_by_role("button", name="Start silence").click()
        page.locator("#at").focus()
        page.keyboard.press("End")
        page.get_by_role("button", name="End silence").click()
        assert page.locator('[name="s1.start"]').input_value() == "0.00"
        assert float(page.locator('[name="s1.end"]').input_value()) == pytest.approx(0.48, abs=0.02)


def test_what_was_typed_by_half_is_left_as_it_is_for_the_office_to_refuse(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        blank = page.locator('[name="t3.keys"]')
        blank.fill("2 0 0 10")
        page.locator('[name="s1.end"]').fill("0.3")
        page.locator("#stage").focus()
        page.keyboard.press("a")
        assert blank.input_value() == "2 0 0 10" and len(keys(page, 4)) == 1, "drawn in a row of its own"
        blank.fill("2 0 0 10\n3 40 40 90 90")
        blank.blur()
        page.locator('tr[data-track="3"] button').click()
        page.keyboard.press("ArrowRight")
        assert blank.input_value() == "3 44 40 94 90\n2 0 0 10", "a line that is no position stays"
        page.get_by_role("button", name="Start silence").click()
        spans = [page.locator(f'[name="s{n}.{part}"]').input_value() for n in (1, 2) for part in ("start", "end")]
        assert spans == ["", "0.3", "0.12", ""], "a silence that has begun stands in the form"
        assert seen.complaints == []


def test_what_was_done_can_be_undone_and_made_again(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press("n")
        first, source = keys(page, 1), page.locator('tr[data-track="1"] [data-part="source"]')
        told = source.inner_text()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        moved = keys(page, 1)
        page.keyboard.press("Delete")
        page.keyboard.press("Control+z")
        assert state(page, 1) == "kept" and keys(page, 1) == moved
        page.keyboard.press("u")
        assert keys(page, 1) == first and source.inner_text() == told, "a key held down is one change"
        assert state(page, 1) == "to_review"
        page.keyboard.press("u")
        assert "Nothing to undo" in page.locator("#status").inner_text()
        page.keyboard.press("y")
        assert keys(page, 1) == moved and state(page, 1) == "kept"
        page.keyboard.press("a")
        added = next(i for i in (3, 4) if keys(page, i))
        page.get_by_role("button", name="Undo").click()
        assert keys(page, added) == [] and keys(page, 1) == moved
        page.locator('[name="t1.state"]').select_option("dropped")
        page.get_by_role("button", name="Undo").click()
        assert state(page, 1) == "kept"
        assert seen.complaints == []


def test_where_a_face_was_lost_is_gone_to(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press("l")
        assert "No box ends" in page.locator("#status").inner_text()
        page.locator('[name="t1.keys"]').fill("0 40 40 90 90\n4 50 40 100 90")
        page.locator('[name="t1.keys"]').blur()
        page.get_by_role("button", name="Next lost face").click()
        assert page.locator("#where").inner_text().startswith("4 / 11")
        assert "Box 1 ends in mid-frame" in page.locator("#status").inner_text()
        page.locator("#stage").focus()
        page.keyboard.press(".")
        page.keyboard.press("e")
        assert keys(page, 1)[-1][0] == 5


def test_a_box_by_hand_moves_straight_between_the_pictures_it_was_set_in(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press("a")
        drawn = next(i for i in (3, 4) if keys(page, i))
        start = keys(page, drawn)[0]
        for _ in range(10):
            page.keyboard.press(".")
        page.keyboard.press("e")
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        assert keys(page, drawn) == [start, [10, start[1] + 20, start[2], start[3] + 20, start[4]]]
        for _ in range(5):
            page.keyboard.press(",")
        page.keyboard.press("k")
        assert page.locator("#boxes .selected").get_attribute("x") == str(start[1] + 10)


def test_as_covered_the_face_is_not_to_be_seen(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.get_by_label("Preview redaction").check()
        fill = page.evaluate("getComputedStyle(document.querySelector('#boxes .box')).fill")
        assert fill == "rgb(0, 0, 0)"


def test_without_scripts_the_tables_are_there_and_the_form_can_be_sent(browser: Browser, room: Room) -> None:
    with visit(browser, room.address, script=False) as seen:
        page = seen.page
        assert page.locator("#stage").is_hidden() and page.get_by_text("Without scripts").is_visible()
        assert page.get_by_role("link", name="Frame 0").first.is_visible()
        page.locator('[name="t1.state"]').select_option("dropped")
        page.get_by_label("I watched and listened to the whole recording").check()
        page.get_by_role("button", name="Keep reviewed plan").click()
        assert page.locator("h1").inner_text() == "Plan kept"


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("fr", 360)])
def test_faults_are_shown_at_their_fields_and_what_was_drawn_stays(
    browser: Browser, room: Room, language: str, width: int
) -> None:
    with visit(browser, room.page(language), width=width) as seen:
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press("a")
        drawn = keys(page, 3)
        page.locator('[name="s1.start"]').fill("0.2")
        page.locator('[name="looked"]').check()
        page.locator('#review button[type="submit"]').click()
        expect(page.locator('[name="s1.end"]')).to_be_focused()
        expect(page.locator('[name="s1.end"]')).to_have_attribute("aria-invalid", "true")
        assert keys(page, 3) == drawn and page.locator('[name="s1.start"]').input_value() == "0.2"
        shown(page)
        assert not axe_violations(page) and not sideways(page)


def test_with_scripts_what_was_drawn_is_what_is_kept(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.locator("#stage").focus()
        page.keyboard.press("a")
        page.keyboard.press("r")
        page.get_by_label("I watched and listened to the whole recording").check()
        page.get_by_role("button", name="Keep reviewed plan").click()
        assert page.locator("h1").inner_text() == "Plan kept"
        kept = room.town.kernel.state.datasets[page.locator("dl code").inner_text()]
        assert kept.facts["by_hand"] == 1 and kept.facts["to_review"] == 0


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("fr", 360)])
def test_by_keyboard_a_box_is_followed_boxes_are_merged_narrowed_and_kept(
    browser: Browser, room: Room, language: str, width: int
) -> None:
    with visit(browser, room.page(language), width=width) as seen:
        page, told = seen.page, seen.page.locator("#status")
        shown(page)
        faces = [track(page, 1), track(page, 2)]
        page.locator("#stage").focus()
        press(page, ". . . a f")
        first = "Choose what box 3 covers" if language == "en" else "Choisissez ce que couvre le cadre 3"
        expect(told).to_contain_text(first)
        expect(page.locator("#what")).to_be_focused()
        page.locator("#what").select_option("screen")
        assert page.locator('[name="t3.what"]').input_value() == "screen"
        page.locator("#stage").focus()
        press(page, "f")
        followed = "Box 3 covers frames 0 to 11." if language == "en" else "Le cadre 3 couvre les images 0 à 11."
        expect(told).to_contain_text(followed, timeout=60_000)
        assert (keys(page, 3)[0][0], keys(page, 3)[-1][0]) == (0, 11)
        press(page, "u")
        assert len(keys(page, 3)) == 1, "following is one change"
        press(page, "y Escape n m n m j")
        assert (state(page, 1), state(page, 2)) == ("kept", "dropped")
        one = track(page, 1)
        for number in range(12):
            for face in faces:
                assert contains(box_at(one, number), box_at(face, number))
        rows = page.locator("tr[data-track]:visible")
        state_of, item, source, below = page.locator("[data-filter] select").all()
        for select, value, left in ((state_of, "dropped", ["2"]), (state_of, "", None), (source, "automatic", ["2"])):
            select.select_option(value)
            assert left is None or rows.locator("th").all_inner_texts() == left
        source.select_option("")
        item.select_option("face")
        below.select_option("300")
        assert rows.count() == 0, "both faces are found with more confidence"
        below.select_option("")
        page.locator("[data-all]").focus()
        press(page, "Space")
        page.locator("#stage").focus()
        press(page, "Shift+D")
        assert [state(page, n) for n in (1, 2, 3)] == ["dropped", "dropped", "kept"], (
            "those not shown stay as they were"
        )
        press(page, "u")
        assert not axe_violations(page) and not sideways(page) and seen.complaints == []
        page.locator('[name="looked"]').focus()
        press(page, "Space Tab Enter")
        expect(page.locator("h1")).to_have_text("Plan kept" if language == "en" else "Plan conservé")
        kept = room.town.kernel.state.datasets[page.locator("dl code").inner_text()]
        assert (kept.facts["tracks"], kept.facts["dropped"], kept.facts["by_hand"]) == (2, 1, 2)


def press(page: Page, several: str) -> None:
    for key in several.split():
        page.keyboard.press(key)


def track(page: Page, number: int) -> Track:
    return Track(id=number, keys=tuple(tuple(key) for key in keys(page, number)))  # type: ignore[misc]


def contains(outer: Any, inner: Any) -> bool:
    return inner is None or bool(
        outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]
    )


def test_a_merged_box_covers_all_that_was_covered_as_the_redaction_draws_it(browser: Browser, room: Room) -> None:
    rng = np.random.default_rng(5)

    def drawn() -> list[list[int]]:
        numbers = np.unique(rng.integers(0, 200, rng.integers(1, 9)))
        corners = rng.integers(0, (600, 320), (len(numbers), 2))
        sides = rng.integers(1, (41, 41), (len(numbers), 2))
        return [[int(n), *map(int, a), *map(int, a + b)] for n, a, b in zip(numbers, corners, sides, strict=True)]

    cases = [[drawn() for _ in range(rng.integers(1, 5))] for _ in range(60)]
    with visit(browser, room.address) as seen:
        merge = "async ([at, cases]) => { const m = await import(at); return cases.map((c) => m.merged(c, 640, 360)); }"
        at = seen.page.locator("#review").get_attribute("data-modules")
        assert at is not None
        answers = seen.page.evaluate(merge, [at.split()[0], cases])
    for case, answer in zip(cases, answers, strict=True):
        one = Track(id=1, keys=tuple(tuple(key) for key in answer))  # type: ignore[misc]
        assert all(0 <= a < c <= 640 and 0 <= b < d <= 360 for _, a, b, c, d in answer)
        for before in case:
            other = Track(id=2, keys=tuple(tuple(key) for key in before))  # type: ignore[misc]
            assert all(contains(box_at(one, n), box_at(other, n)) for n in range(before[0][0], before[-1][0] + 1))


def test_the_walk_stops_at_uncertain_moments_only_and_counts_what_is_left(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page, left = seen.page, seen.page.locator("#unsure")
        shown(page)
        assert "left: 0" in left.inner_text()
        for number, text in ((1, "0 40 40 90 90\n4 50 40 100 90"), (2, "7 52 42 102 92\n9 600 42 640 92")):
            page.locator(f'[name="t{number}.keys"]').fill(text)
            page.locator(f'[name="t{number}.keys"]').blur()
        page.locator('tr[data-track="3"] textarea').fill("2 300 300 340 340\n11 300 300 340 340")
        page.locator('tr[data-track="3"] textarea').blur()
        assert "left: 2" in left.inner_text(), "a gap and a start; what leaves at the edge or at the end is certain"
        page.locator("#stage").focus()
        press(page, "i")
        assert page.locator("#where").inner_text().startswith("2 / ") and "Box 3 starts" in page.inner_text("#status")
        press(page, "i")
        assert page.locator("#where").inner_text().startswith("6 / ") and "left: 0" in left.inner_text()
        assert "Gap between boxes 1 and 2" in page.inner_text("#status")
        press(page, "Shift+I")
        assert page.locator("#where").inner_text().startswith("2 / ")
        press(page, "i")
        assert "No uncertain moment left" in page.inner_text("#status")
        press(page, "j")
        assert [key[0] for key in keys(page, 1)][:: len(keys(page, 1)) - 1] == [0, 9], "both are marked: one key merges"


def test_the_frame_is_enlarged_moved_and_drawn_on(browser: Browser, room: Room) -> None:
    with visit(browser, room.address) as seen:
        page = seen.page
        shown(page)
        page.evaluate("document.getElementById('stage').scrollIntoView({block: 'end'})")
        page.locator("#stage").focus()
        whole = page.locator("#boxes").bounding_box()
        press(page, "+ + Escape ArrowRight")
        area, stage = page.locator("#boxes").bounding_box(), page.locator("#stage").bounding_box()
        assert whole is not None and area is not None and stage is not None
        assert area["width"] == pytest.approx(2.25 * whole["width"], rel=0.01) and not sideways(page)
        assert area["x"] + area["width"] / 2 < stage["x"] + stage["width"] / 2, "what is to the right is seen"
        expect(page.locator("#picture")).to_have_attribute("src", re.compile(r"/full/0\.jpg$"))
        scale = area["width"] / 640
        page.mouse.move(area["x"] + 300 * scale, area["y"] + 150 * scale)
        page.mouse.down()
        page.mouse.move(area["x"] + 340 * scale, area["y"] + 190 * scale, steps=4)
        page.mouse.up()
        assert keys(page, 3)[0] == pytest.approx([0, 300, 150, 340, 190], abs=2)
        page.mouse.wheel(0, 400)
        press(page, "0")
        assert page.locator("#boxes").bounding_box() == whole


@pytest.mark.parametrize(
    ("language", "words", "found"),
    [
        ("en", "foia privacy", 2),
        ("fr", "ENQUETE", 2),
        ("fr", "laimpvp vie", 1),
        ("en", "mfippa 14", 1),
        ("en", "zzz", 0),
    ],
)
def test_exemptions_are_found_by_law_and_words_and_what_is_chosen_stays(
    browser: Browser, room: Room, language: str, words: str, found: int
) -> None:
    with visit(browser, room.page(language)) as seen:
        page, picker = seen.page, seen.page.locator('select[name="exempt"]')
        assert page.locator('select[name="exempt"] optgroup').count() == 3
        picker.select_option("fippa-21")
        page.locator("#exemption-words").fill(words)
        page.locator("#exemption-words").press("Enter")
        assert page.locator("#review").count() == 1, "Enter searches and sends nothing"
        open_ = "select[name='exempt'] option[data-words]:not([disabled])"
        assert page.locator(open_).count() - 1 == found and picker.input_value() == "fippa-21"
        assert str(found) in page.locator("#exemption-found").inner_text()
        assert page.locator("select[name='t1.exempt'] option[data-words]:not([disabled])").count() == found
        page.locator("#exemption-words").fill("")
        assert page.locator(open_).count() == 16
