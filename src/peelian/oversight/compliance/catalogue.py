"""The requirements as data of the package: id, sources, our words in English and French, and which evidence counts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

KERNEL, CAMERAS = "requirements.toml", "body_cameras.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One sentence in both languages."""

    en: str
    fr: str

    def of(self, language: str) -> str:
        """The sentence in a language; English where it is not French."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement. `tests` hold it in the code, `checks` show it in this office, `human` says what to produce."""

    id: str
    sources: tuple[str, ...]  # a source's key, with its section: "AIACT 26.2"
    words: Words
    tests: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    human: Words | None = None
    produced_by: str = ""  # the check whose proof is the document a person produced, where one is
    shown: bool = False  # this office must show it: where its checks find nothing, the tests alone do not count

    @property
    def family(self) -> str:
        """The letters it begins with: HUM, PRO, AIA…"""
        return self.id.partition("-")[0]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which kinds of evidence count: test, office, human."""
        named = (("test", self.tests), ("office", self.checks), ("human", self.human))
        return tuple(kind for kind, there in named if there)


@cache
def catalogue() -> tuple[Requirement, ...]:
    """All requirements that every office has, in the order of the catalogue."""
    return _read(KERNEL)


@cache
def body_cameras() -> tuple[Requirement, ...]:
    """What a policy on body cameras must settle: for offices that keep recordings."""
    return _read(CAMERAS)


def to_produce() -> Mapping[str, Requirement]:
    """Those that ask a person for a document, which no other room keeps; by id."""
    return {one.id: one for one in (*catalogue(), *body_cameras()) if one.human and not one.produced_by}


def _read(file: str) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            id=spec["id"],
            sources=tuple(spec["sources"]),
            words=Words(en=spec["en"], fr=spec["fr"]),
            tests=tuple(spec.get("tests", ())),
            checks=tuple(spec.get("checks", ())),
            human=Words(en=spec["human"][0], fr=spec["human"][1]) if "human" in spec else None,
            produced_by=spec.get("produced_by", ""),
            shown=spec.get("shown", False),
        )
        for spec in _data(file)["requirements"]
    )


@cache
def sources() -> Mapping[str, Words]:
    """What each source's key stands for."""
    return {key: Words(en=en, fr=fr) for file in (KERNEL, CAMERAS) for key, (en, fr) in _data(file)["sources"].items()}


FAMILIES: Mapping[str, str] = {
    "HUM": "Human decisions",
    "PRO": "Prohibited",
    "AIA": "Impact assessment",
    "REG": "Registers",
    "FRI": "Rights",
    "LOG": "Records of use",
    "WAR": "Warrants",
    "ACC": "Accuracy",
    "PRV": "Privacy",
    "SEC": "Security",
    "PRC": "Procurement",
    "BRE": "Breaches",
    "RMF": "Risk management",
    "BWC": "Body cameras",
}
"""Each family's title, a message id."""


@cache
def _data(file: str) -> dict[str, Any]:
    text = (resources.files("peelian.oversight.compliance") / file).read_text(encoding="utf-8")
    return tomllib.loads(text)
