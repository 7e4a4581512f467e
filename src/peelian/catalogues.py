"""Message catalogues: the English sentence is the message id, French stands in `fr*.po` files beside the code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from peelian.errors import AGREES, PLACE, InputError, PeelianError, fill
from peelian.pictures.panels import Say
from peelian.pictures.words import english

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
FRENCH_GROUP = "\u202f"  # a narrow no-break space between thousands
_READING = Lock()


class Untranslated(PeelianError):
    """A sentence has no French: a fault of ours, raised where `strict` asks for it."""


def say_in(language: str, packages: Iterable[str], *, strict: bool = False) -> Say:
    """Sentences in `language` from the catalogues of `packages` (dotted names); English needs none.

    Numbers are written as the language writes them. A sentence without French stays English, or raises Untranslated
    where `strict`. InputError: no such language, or a catalogue that is damaged. O(entries), once per set of packages.
    """
    if language == "en":
        return english
    if language not in LANGUAGES:
        raise InputError("unknown language", accepted=", ".join(LANGUAGES))
    known = catalogue(language, tuple(packages))

    def say(text: str, /, **values: object) -> str:
        if text not in known and strict and needs_words(text):
            raise Untranslated(f"no {LANGUAGES[language]} for: {text[:80]}")
        return fill(known.get(text, text), values, point=",", group=FRENCH_GROUP, singular=lambda n: abs(n) < 2)

    return say


def needs_words(text: str) -> bool:
    """Whether a message holds words besides its places: "%(number).2f" is the same in every language.

    >>> needs_words("%(n)d incidents"), needs_words("%(number).2f"), needs_words("–")
    (True, False, False)
    """
    return bool(re.search(r"[^\W\d_]", PLACE.sub("", text)))


@lru_cache(maxsize=16)
def catalogue(language: str, packages: tuple[str, ...]) -> Mapping[str, str]:
    """Message id → sentence, from every `<language>*.po` in the packages and the `<language>.po` of their folders;
    later packages override earlier ones."""
    known: dict[str, str] = {}
    for package in packages:
        with _READING:  # threads of the pages wait for the one that reads a package, instead of reading it as well
            known |= _of_package(language, package)
    return known


@cache
def _of_package(language: str, package: str) -> Mapping[str, str]:
    """The messages of one package's files: technologies' own words are laid over each other in several orders."""
    known: dict[str, str] = {}
    folder = _folder(package)
    for file in sorted([*folder.glob(f"{language}*.po"), *folder.glob(f"*/{language}.po")]):
        known |= _messages(file.read_bytes(), f"{package}/{file.relative_to(folder).as_posix()}", language)
    return known


def _folder(package: str) -> Path:
    """Where a package lies; it is not imported for its words alone."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InputError("no such package", column=package[:60])
    return Path(spec.submodule_search_locations[0])


def _messages(content: bytes, name: str, language: str) -> dict[str, str]:
    """The translated messages of one file; InputError where a place of the English is missing or another is there."""
    from babel.messages.pofile import PoFileError, read_po  # heavy, and English needs none of it

    try:
        read = read_po(content.decode("utf-8").splitlines(keepends=True), locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError):
        raise InputError("catalogue damaged", file=name) from None
    messages = {}
    for message in read:
        if not message.id or not message.string or message.fuzzy or not isinstance(message.id, str):
            continue
        if not isinstance(message.string, str) or places(message.id) != places(message.string):
            raise InputError(
                "placeholders of the translation differ from the message",
                file=name,
                row=message.lineno,
                accepted=message.id,
            )
        messages[message.id] = typeset(message.string) if language == "fr" else message.string
    return messages


def typeset(text: str) -> str:
    """A French message with Canadian typography (Office québécois de la langue française).

    Typographic apostrophe, no blank before ; ? and !, and a no-break blank before : and % and inside « and ».

    >>> typeset("L'usage : « %(n)d%% » ; voir 10:30")
    'L’usage\\xa0: «\\xa0%(n)d\\xa0%%\\xa0»; voir 10:30'
    """
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r"[ \u00a0\u202f](?=[:»])|(?<=«)[ \u00a0\u202f]", "\u00a0", text)
    text = re.sub(r"(?<=[dfgs\d])[ \u00a0\u202f]?(?=%%)", "\u00a0", text)
    return re.sub(r"(?<![ \u00a0\u202f])[ \u00a0\u202f]++(?=[;?!])", "", text)


def places(text: str) -> frozenset[str]:
    """The names a sentence wants values for.

    >>> sorted(places("%(n)d of %(all)d, 5%%"))
    ['all', 'n']
    """
    return frozenset(match[1] for kind in (PLACE, AGREES) for match in kind.finditer(text) if match[1])
