"""The track of a case: which documents it has, what follows which, and where it stands."""

from __future__ import annotations

from peelian.governance.book import Book, Track


def _track() -> Track:
    track = Track(case="c-1", capability="toy.count", purpose="advice", by="t", unit="u")
    said = [("ASKED", "m1", ""), ("PERMITTED", "m2", "m1"), ("RAN", "m3", "m2"), ("EXPORTED", "", "")]
    for index, (kind, mark, before) in enumerate(said):
        marks = {key: value for key, value in (("mark", mark), ("before", before)) if value}
        track.entries.append((index, {"v": 1, "t": "2026-01-01T00:00:00.00Z", "kind": kind, **marks}))
    return track


def test_a_track_knows_its_documents_and_what_follows_them() -> None:
    track = _track()
    assert track.marks("RAN") == ["m3"] and track.marks("DECIDED") == []
    assert [entry["kind"] for entry in track.after("RAN", "m2")] == ["RAN"] and not track.after("RAN", "m1")


def test_taking_something_out_is_no_step_of_a_case() -> None:
    assert _track().state == "RAN"


def test_an_empty_book_says_nothing() -> None:
    book = Book()
    assert not book.people and not book.datasets and not book.shelves.destroyed and book.began == ""
    assert book == Book()
