"""A document is one JSON record and one page, marked as made outside any office, with what stays open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from audited import compas, matcher

from peelian.audit import Audit, Document
from peelian.audit.documents import SCHEMA, count, number, percent
from peelian.demos.trial import OUTSIDE

DOCUMENTS: dict[str, Callable[[str], Document]] = {
    "risk card": lambda language: compas(language).model_card(),
    "risk fria": lambda language: compas(language).fria(),
    "risk aia": lambda language: compas(language).aia(),
    "risk ll144": lambda language: compas(language).ll144(sex="sex", race="race", favourable="low"),
    "faces card": lambda language: matcher(language).model_card(),
    "faces fria": lambda language: matcher(language).fria(),
    "faces aia": lambda language: matcher(language).aia(),
}


@pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_a_record_and_a_page_with_what_is_open(made: Callable[[str], Document], tmp_path: Path) -> None:
    document = made("en")
    page, record = document.write(tmp_path)
    kept = json.loads(record.read_text(encoding="utf-8"))
    assert kept == json.loads(document.to_json()) and kept["schema"] == SCHEMA and kept["made"] == OUTSIDE
    assert kept["data"] and len({part["id"] for part in kept["parts"]}) == len(kept["parts"])
    assert any(part["open"] for part in kept["parts"]), "no document is complete without people"
    text = page.read_text(encoding="utf-8")
    assert OUTSIDE in text and "Open: " in text and "<script" not in text


@pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_french_document_has_the_same_figures_in_french(made: Callable[[str], Document]) -> None:
    english, french = made("en"), made("fr")
    assert [[dict(row) for row in part.rows] for part in english.parts] == [
        [dict(row) for row in part.rows] for part in french.parts
    ]
    assert 'lang="fr"' in french.html and "À compléter" in french.html
    assert not {p.title for p in english.parts if " " in p.title} & {p.title for p in french.parts}


def test_hidden_numbers_are_dashes_and_null() -> None:
    assert percent(None) == number(float("nan")) == count(None) == "–" and percent(0.0) == "0.0%"
    rows = [row for part in compas().model_card().record["parts"] for row in part["rows"]]
    hidden = [row for row in rows if row["n"] is None]
    assert hidden and all(row["fpr"] is None and row["auc"] is None for row in hidden)


def test_documents_name_nobody() -> None:
    audits: list[Audit] = [matcher()]
    assert all("s0001" not in audit.model_card().html for audit in audits)
