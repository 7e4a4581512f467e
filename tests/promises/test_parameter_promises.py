"""What every parameter promises: what it may be is said once, and every door shows and keeps it."""

from __future__ import annotations

import dataclasses
import html
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from authentication import at_pages, logged_on
from boxes import BOXES
from desk import Desk, desk
from promised import promised, promised_watches
from toy import TOY
from toy_watch import TOY_WATCH

from peelian.cli.listings import capabilities
from peelian.errors import InputError
from peelian.forms import Field, accepted_by, fields_of, filled
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.parameters import must_be_within
from peelian.kernel.model.watch import Watch
from peelian.operations.office import technologies
from peelian.web.app import make_app

KNOWN = (*technologies(), TOY, BOXES, TOY_WATCH)
IN_THE_PRODUCT = {one.id for one in technologies()}
DECLARED: list[Capability | Watch] = [*promised(KNOWN), *promised_watches(KNOWN)]
every_use = pytest.mark.parametrize("declared", DECLARED, ids=lambda one: one.id)
in_both_languages = pytest.mark.parametrize("language", ["en", "fr"])
FAR = 10**6
IN_FRENCH = {  # one wording a kind of fault
    "out of range": "hors limites",
    "not one of the choices": "choix inconnu",
    "not a whole number": "pas un nombre entier",
    "not a number": "pas un nombre",
    "not a date": "pas une date",
    "neither yes nor no": "ni oui ni non",
    "not one short line": "pas une seule ligne courte",
    "not in this form": "pas sous cette forme",
}
ACCEPTED = {"en": "Accepted: ", "fr": "Accepté : "}
EXPECTED = {"en": "Expected: ", "fr": "Attendu : "}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(KNOWN)


@pytest.fixture(scope="module")
def described(town: Desk) -> Any:
    """The schemas in the description of the API."""
    return at_pages(make_app(town.office)).get("/api/openapi.json").json()["components"]["schemas"]


@pytest.fixture(scope="module")
def client_of(town: Desk) -> Callable[[Capability | Watch], Any]:
    """The browser of somebody who may ask for a use."""
    app = make_app(town.office)
    clients: dict[str, Any] = {}

    def found(declared: Capability | Watch) -> Any:
        for who in (name for name, one in town.people.items() if one.person.roles & declared.asks.askers):
            if who not in clients:
                clients[who] = logged_on(app, town.office, who)
            if clients[who].get(_page_of(declared)).status_code == 200:
                return clients[who]
        raise AssertionError(f"nobody can open {_page_of(declared)}")

    return found


def _page_of(declared: Capability | Watch, language: str = "en") -> str:
    """Where a use is asked for."""
    page = f"tasks/watch-start?watch={declared.id}" if isinstance(declared, Watch) else f"ask/{declared.id}"
    return f"/{language}/{page}"


def _name_of(declared: Capability | Watch, field: Field) -> str:
    """A parameter's name in that form."""
    return field.name if isinstance(declared, Watch) else f"param.{field.name}"


def _numbers(declared: Capability | Watch) -> list[Field]:
    """Its numbers, but those that are one of a few choices."""
    return [field for field in fields_of(declared.asks.params) if field.type in (int, float) and not field.choices]


def _example(declared: Capability | Watch) -> Any:
    return (declared.reducer() if isinstance(declared, Watch) else declared.arithmetic()).example().params


def _beyond(field: Field, end: float, towards: float, *, open_end: bool) -> float:
    """The next number outside an end."""
    if open_end:
        return end
    return end + math.copysign(1, towards) if field.type is int else math.nextafter(end, towards)


def _outside(field: Field) -> Iterator[Any]:
    """Values just outside the ends of a number."""
    limits = field.limits
    if limits.least is not None:
        yield field.type(_beyond(field, limits.least, -math.inf, open_end=limits.above))
    if limits.most is not None:
        yield field.type(_beyond(field, limits.most, math.inf, open_end=limits.below))
    if field.type is float:
        yield from (math.nan, math.inf, -math.inf)


