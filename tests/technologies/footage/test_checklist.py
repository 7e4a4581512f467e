"""The checklist is whole: every item in both languages, held by tests that exist or by a document a person produces."""

from __future__ import annotations

from pathlib import Path

from peelian.technologies.footage.checklist import checklist

ROOT = Path(__file__).resolve().parents[3]


def test_every_item_is_whole_and_its_tests_exist() -> None:
    items = checklist()
    assert [item["id"] for item in items] == [f"BWC-{n:02}" for n in range(1, len(items) + 1)]
    for item in items:
        assert item["en"] and item["fr"] and item["sources"]
        assert item.get("tests") or item.get("human"), item["id"]
        assert len(item.get("human", [])) in (0, 2)
        for name in item.get("tests", []):
            file, _, test = name.partition("::")
            text = (ROOT / file).read_text(encoding="utf-8")
            assert not test or f"def {test}(" in text, name


def test_it_covers_what_the_commissioners_ask() -> None:
    text = " ".join([item["en"] + " ".join(item.get("human", [])) for item in checklist()]).lower()
    asked = (
        "pilot",
        "covert",
        "muted",
        "private place",
        "reason",
        "encrypted",
        "restricted",
        "redacted",
        "annual report",
    )
    assert [word for word in asked if word not in text] == []
