"""The review's pages open only with their key, log the opening once, and keep exactly what the form says."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator

import clips
import pytest
from authentication import at_pages, logged_on, send
from desk import Desk
from fastapi.testclient import TestClient
from plans import rgb_of
from reviews import ready_desk
from suspending import suspend
from vaults import plain

from peelian.kernel import verbs
from peelian.kernel.identity.step_up import prove
from peelian.kernel.verbs.redaction_review import looked_through
from peelian.technologies.footage.measure.plan import plan_from
from peelian.technologies.footage.measure.recording import pictures
from peelian.technologies.footage.redaction.declared import RedactParams
from peelian.web.app import make_app
from peelian.web.footage import review
from peelian.web.footage.review import ReviewDesk


@pytest.fixture(scope="module")
def ready() -> tuple[Desk, str, clips.Clip]:
    return ready_desk()


@pytest.fixture
def desk(ready: tuple[Desk, str, clips.Clip]) -> Iterator[ReviewDesk]:
    town, _, _ = ready
    made = ReviewDesk(town.office, town.people["clerk"])
    yield made
    made.close()


@pytest.fixture
def client(ready: tuple[Desk, str, clips.Clip], desk: ReviewDesk) -> TestClient:
    return TestClient(make_app(ready[0].office, review=desk), base_url="http://127.0.0.1")


def fields_of(page: str) -> dict[str, str]:
    """What a browser without scripts would send of the page's form."""
    found = {
        name: html.unescape(value) for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    }
    found |= {n: html.unescape(v) for n, v in re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', page)}
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', body) or re.search(r'value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    return found


def test_without_the_key_there_is_nothing(ready: tuple[Desk, str, clips.Clip], client: TestClient) -> None:
    before = len(ready[0].opened())
    for path in ("", "/picture/0.jpg", "/full/0.jpg", "/follow/0.json?box=9,9,90,90", "/sound/0.wav"):
        assert client.get(f"/en/review/guess/{ready[1]}{path}").status_code == 404
    assert client.post(f"/en/review/guess/{ready[1]}", content="looked=yes").status_code == 404
    assert client.post(f"/en/review/guess/{ready[1]}", content=b"\xff").status_code == 404, "no form is read for them"
    assert len(ready[0].opened()) == before


def test_opening_is_logged_once_with_the_person(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk
) -> None:
    town, case, _ = ready
    before = len(town.opened())
    for number in (0, 5, 9):
        answer = client.get(f"/en/review/{desk.key}/{case}/picture/{number}.jpg")
        assert answer.status_code == 200 and answer.content.startswith(b"\xff\xd8")
        assert answer.headers["cache-control"] == "no-store"
    assert client.get(f"/en/review/{desk.key}/{case}/picture/99999.jpg").status_code == 404
    assert client.get(f"/en/review/{desk.key}/{case}/sound/0.wav").content.startswith(b"RIFF")
    assert len(town.opened()) == before + 2  # the recording and the proposal
    last = [e for _, e in town.kernel.stores.log.read() if e["kind"] == "OPENED"][-1]
    assert last["by"] == town.people["clerk"].person.token


def test_a_drawn_box_is_followed_and_a_wrong_one_is_told(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk
) -> None:
    town, case, clip = ready
    address = f"/en/review/{desk.key}/{case}/follow"
    assert client.get(address.removesuffix("/follow")).status_code == 200
    box = next(face.box for face in clip.faces if face.picture == 5)
    asked = ",".join(str(round(side)) for side in box) + "&what=face"
    before, entries = len(town.kernel.state.datasets), town.kernel.stores.log.size
    found = client.get(f"{address}/5.json?box={asked}")
    assert found.status_code == 200 and set(found.json()) == {"keys", "began", "ended", "tips"}
    assert [found.json()[name] for name in ("began", "ended")] == ["end", "end"]
    numbers = [key[0] for key in found.json()["keys"]]
    assert (numbers[0], numbers[-1]) == (0, clip.pictures - 1) and len(town.kernel.state.datasets) == before
    assert found.headers["cache-control"] == "no-store" and town.kernel.stores.log.size == entries
    assert client.get(f"/en/review/guess/{case}/follow/5.json?box={asked}").status_code == 404
    for wrong in HOSTILE_BOXES:
        told = client.get(f"{address}/5.json", params={"box": wrong, "what": "face"})
        assert told.status_code == 400 and told.json()["says"], wrong
    assert client.get(f"{address}/5.json").status_code == 400
    told = client.get(f"/fr/review/{desk.key}/{case}/follow/5.json?box=1,1,3,3&what=face").json()["says"]
    assert told.startswith("cadre trop petit")
    assert client.get(address.replace("follow", "full") + "/3.jpg").content.startswith(b"\xff\xd8")
    assert client.get(address.replace("follow", "full") + "/99999.jpg").status_code == 404
    for number in ("99999", "-1", "nan", "1e3", "9" * 5000):
        assert client.get(f"{address}/{number}.json?box={asked}").status_code in (400, 404, 422)


def around(box: tuple[float, float, float, float], wide: float, tall: float) -> str:
    """A box of so many widths and heights of a face, with the face in its upper middle, inside the frame."""
    middle, width, height = (box[0] + box[2]) / 2, (box[2] - box[0]) * wide, (box[3] - box[1]) * tall
    left, top = max(0, middle - width / 2), max(0, box[1] - (box[3] - box[1]) / 4)
    return ",".join(str(round(side)) for side in (left, top, min(640, left + width), min(360, top + height)))


def test_a_face_is_followed_and_a_whole_person_is_not_under_any_name(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk
) -> None:
    _, case, clip = ready
    base = f"/en/review/{desk.key}/{case}"
    client.get(base)
    face = next(face.box for face in clip.faces if face.picture == 5)
    assert client.get(f"{base}/follow/5.json?box={around(face, 1.2, 1.3)}&what=face").status_code == 200
    for what in ("face", "plate", "screen", "document", "body", "other", "", "person", "face&what=body"):
        told = client.get(f"{base}/follow/5.json?box={around(face, 3.5, 7)}&what={what}")
        assert told.status_code == 400 and "cover a whole person by hand" in told.json()["says"], what
    for way in ("", "everywhere", "onward\n"):
        asked = {"box": around(face, 1.2, 1.3), "what": "face", "way": way}
        assert client.get(f"{base}/follow/5.json", params=asked).status_code == 400
    french = client.get(f"/fr/review/{desk.key}/{case}/follow/5.json?box={around(face, 3.5, 7)}&what=face")
    assert "couvrez une personne entière à la main" in french.json()["says"]


def test_only_an_open_review_follows() -> None:
    """Not before its page was opened, not after its plan was kept, not while the technology is suspended."""
    town, case, clip = ready_desk()
    desk = ReviewDesk(town.office, town.people["clerk"])
    client = TestClient(make_app(town.office, review=desk), base_url="http://127.0.0.1")
    base = f"/en/review/{desk.key}/{case}"
    face = next(face.box for face in clip.faces if face.picture == 5)
    asked = f"{base}/follow/5.json?box={around(face, 1.2, 1.3)}&what=face"
    before = len(town.opened())
    told = client.get(asked)
    assert told.status_code == 409 and told.json()["says"] == "This review is not open. Open its page first."
    assert len(town.opened()) == before, "and it opens none"
    page = client.get(base)
    assert client.get(asked).status_code == 200
    assert "Plan kept" in client.post(base, data=fields_of(page.text) | {"looked": "yes"}).text
    assert client.get(asked).status_code == 409 and len(town.opened()) == before + 2
    client.get(base)
    assert client.get(asked).status_code == 200
    suspend(town.kernel, town.people["board"], "footage")
    answer = client.get(asked)
    assert answer.status_code == 403 and "keys" not in answer.text


HOSTILE_BOXES = (
    "",
    "1,2,3",
    "1,2,3,4,5",
    "nan,0,9,9",
    "0,0,inf,90",
    "-5,0,90,90",
    "0,0,1e2,90",
    "0,0,99999999999999999999,90",
    "600,300,999999,999999",
    "90,90,10,10",
    "10,10,12,12",
    "0,0,640,360",
    "٣,0,90,90",
    "0,0,90,90\n",
)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_form_alone_is_the_whole_review(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk, language: str
) -> None:
    town, case, _ = ready
    address = f"/{language}/review/{desk.key}/{case}"
    fields = fields_of(client.get(address).text)
    fields |= {"looked": "yes", "t1.state": "dropped", "s1.start": "0.2", "s1.end": "0.6"}
    blank = next(name for name, value in fields.items() if name.endswith(".keys") and not value)
    fields[blank] = "0 10 10 60 60\r\n9 20 10 70 60"
    answer = client.post(address, data=fields)
    assert answer.status_code == 200
    kept = town.kernel.state.datasets[re.search(r"redaction_plan-[0-9a-f]+", answer.text)[0]]  # type: ignore[index]
    plan = plan_from(plain(town.kernel.stores.vault, kept.object))
    assert plan.reviewed and plan.reviewer == town.people["clerk"].person.token
    states = {t.id: (t.source, t.state) for t in plan.tracks}
    assert states[1] == ("automatic", "dropped") and ("manual", "kept") in states.values()
    assert [(s.start, s.end) for s in plan.sound] == [(200, 600)]


def test_a_form_that_nobody_stands_for_or_that_is_wrong_keeps_nothing(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk
) -> None:
    town, case, _ = ready
    address = f"/en/review/{desk.key}/{case}"
    good = fields_of(client.get(address).text) | {"looked": "yes"}
    before = len(town.kernel.state.datasets)
    for change in ({"looked": "no"}, {"t1.keys": "a b c d e"}, {"method": "blur"}, {"s1.start": "9", "s1.end": "1"}):
        assert client.post(address, data=good | change).status_code == 400
    assert client.post(address, content=b"\xff\xfe=1").status_code == 400
    assert len(town.kernel.state.datasets) == before


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ["Line 1: not a position. Expected: five whole", "Time missing. Expected", "A reason of the list"]),
        (
            "fr",
            [
                "Ligne 1\u00a0: pas une position",
                "Temps manquant. Attendu\u00a0: par exemple 12,5",
                "un motif de la liste",
            ],
        ),
    ],
)
def test_a_form_with_faults_is_shown_again_as_typed_and_can_be_mended(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk, language: str, says: list[str]
) -> None:
    address = f"/{language}/review/{desk.key}/{ready[1]}"
    typed = {"looked": "yes", "t1.keys": "<b> 1\r\n0 10 10 60 60", "t2.state": "dropped", "s1.start": "0.1"}
    typed |= {"s2.how": "tone", "method": "blur", "exempt": "mfippa-14", "t2.exempt": "mfippa-14"}
    before = len(ready[0].kernel.state.datasets)
    answer = client.post(address, data=fields_of(client.get(address).text) | typed)
    assert answer.status_code == 400 and len(ready[0].kernel.state.datasets) == before
    again, named = fields_of(answer.text), ("t1.keys", "s1.end", "s2.start", "s2.end", "reason")
    assert {name: again[name].replace("\n", "\r\n") for name in typed} == typed and "<b> 1" not in answer.text
    for name in named:
        assert f'id="{name}-fault"' in answer.text and f'href="#{name}"' in answer.text, name
    assert answer.text.count('aria-invalid="true"') == len(named) and " checked" in answer.text
    assert "evidence_of_expression" not in re.sub(r"<option[^>]*>", "", answer.text)
    for words in says:
        assert words.casefold() in html.unescape(answer.text).casefold(), words
    mended = {"t1.keys": "0 10 10 60 60", "s1.end": "0.2", "s2.start": "0.3", "s2.end": "0.4", "reason": "court_order"}
    assert client.post(address, data=again | mended).status_code == 200
    assert len(ready[0].kernel.state.datasets) == before + 1