def _ends(field: Field) -> Iterator[Any]:
    """The last values inside."""
    limits = field.limits
    if limits.least is not None:
        yield field.type(math.nextafter(limits.least, math.inf) if limits.above else limits.least)
    if limits.most is not None:
        yield field.type(math.nextafter(limits.most, -math.inf) if limits.below else limits.most)
    if limits.why:
        yield from (-1e12, 0.0, 1e12)


def _given(field: Field, value: Any) -> Any:
    """The value as the field holds it: of several as many as there must be."""
    return (value,) * max(1, field.limits.several[0]) if field.many else value


def _refused(declared: Capability | Watch, field: Field, value: Any, accepted: str) -> None:
    """Refused, by the check of every verb and by what every form reads, with its field and what is accepted."""
    params = dataclasses.replace(_example(declared), **{field.name: _given(field, value)})
    with pytest.raises(InputError) as checked:
        declared.asks.check(params)
    assert (checked.value.column, checked.value.accepted) == (field.name, accepted)
    with pytest.raises(InputError) as read:
        filled(declared.asks.params, {**_required(declared), field.name: str(value)})
    assert read.value.column == field.name and read.value.accepted, "a form, an option, a program"


def _required(declared: Capability | Watch) -> dict[str, str]:
    example = _example(declared)
    told = {field.name: getattr(example, field.name) for field in fields_of(declared.asks.params) if field.required}
    return {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in told.items()}


@every_use
def test_every_number_has_a_range_or_says_why_it_has_none(declared: Capability | Watch) -> None:
    for field in fields_of(declared.asks.params):
        assert field.help, f"{field.name} says what it is"
    for field in _numbers(declared):
        assert (field.limits.least is None) == bool(field.limits.why), field.name
        must_be_within(declared.asks.params(**{f.name: getattr(_example(declared), f.name) for f in _needed(declared)}))


def _needed(declared: Capability | Watch) -> list[Field]:
    return [field for field in fields_of(declared.asks.params) if field.required]


@every_use
def test_a_number_is_refused_outside_its_ends_and_at_nan_and_is_none_of_this_at_them(
    declared: Capability | Watch,
) -> None:
    for field in _numbers(declared):
        unbounded = "a whole number" if field.type is int else "a number"
        for value in _outside(field):
            _refused(declared, field, value, unbounded if field.limits.why else accepted_by(field))
        for value in _ends(field):
            must_be_within(dataclasses.replace(_example(declared), **{field.name: _given(field, value)}))


@every_use
def test_a_wrong_choice_an_impossible_day_and_too_many_values_are_refused(declared: Capability | Watch) -> None:
    for field in fields_of(declared.asks.params):
        if field.choices:
            _refused(declared, field, FAR if field.type is int else "none of them", ", ".join(field.choices))
        if field.limits.day:
            for text in ("2026-02-30", "2026-2-3", "tomorrow"):
                _refused(declared, field, text, "a date such as 2020-01-06")
        fewest, most = field.limits.several
        for n in ([fewest - 1] if fewest else []) + ([] if most is None else [most + 1]):
            value = (field.default or ("x",))[:1] * n
            with pytest.raises(InputError) as refused:
                must_be_within(dataclasses.replace(_example(declared), **{field.name: value}))
            assert refused.value.column == field.name and refused.value.accepted == accepted_by(field)


@every_use
@in_both_languages
def test_its_range_stands_in_the_form(
    client_of: Callable[..., Any], declared: Capability | Watch, language: str
) -> None:
    page = client_of(declared).get(_page_of(declared, language)).text
    for field in fields_of(declared.asks.params):
        shown = _drawn(page, name := _name_of(declared, field))
        for end, attribute in ((field.limits.least, "min"), (field.limits.most, "max")):
            if end is not None and not field.many:
                assert 'type="number"' in shown and f' {attribute}="{end:.12g}"' in shown, name
        if field.limits.day and not field.many and not isinstance(declared, Watch):
            assert 'type="date"' in shown, name
        if said := accepted_by(field):
            assert shown.count(ACCEPTED[language]) == 1 and (said in shown) == (language == "en"), name
        for choice in field.choices:
            assert f'value="{choice}"' in shown, (name, choice)


