"""Cases as panels: the whole story in order; in public no name, no reasons, no unpublished finding."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import toy
from changed import changed
from whole_case import whole_case

from peelian.errors import Reason
from peelian.forms import fields_of
from peelian.operations.office import technologies
from peelian.oversight.transparency.register import case_record, page
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Paragraph
from peelian.pictures.words import english
from peelian.web.cases.case import CaseParts, case_facts, case_parts, history_grid, params_said, write_pages

NOT_YET = Reason(rule="nobody_decided_yet", says="No decision yet.", remedy="Wait for it.")


def text_of(told: CaseParts) -> str:
    panels = [*told.answer, *told.limits, *told.decision, *told.rest]
    parts = [p.text for p in panels if isinstance(p, (Heading, Paragraph))]
    parts += [cell for p in panels if isinstance(p, Grid) for row in p.rows for cell in row]
    return "\n".join(parts)


def test_a_case_begins_with_its_answer_and_folds_the_rest(town: Any) -> None:
    record = whole_case(town.desk.kernel, town.published)
    parts = case_parts(record, english, "en")
    assert isinstance(parts.answer[0], Paragraph) and parts.answer[0].text.startswith("26 wells were counted.")
    assert [panel.tone for panel in parts.limits] == ["limit"]
    heads = [p for p in parts.rest if isinstance(p, Heading) and p.level == 2]
    assert [p.text for p in heads][-3:] == ["Authorizations", "Parameters and data", "Reproduce this run"]
    assert all(p.folded for p in heads)
    said = text_of(parts)
    for part in ("Deepest well counted (m)\n30", "acceptance criteria", "Adopted", "residents"):
        assert part in said


def test_what_may_not_be_seen_yet_is_not_shown(town: Any) -> None:
    parts = case_parts(whole_case(town.desk.kernel, town.waiting), english, "en", hidden=(NOT_YET,))
    (told,) = parts.answer
    assert told.caption == "Findings are not shown to you" and told.rows[0][1:] == ("No decision yet.", "Wait for it.")
    assert "26 wells" not in text_of(parts)


def test_in_public_units_stand_for_names_and_reasons_stay_inside(town: Any) -> None:
    record = whole_case(town.desk.kernel, town.published)
    inside = text_of(case_parts(record, english, "en")) + str(case_facts(record, english, "en", public=False))
    public = text_of(case_parts(record, english, "en", public=True)) + str(
        case_facts(record, english, "en", public=True)
    )
    assert "The acceptance criteria were met." in inside and "board, unit-board" in inside
    assert "The acceptance criteria were met." not in public and "board, unit-board" not in public
    assert "unit-board" in public and "Adopted for one year." in public


def test_homes_behind_energy_are_shown_as_declared_and_in_public_without_the_name(town: Any) -> None:
    record = dataclasses.replace(whole_case(town.desk.kernel, town.published), homes=(("wells-1", "Cy", 120),))
    assert "At least 120 homes in each row of wells-1, as declared by Cy." in text_of(case_parts(record, english, "en"))
    public = text_of(case_parts(record, english, "en", public=True))
    assert "At least 120 homes in each row of wells-1, as declared at import." in public and "Cy" not in public


def test_a_parameter_that_tells_of_somebody_stays_inside(town: Any) -> None:
    @dataclasses.dataclass(frozen=True)
    class Params:
        recipient: str = dataclasses.field(metadata={"private": True})
        days: int = 30

    record = whole_case(town.desk.kernel, town.published)
    request = dataclasses.replace(record.request, params={"recipient": "age1somebody", "days": 30})
    record = dataclasses.replace(record, request=request, capability=changed(record.capability, params=Params))
    assert "age1somebody" in text_of(case_parts(record, english, "en"))
    public = text_of(case_parts(record, english, "en", public=True))
    assert "age1somebody" not in public and "recipient" not in public and "30" in public


def test_whom_a_package_is_for_is_private() -> None:
    disclose = next(c for t in technologies() for c in t.capabilities if c.id == "footage.disclose")
    assert [field.name for field in fields_of(disclose.asks.params) if field.private] == ["recipient"]


def test_a_refused_case_begins_with_every_reason_and_its_remedy(town: Any) -> None:
    (grid,) = case_parts(case_record(town.desk.kernel, town.refused), english, "en").answer
    assert isinstance(grid, Grid) and len(grid.rows) == len(toy.COUNT.needs)
    assert grid.rows[0] == (
        "Required authorization missing or not valid",
        "Council approval missing for “Count wells”.",
        "Ask one of these to issue it: council.",
    )


def test_a_refusal_says_of_which_day_its_remedies_are(town: Any) -> None:
    """What was missing then may be there now."""
    record = case_record(town.desk.kernel, town.refused)
    (grid,) = case_parts(record, english, "en").answer
    on = moment(record.history[-1].at[:10], "en")
    assert isinstance(grid, Grid) and grid.caption == f"Refused on {on}: reasons and remedies of that day"


def test_a_case_s_own_title_and_the_form_of_a_day_stand_in_no_row_of_parameters(town: Any) -> None:
    """The title stands above, and a day is written out."""
    audit, forecast = (
        next(c for t in technologies() for c in t.capabilities if c.id == one)
        for one in ("risk.audit", "mapping.forecast")
    )
    rows = params_said(audit.asks.params, {"title": "COMPAS", "intersections": True}, english)
    assert [value for _, value in rows] == ["yes"]
    assert params_said(forecast.asks.params, {"start_day": "2021-03-01"}, english) == (
        ("First day of the window", "1 March 2021"),
    )


def test_the_history_is_the_logs(town: Any) -> None:
    record = whole_case(town.desk.kernel, town.published)
    rows = history_grid(record.history, english, "en").rows
    assert [int(row[0]) for row in rows] == [line.index for line in record.history]
    assert rows[0][2] == "Use requested" and "Case published" in [row[2] for row in rows]


def test_pages_are_written_in_both_languages_with_their_lists_first(town: Any, tmp_path: Path) -> None:
    files = write_pages(town.desk.office, tmp_path / "pages")
    assert [f.name for f in files[:2]] == ["cases-en.html", "cases-fr.html"]
    cases = page(town.desk.kernel, published=True).cases
    assert len(files) == 2 + 2 * len(cases) and len(cases) < len(page(town.desk.kernel).cases), "only the published"
    for file in files[:2]:
        for one in cases:
            assert f'href="{one.case}-{file.stem[-2:]}.html"' in file.read_text(encoding="utf-8")
    french = next(f for f in files if f.name == f"{town.published}-fr.html").read_text(encoding="utf-8")
    assert "Historique" in french and "Décision" in french and '<html lang="fr">' in french
