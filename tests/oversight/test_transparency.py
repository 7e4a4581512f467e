"""Both exports of the register validate against their schemas, in both languages, in an empty office and a used one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from desk import Desk, desk
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from peelian.demos.assessment import assessed
from peelian.oversight.transparency.contact import Contact, state_contact
from peelian.oversight.transparency.entries import SHAPES, exported, schema


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk()
    seats = {**made.people, "privacy": made.people["privacy-officer"]}
    params = made.kernel.capability("mapping.forecast").arithmetic().example().params
    assessed(made.office, seats, "mapping", uses=(("mapping.forecast", params),), purposes=("advice",))
    return made


def validated(town: Desk, shape: str, language: str = "en") -> Any:
    made = exported(town.kernel, shape, language, town.office.say(language))
    Draft202012Validator(schema(shape)).validate(json.loads(json.dumps(made)))
    return made


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_transparency_record_validates_against_its_schema(town: Desk, language: str) -> None:
    records = validated(town, "atrs", language)["records"]
    assert len(records) == len(town.kernel.technologies)
    levels = {
        r["tier_1"]["name"]: r["tier_2"]["risks_mitigations_and_impact_assessments"]["impact_level"] for r in records
    }
    assert list(levels.values()).count("II") == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_register_entry_validates_against_its_schema(town: Desk, language: str) -> None:
    records = {record["id"]: record for record in validated(town, "register", language)["records"]}
    assert records["mapping"]["risk_level"] == "II" and records["risk"]["risk_level"] == ""
    assert records["mapping"]["language"] == language
    assert "No explanation yet" not in records["mapping"]["short_description"]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_empty_required_field_does_not_validate(town: Desk, shape: str) -> None:
    made = exported(town.kernel, shape, "en", town.office.say("en")) | {"organisation": ""}
    with pytest.raises(ValidationError):
        Draft202012Validator(schema(shape)).validate(made)


@pytest.mark.parametrize(("shape", "address"), [("atrs", "website_url"), ("register", "url")])
def test_contact_and_address_are_the_offices_own_or_left_out(shape: str, address: str) -> None:
    made = desk()
    written = json.dumps(validated(made, shape))
    assert "contact_email" not in written and f'"{address}"' not in written and "://" not in written
    state_contact(made.kernel, made.people["custodian"], Contact(email="a@town.example"))
    told = exported(made.kernel, shape, "en", made.office.say("en"), "https://town.example/")
    Draft202012Validator(schema(shape)).validate(json.loads(json.dumps(told)))
    assert all(
        {"contact_email": "a@town.example", address: "https://town.example/"}.items() <= own.items()
        for own in (one.get("tier_1", one) for one in told["records"])
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_schemas_are_schemas_and_allow_nothing_else(shape: str) -> None:
    Draft202012Validator.check_schema(schema(shape))
    assert schema(shape)["additionalProperties"] is False


def test_an_office_that_assessed_nothing_says_so_and_still_validates() -> None:
    empty = desk()
    for shape in SHAPES:
        assert "blocked" in json.dumps(validated(empty, shape))