def _drawn(page: str, name: str) -> str:
    """A field as a page draws it, in plain characters."""
    shown = re.search(rf'<(input|select|fieldset) id="{re.escape(name)}"[^>]*>.*?(?=</p>|</fieldset>)', page, re.S)
    assert shown, name
    return re.sub(r"[^\S\n]", " ", html.unescape(shown[0]))


@every_use
@in_both_languages
def test_what_is_wrong_is_told_at_its_field_in_one_wording_a_kind(
    client_of: Callable[..., Any], declared: Capability | Watch, language: str
) -> None:
    client, fields = client_of(declared), fields_of(declared.asks.params)
    token = re.search(r'name="form" value="([^"]+)"', client.get(_page_of(declared)).text)
    assert token
    wrong = {field.name: found for field in fields if (found := _wrong(field))}
    for k in {0, -1} if wrong else ():
        told = {_name_of(declared, f): wrong[f.name][k][0] for f in fields if f.name in wrong}
        got = client.post(_page_of(declared, language), data={"form": token[1], **told})
        assert got.status_code == 400
        for field in (field for field in fields if field.name in wrong):
            wording = wrong[field.name][k][1]
            says = (wording if language == "en" else IN_FRENCH[wording]).capitalize()
            drawn = _drawn(got.text, name := _name_of(declared, field))
            assert f'-fault">{says}' in drawn and EXPECTED[language] in drawn, name
            if wording == "out of range":
                accepted = re.search(rf"{ACCEPTED[language]}(.*?)</small>", drawn)
                assert accepted and f"{EXPECTED[language]}{accepted[1]}" in drawn, name


def _wrong(field: Field) -> list[tuple[str, str]]:
    """Texts that are none of what a parameter accepts, each with the wording of its kind."""
    limits = field.limits
    no_number = "not a whole number" if field.type is int else "not a number"
    found = []
    if field.choices:
        found.append((str(FAR) if field.type is int else "none of them", "not one of the choices"))
    elif field.type is bool:
        found.append(("perhaps", "neither yes nor no"))
    elif field.type in (int, float):
        found += [(str(value), no_number if limits.why else "out of range") for value in _outside(field)]
        found.append(("many", no_number))
    elif limits.day:
        found.append(("2026-02-30", "not a date"))
    elif limits.letters is not None:
        found.append(("x" * (limits.letters + 1), "not one short line"))
    elif limits.pattern:
        found.append(("?", "not in this form"))
    return found


@pytest.mark.parametrize("declared", promised(technologies()), ids=lambda one: one.id)
def test_its_range_stands_in_the_help(declared: Capability) -> None:
    _, lines = capabilities(declared.id)
    for field in fields_of(declared.asks.params):
        at = next(k for k, line in enumerate(lines) if line.split()[:1] == [field.flag])
        below = [line.strip() for line in lines[at + 1 : at + 3]]
        if said := accepted_by(field):
            assert f"Accepted: {said}" in below
        if field.choices:
            assert f"One of: {', '.join(field.choices)}" in below


@every_use
def test_its_range_stands_in_the_description_of_the_api(described: Any, declared: Capability | Watch) -> None:
    known = described[declared.id]
    assert set(known["required"]) == {field.name for field in _needed(declared)}
    for field in fields_of(declared.asks.params):
        told, limits = known["properties"][field.name], field.limits
        each = told["items"] if field.many else told
        assert each.get("exclusiveMinimum" if limits.above else "minimum") == limits.least
        assert each.get("exclusiveMaximum" if limits.below else "maximum") == limits.most
        assert [str(word) for word in each.get("enum", ())] == list(field.choices)
        assert (each.get("format") == "date") == limits.day and each.get("maxLength") == limits.letters
        if limits.pattern:
            example = getattr(_example(declared), field.name)
            assert re.search(each["pattern"], example) and not re.search(each["pattern"], "?"), field.name
        if field.many:
            assert (told["minItems"], told.get("maxItems")) == limits.several