def test_a_case_that_proposes_nothing_cannot_be_reviewed(client: TestClient, desk: ReviewDesk) -> None:
    assert client.get(f"/en/review/{desk.key}/c-0000000000").status_code == 409


def test_the_kept_plan_is_carried_out_and_the_original_stays_as_it_was(
    ready: tuple[Desk, str, clips.Clip], client: TestClient, desk: ReviewDesk
) -> None:
    """From the page to the copy: what a person confirmed is what footage.redact does."""
    town, case, clip = ready
    address = f"/en/review/{desk.key}/{case}"
    answer = client.post(address, data=fields_of(client.get(address).text) | {"looked": "yes"})
    next_step = re.search(r"--data item=(footage-[0-9a-f]+) --data plan=(redaction_plan-[0-9a-f]+)", answer.text)
    assert next_step is not None, "the page says what to ask for next, word for word"
    item, plan = next_step.groups()
    clerk = town.people["clerk"]
    permit = verbs.ask(
        town.kernel,
        clerk,
        "footage.redact",
        purpose="disclosure",
        params=RedactParams(),
        datasets={"item": item, "plan": plan},
    )
    evidence, found = verbs.run(town.kernel, clerk, permit)
    prove(town.kernel, clerk)
    with looked_through(town.kernel, clerk, evidence) as files:
        assert files["item"].read() == clip.data
        last = list(pictures(files["redacted"]))[-1]
    faces = [face for face in clip.faces if face.picture == last.number]
    for face in faces:
        x, y = (int((a + b) / 2) for a, b in ((face.box[0], face.box[2]), (face.box[1], face.box[3])))
        assert rgb_of(last)[y - 5 : y + 5, x - 5 : x + 5].max() < 40
    assert len(faces) == 2 and found.facts["to_review"] == 0


