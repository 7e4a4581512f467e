"""Each redaction names the section it rests on; the log of them goes out with the copy."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import zipfile
from typing import Any

import pytest
from plans import PLAN

from peelian.errors import InputError
from peelian.technologies.footage.disclosure.declared import DISCLOSE
from peelian.technologies.footage.disclosure.package import packed
from peelian.technologies.footage.measure.plan import COLUMNS, EXEMPTIONS, as_bytes, log_of, plan_from
from peelian.technologies.footage.proposal.review import form_of, plan_of


def form(**more: list[str]) -> dict[str, list[str]]:
    """The fields as the page sends them, and what was chosen."""
    made = {"looked": ["yes"], "method": ["fill"], "s1.start": ["0"], "s1.end": ["0.1"], "s1.how": ["silence"]}
    for row in form_of(PLAN).rows[: len(PLAN.tracks)]:
        made |= {f"t{row.id}.{name}": [getattr(row, name)] for name in ("what", "state", "keys", "exempt")}
    return made | more


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_one_choice_serves_all_and_a_row_may_name_another() -> None:
    plan = plan_of(form(exempt=["mfippa-14"], **{"t2.exempt": ["mfippa-8"]}), PLAN)
    assert [track.exempt for track in plan.tracks if track.state != "dropped"] == ["mfippa-14", "mfippa-8"]
    assert {span.exempt for span in plan.sound} == {"mfippa-14"}
    assert plan_from(as_bytes(plan)) == plan
    assert all(not one.exempt for one in plan_of(form(), PLAN).tracks), "nobody has to name one"


@pytest.mark.parametrize("wrong", ["gdpr-6", "<script>", "mfippa-14 "])
def test_only_listed_sections_are_taken(wrong: str) -> None:
    with pytest.raises(InputError, match="invalid part of the plan"):
        plan_from(as_bytes(plan_of(form(), PLAN)).replace(b'"exempt":""', f'"exempt":"{wrong}"'.encode(), 1))


def test_the_log_has_a_row_for_each_redaction_with_its_time_and_section() -> None:
    plan = plan_of(form(exempt=["foia-b-7-c"]), PLAN)
    found = rows(log_of(plan))
    kept = [track for track in plan.tracks if track.state != "dropped"]
    assert [row["redaction"] for row in found if row["part"] == "picture"] == [str(track.id) for track in kept]
    assert {(row["law"], row["section"]) for row in found} == {("FOIA", "(b)(7)(C)")}
    last = dataclasses.replace(plan, tracks=kept[:1], pictures=1 + kept[0].last, milliseconds=4_000)
    assert rows(log_of(last))[0]["to_second"] == "4.00"
    assert tuple(found[0]) == COLUMNS


def test_the_package_holds_the_log() -> None:
    out, data = io.BytesIO(), DISCLOSE.arithmetic().example().datasets
    redacted: Any = data["redacted"].stream
    listed = packed(out, redacted, data, facts={"days": 1}, provenance=None)
    with zipfile.ZipFile(out) as file:
        text = file.read("exemption-log.csv").decode()
        assert "exemption-log.csv" in listed and "exemption-log.csv" in file.read("README.txt").decode()
    assert len(rows(text)) >= 1 and text.startswith("redaction,part,what")


def test_every_section_is_said_in_both_languages_and_its_id_is_plain() -> None:
    for id, one in EXEMPTIONS.items():
        assert re.fullmatch(r"[a-z0-9-]+", id) and one.says != one.french
        assert not {",", '"', "\n"} & set(one.law + one.section + one.says + one.french), (
            "the log writes them as they are"
        )
        assert one.section in one.read("en") and one.section in one.read("fr")
