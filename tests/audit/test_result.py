"""An audit says what it found, gives tables in the caller's own frames, writes try's report, and holds no row."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from audited import comparisons, compas, matcher

import peelian.audit
from peelian.demos.trial import OUTSIDE
from peelian.errors import InputError


def test_conclusions_and_caveats_are_sentences_in_the_language_asked_for() -> None:
    assert any("1.91 times that of Caucasian" in said for said in compas().conclusions)
    assert any("recorded, not what happened" in said for said in compas().caveats)
    assert not set(compas().conclusions) & set(compas().caveats)
    assert any("1,91" in said for said in compas("fr").conclusions)
    assert str(compas()).startswith(f"Risk instrument audit. {OUTSIDE}") and repr(compas()) == str(compas())


def test_words_of_the_page_are_in_the_language_asked_for_too() -> None:
    said = " ".join(peelian.audit.faces(*comparisons(), thresholds=(2.4,), limit_fmr=0.001, language="fr").conclusions)
    assert "« en usage 1 »" in said.replace("\xa0", " ") and "operational" not in said
    assert not {"measured", "indicative", "undetermined"} & set(said.replace(";", " ").replace(")", " ").split())


def test_tables_are_frames_and_facts_are_plain() -> None:
    rates = compas().to_frame("rates")
    assert isinstance(rates, pd.DataFrame) and len(rates) == compas().tables["rates"].num_rows
    mine = rates[(rates.group == "African-American") & (rates.metric == "fpr") & (rates["at"] == 5)]
    assert round(100 * mine.value.item(), 2) == 44.85 and (mine.num.item(), mine.den.item()) == (805, 1795)
    assert compas().facts["people"] == 7_214 and compas().technology == "risk"
    with pytest.raises(InputError, match=r"no such table\. Expected: verdicts, rates"):
        compas().to_frame("people")


def test_a_hidden_group_has_no_numbers_in_any_frame() -> None:
    rates = compas().to_frame("rates")
    hidden = rates[rates.suppressed == "fewer than 10"]
    assert len(hidden) and hidden[["value", "lo", "hi", "num", "den"]].isna().all(axis=None)


def test_the_report_is_that_of_try_and_marked(tmp_path: Path) -> None:
    written = {path.suffix for path in compas().report(tmp_path / "out")}
    assert {".html", ".json", ".csv"} <= written
    assert OUTSIDE in (tmp_path / "out" / "risk.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out" / "risk.json").read_text(encoding="utf-8"))["capability"] == "risk.audit"


def test_numbers_of_labels_stay_with_the_caller(tmp_path: Path) -> None:
    assert sorted(matcher().labels.values()) == ["kin 0", "kin 1", "kin 2"]
    matcher().report(tmp_path)
    matcher().model_card().write(tmp_path)
    assert not [path for path in tmp_path.iterdir() if b"kin 0" in path.read_bytes()]
