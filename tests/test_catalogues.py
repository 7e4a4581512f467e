"""Catalogues: French comes from the files beside the code, numbers follow the language, faults of ours are loud."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peelian.catalogues import Untranslated, catalogue, needs_words, say_in
from peelian.errors import InputError

GOOD = 'msgid "%(n)d incidents in %(place)s"\nmsgstr "%(n)d incidents à %(place)s"\n\nmsgid "Curve"\nmsgstr "Tracé"\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """A package with one catalogue, importable for the length of a test."""
    name = f"words_of_{request.node.name.split('[')[0]}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "fr.po").write_text(GOOD, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)
    catalogue.cache_clear()


def rewrite(package: str, content: bytes) -> None:
    folder = Path(next(p for p in sys.path if (Path(p) / package).is_dir())) / package
    (folder / "fr.po").write_bytes(content)


def test_english_is_the_message_itself() -> None:
    assert say_in("en", [])("%(n)d incidents, %(share).1f%%", n=12345, share=4.5) == "12,345 incidents, 4.5%"


def test_french_comes_with_french_numbers(package: str) -> None:
    say = say_in("fr", [package])
    assert say("%(n)d incidents in %(place)s", n=12345, place="Elgin") == "12\u202f345 incidents à Elgin"
    assert say("%(number).2f", number=-0.5) == "−0,50"


def test_words_agree_with_their_number_by_the_rule_of_the_language(package: str) -> None:
    rewrite(package, 'msgid "%(n)d %(n:is|are)"\nmsgstr "%(n)d %(n:compte à l\'essai|comptent)"\n'.encode())
    english, french = say_in("en", []), say_in("fr", [package])
    assert [english("%(n)d %(n:is|are)", n=n) for n in (0, 1, 2)] == ["0 are", "1 is", "2 are"]
    assert [french("%(n)d %(n:is|are)", n=n) for n in (0, 1, 2)] == [
        "0 compte à l’essai",
        "1 compte à l’essai",
        "2 comptent",
    ]
    assert english("%(n)s %(n:is|are)", n="under 11") == "under 11 are"


def test_a_later_package_overrides_an_earlier_one(package: str) -> None:
    assert say_in("fr", ["peelian.pictures"])("Curve") == "Courbe"
    assert say_in("fr", ["peelian.pictures", package])("Curve") == "Tracé"


def test_a_sentence_without_french_is_english_or_in_strict_mode_an_error(package: str) -> None:
    assert say_in("fr", [package])("Unheard of") == "Unheard of"
    strict = say_in("fr", [package], strict=True)
    assert strict("%(number).0f", number=3) == "3"  # no words, nothing to translate
    with pytest.raises(Untranslated):
        strict("Unheard of")


def test_a_year_is_not_grouped_and_a_word_may_stand_where_a_number_is_expected() -> None:
    say = say_in("en", [])
    assert say("%(year)d", year=2014) == "2014"
    assert say("%(n).1f", n="under 11") == "under 11"
    assert say("%(x).1f", x=float("nan")) == "–"
    assert say("100% sure of %(n)d", n=1) == "100% sure of 1"


@pytest.mark.parametrize(
    "content",
    [
        b'msgid "%(n)d places"\nmsgstr "%(nombre)d lieux"\n',
        b'msgid "%(n)d places"\nmsgstr "lieux"\n',
        b'msgid "%(n)d places"\nmsgstr "%(n)d %(m:lieu|lieux)"\n',
        b'msgid "a"\nmsgstr "\xff\xfe"\n',
        b'msgid "a"\nnonsense "b"\n',
    ],
)
def test_a_damaged_catalogue_names_its_file(package: str, content: bytes) -> None:
    rewrite(package, content)
    with pytest.raises(InputError, match=r"fr\.po"):
        say_in("fr", [package])


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(InputError, match="en, fr"):
        say_in("de", [])


def test_words_are_told_from_formats() -> None:
    assert needs_words("%(n)d lieux")
    assert not needs_words("%(low).3f – %(high).3f")