def test_at_the_offices_pages_the_recording_opens_after_a_step_up_for_its_reviewer(
    ready: tuple[Desk, str, clips.Clip],
) -> None:
    town, case, _ = ready
    app = make_app(town.office)
    address = f"/en/cases/{case}/review"
    analyst = logged_on(app, town.office, "analyst")
    for path, none in (("", 403), ("/full/0.jpg", 403), ("/follow/0.json?box=9,9,90,90&what=face", 409)):
        assert at_pages(app).get(address + path).status_code == 401
        assert analyst.get(address + path).status_code == none, "of theirs, no review is open"
    clerk = logged_on(app, town.office, "clerk")
    assert f'href="{address}"' in clerk.get(f"/en/cases/{case}").text
    page = clerk.get(address)
    assert page.status_code == 200 and clerk.get(f"{address}/picture/0.jpg").content.startswith(b"\xff\xd8")
    last = [e for _, e in town.kernel.stores.log.read() if e["kind"] == "OPENED"][-1]
    assert last["by"] == town.people["clerk"].person.token and last["session"]
    fields = fields_of(page.text) | {"looked": "yes"}
    assert clerk.post(address, data={**fields, "form": "guess"}).status_code == 403
    before = len(town.kernel.state.datasets)
    assert "Plan kept" in clerk.post(address, data=fields).text and len(town.kernel.state.datasets) == before + 1
    assert clerk.get("/en/cases/c-none/review").status_code == 404
    app.state.lobby.close()


