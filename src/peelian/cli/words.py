"""The language of the command line: English, or French from the `fr*.po` files beside this one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

LANGUAGES = ("en", "fr")
VARIABLES = ("PEELIAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides
_chosen: ContextVar[str] = ContextVar("language of the command line", default="en")


def preferred(environment: Mapping[str, str] = os.environ) -> str:
    """The language that the environment asks for; English where it asks for none of ours.

    >>> preferred({"LANG": "fr_CA.UTF-8"}), preferred({"PEELIAN_LANG": "en", "LANG": "fr_CA.UTF-8"}), preferred({})
    ('fr', 'en', 'en')
    """
    wanted = next((environment[name] for name in VARIABLES if environment.get(name)), "")[:2].lower()
    return wanted if wanted in LANGUAGES else "en"


def speak(language: str) -> None:
    """Print in this language from now on."""
    _chosen.set(language)


def language() -> str:
    """The language in which is printed."""
    return _chosen.get()


def say(text: str, /, **values: object) -> str:
    """A message id (the English sentence) in the language that is printed, with its values filled in.

    Its French is looked for in the command line's own catalogue first, then in those of pages and technologies.
    """
    from peelian.pictures.words import english

    if _chosen.get() == "en":
        return english(text, **values)
    from peelian.catalogues import say_in

    own = ("peelian.cli",)
    return say_in(_chosen.get(), own if text in _known(own) else (*_others(), *own))(text, **values)


def known(text: str) -> str:
    """A text without values (a help, a heading) in the language that is printed; as it is where it has no French.

    Where it has none as a whole its paragraphs are said one by one, and a title that ends as a sentence as the title.
    """
    if not text or (whole := say(text)) != text or _chosen.get() == "en":
        return say(text) if text else text
    if "\n\n" in text:
        return "\n\n".join(known(part) for part in text.split("\n\n"))
    return f"{say(text[:-1])}." if text.endswith(".") else whole


def _known(packages: tuple[str, ...]) -> Mapping[str, str]:
    from peelian.catalogues import catalogue

    return catalogue(_chosen.get(), packages)


@lru_cache(maxsize=1)
def _others() -> tuple[str, ...]:
    """The packages whose sentences reach the command line: refusals, bad input, and what technologies say."""
    technologies = sorted(Path(str(each)).name for each in files("peelian.technologies").iterdir() if each.is_dir())
    return (
        *(f"peelian.technologies.{name}" for name in technologies if not name.startswith("_")),
        "peelian.places",
        "peelian.pictures",
        "peelian.acts",
        "peelian.web",
    )


def translated(text: str) -> str:
    """A sentence that another room made, with its values, in the language that is printed."""
    from peelian.wording.errors import translated

    return translated(text, say)
