"""A file with signs of a trace is admitted once two people said why: that content alone, and its page says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from desk import Desk, declared, desk
from wandering import Device, positions

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.intake.read import admitted
from peelian.kernel import verbs
from peelian.kernel.disclosure.signed_past import propose_past_signs
from peelian.kernel.identity import dual_control
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.formats import SIGN, SIGNED_PAST, Admitted
from peelian.measure.projection import Projection
from peelian.technologies.mapping.formats import FORMATS

HERE = Projection(centre_lon=-79.4, centre_lat=43.7)
WHY = "one shop reports every theft itself"


def read(folder: Path, seed: int = 1, **options: str) -> Admitted:
    """Pings of one device as thefts, among assaults of many people: only the category by itself is a trace."""
    hour, east, north = positions(Device(minutes=60, days=20, seed=seed))
    chance = np.random.default_rng(1)
    many = chance.integers(0, 500 * 24, 5_000)
    lon, lat = HERE.to_degrees(*(np.append(one, chance.uniform(0, 12_000, 5_000)) for one in (east, north)))
    when = np.datetime64("2024-01-01T00", "s") + (np.append(hour, many) * 3600).astype("timedelta64[s]")
    words = ["bicycle_theft"] * len(hour) + ["assault"] * 5_000
    rows = [f"{t},{x:.6f},{y:.6f},{word}" for t, x, y, word in zip(when, lon, lat, words, strict=True)]
    (folder / "a.csv").write_text("\n".join(["occurred,longitude,latitude,category", *rows]) + "\n", encoding="utf-8")
    return admitted(folder / "a.csv", "incidents", FORMATS, {"zone": "America/Toronto", **options})[1]


def admit(town: Desk, taken: Admitted, who: str = "custodian") -> Admission:
    return verbs.admit(town.kernel, town.people[who], declared("proof"), taken, format="incidents")


@pytest.fixture
def town() -> Desk:
    return desk(None)


def test_nobody_admits_it_alone(town: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\(bicycle_theft\) look like the trace.*option signs=signed"):
        read(tmp_path)
    taken = read(tmp_path, signs="signed")
    assert [(note.values["category"], note.values["n"]) for note in taken.notes if note.kind == SIGN] == [
        ("bicycle_theft", 480)
    ]
    for _ in range(2):
        with pytest.raises(OutOfOrder, match=taken.table.digest()):
            admit(town, taken)
    proposal = propose_past_signs(town.kernel, town.people["custodian"], taken.table.digest(), words=WHY)
    with pytest.raises(OutOfOrder):
        admit(town, taken)
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, town.people["custodian"], proposal)
    assert not town.kernel.state.datasets


def test_two_people_sign_past_it_for_that_content_once(town: Desk, tmp_path: Path) -> None:
    taken, other = read(tmp_path, signs="signed"), read(tmp_path, 2, signs="signed")
    proposal = propose_past_signs(town.kernel, town.people["custodian"], taken.table.digest(), words=WHY)
    ((waiting, made, approved),) = dual_control.open_proposals(town.kernel)
    assert (waiting, made.words, approved) == (proposal, WHY, False)  # the board sees the reason before and after
    dual_control.approve(town.kernel, town.people["board"], proposal)
    with pytest.raises(OutOfOrder):
        admit(town, other)
    known = admit(town, taken)
    assert known.facts[SIGNED_PAST] == proposal
    assert [note["kind"] for note in known.notes[:1]] == [SIGN] and known.notes[-1]["values"] == {"proposal": proposal}
    with pytest.raises(OutOfOrder):  # the same once more needs two people once more
        admit(town, taken)


def test_a_file_cannot_say_that_it_was_signed(town: Desk, tmp_path: Path) -> None:
    from dataclasses import replace

    taken = read(tmp_path, signs="signed")
    plain = replace(taken, notes=(), facts={**taken.facts, SIGNED_PAST: "x"})
    assert SIGNED_PAST not in admit(town, plain).facts


@pytest.mark.parametrize("content", ["", "short", "x" * 200, "../" * 20])
def test_what_is_no_digest_is_not_proposed(town: Desk, content: str) -> None:
    with pytest.raises(PeelianError):
        propose_past_signs(town.kernel, town.people["custodian"], content, words=WHY)
