"""Proves that a search log is counted at import: no row, date, free text or telling column is kept."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.search_log import FORMATS, LEAST_SEARCHES, TELLING

(LOG,) = FORMATS


def columns(n=60, **changed):
    made = {
        "quarter": ["2024-Q1", "2024 Q2", "T3 2024"] * (n // 3),
        "unit": ["North"] * (n // 2) + ["South"] * (n // 2),
        "purpose": ["suspect", "", "Jane Doe's boyfriend"] * (n // 3),
        "offence_class": ["Robbery", "auto theft", "gobbledygook"] * (n // 3),
        "candidates_returned": ["0", "1", "51"] * (n // 3),
        "analyst_verdict": ["Match", "no match", ""] * (n // 3),
        "corroboration": ["yes", "no", ""] * (n // 3),
        "outcome": ["arrest", "none", "charged"] * (n // 3),
    }
    return {**made, **changed}


def test_rows_become_tallies(as_text):
    admitted = LOG.convert(as_text(columns()), {})
    log = admitted.table
    assert log["n"].sum() == 60 and len(log) == 6
    assert set(log["quarter"].astype(str)) == {"2024-01", "2024-04", "2024-07"}
    assert set(log["offence"]) == {"robbery", "vehicle_theft", "other_reported"}
    assert set(log["purpose"]) == {"identify a suspect", "purpose not stated", "other purpose"}
    assert set(log["returned"]) == {"0", "1", "51+"}
    assert log["n"][log["corroborated"] == 1].sum() == 20, "an empty cell records no evidence"
    assert admitted.facts["groups"] == "North,South"


def test_free_text_is_counted_and_not_kept(as_text):
    admitted = LOG.convert(as_text(columns()), {})
    assert "Jane" not in repr(admitted) + "".join(map(str, admitted.table.rows()))
    told = {note.text[:30]: note.values.get("n") for note in admitted.notes if note.kind == "caveat"}
    assert list(told.values()) == [20, 20]


@pytest.mark.parametrize("name", ["officer", "Officer Name", "probe_id", "name", "case_number", "badge-number", "user"])
def test_telling_columns_are_refused(as_text, name):
    assert name.lower() in TELLING
    with pytest.raises(InputError, match=r"column|tell|identif") as refused:
        LOG.convert(as_text({**columns(), name: ["x"] * 60}), {})
    assert refused.value.column == name


def test_dates_become_quarters_and_nothing_finer(as_text):
    given = columns()
    del given["quarter"]
    log = LOG.convert(as_text({**given, "date": ["2024-02-29", "2024-06-30T23:10", "2023-12-01"] * 20}), {}).table
    assert set(log["quarter"].astype(str)) == {"2024-01", "2024-04", "2023-10"}
    with pytest.raises(InputError, match="no quarter and no date"):
        LOG.convert(as_text(given), {})


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("quarter", "2024-Q5"),
        ("quarter", "spring"),
        ("candidates_returned", "-1"),
        ("candidates_returned", "2.5"),
        ("candidates_returned", ""),
        ("analyst_verdict", "John Smith"),
        ("outcome", "John Smith"),
        ("corroboration", "perhaps"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row_and_without_the_word(as_text, column, word):
    given = columns()
    given[column] = [*given[column][:4], word, *given[column][5:]]
    with pytest.raises(InputError) as refused:
        LOG.convert(as_text(given), {})
    assert (refused.value.row, refused.value.column) == (6, column)
    assert "John" not in str(refused.value)


def test_small_units_are_put_together(as_text):
    units = ["North"] * 30 + ["East"] * (LEAST_SEARCHES - 1) + ["West"] * (11)
    admitted = LOG.convert(as_text(columns(unit=units)), {})
    counted = {u: int(admitted.table["n"][admitted.table["unit"] == u].sum()) for u in set(admitted.table["unit"])}
    assert counted == {"North": 30, "other": 30}
    assert any(note.values == {"n": 2, "least": LEAST_SEARCHES} for note in admitted.notes)


def test_counted_files_and_files_without_units(as_text):
    given = columns(n=3)
    del given["unit"], given["offence_class"]
    log = LOG.convert(as_text({**given, "n": ["10", "20", "30"]}), {}).table
    assert log["n"].sum() == 60 and set(log["unit"]) == {"unknown"} and set(log["offence"]) == {"other_reported"}
    assert np.issubdtype(log["quarter"].dtype, np.datetime64)