def test_of_two_reviewers_neither_overwrites_the_other_and_both_are_told(ready: tuple[Desk, str, clips.Clip]) -> None:
    town, case, _ = ready
    names = ("clerk", "custodian")
    desks = [ReviewDesk(town.office, town.people[name]) for name in names]
    both = [TestClient(make_app(town.office, review=desk), base_url="http://127.0.0.1") for desk in desks]
    addresses = [f"/en/review/{desk.key}/{case}" for desk in desks]
    forms = [fields_of(c.get(at).text) | {"looked": "yes"} for c, at in zip(both, addresses, strict=True)]
    forms[1]["t1.state"] = "dropped"
    answers = [c.post(at, data=form).text for c, at, form in zip(both, addresses, forms, strict=True)]
    first, second = (re.search(r"Kept as</dt><dd><code>([^<]+)", answer)[1] for answer in answers)  # type: ignore[index]
    assert first != second and {first, second} <= town.kernel.state.datasets.keys()
    kept = [plan_from(plain(town.kernel.stores.vault, town.kernel.state.datasets[n].object)) for n in (first, second)]
    assert [plan.tracks[0].state for plan in kept] == ["kept", "dropped"]
    assert [plan.reviewer for plan in kept] == [town.people[name].person.token for name in names]
    assert first in answers[1] and town.people["clerk"].person.name in answers[1], "the second is told of the first"
    assert second not in answers[0]
    page = both[0].get(addresses[0]).text
    assert first in page and second in page and "No plan replaces another" in page
    for desk in desks:
        desk.close()


def test_a_recording_is_closed_when_its_reviewer_has_logged_off(
    ready: tuple[Desk, str, clips.Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "EVERY", 0.05)
    town, case, _ = ready
    app = make_app(town.office)
    clerk = logged_on(app, town.office, "clerk")
    assert clerk.get(f"/en/cases/{case}/review").status_code == 200
    time.sleep(0.2)
    assert len(app.state.reviews) == 1, "it stays open for whoever is there"
    assert send(clerk, "/en/log-off").status_code == 303
    until = time.monotonic() + 20
    while len(app.state.reviews):
        assert time.monotonic() < until, "the recording is still open"
        time.sleep(0.05)
    app.state.lobby.close()
