"""The compliance page: each requirement with its status, evidence and documents still required."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import groupby
from threading import Lock
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.oversight.compliance.catalogue import FAMILIES, sources
from peelian.oversight.compliance.checks import Proof
from peelian.oversight.compliance.standing import BUILT, FAIL, HUMAN, PASS, Standing, standings, tally
from peelian.oversight.transparency.inventory import declared_by
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.frame.rooms import may
from peelian.web.framing import Link
from peelian.web.pages import LANGUAGES

Told = tuple[Say, str, Mapping[str, str]]
"""How proofs are told: the words, the language, and the titles of uses by their ids."""
LONG, EVERY = 5_000, timedelta(minutes=1)
STATUS: Mapping[str, str] = {
    PASS: "Met",
    BUILT: "Built in, not yet shown here",
    FAIL: "Not met",
    HUMAN: "Document required",
}
TALLY: Mapping[str, str] = {
    PASS: "%(n)d met",
    BUILT: "%(n)d built in, not yet shown here",
    FAIL: "%(n)d not met",
    HUMAN: "%(n)d %(n:needs|need) a document",
}
TILES: Mapping[str, str] = {
    PASS: "%(n:requirement met|requirements met)",
    BUILT: "%(n:requirement|requirements) built in, not yet shown here",
    FAIL: "%(n:requirement|requirements) not met",
    HUMAN: "%(n:requirement needs|requirements need) a document",
}
"""What stands below each number at the top of the page."""
SIGNS: Mapping[str, str] = {PASS: "published", BUILT: "", FAIL: "refused", HUMAN: "waiting"}
KINDS: Mapping[str, str] = {
    "test": "in the software",
    "log": "in the log",
    "document": "a document",
    "setting": "in this office",
}


def add_compliance_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The page in both languages, and its data. The public sees statuses and evidence, not the names of tests."""
    kept = Kept(office)

    @app.get("/data/compliance.json")
    def compliance_data() -> dict[str, Any]:
        """Every requirement with its status and its evidence."""
        return as_json(office, kept())

    @app.get("/{language}/compliance", include_in_schema=False)
    def compliance(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say, public = office.say(language), not may(office, request, "cases")
        return show(request, "compliance.html", **page(office, kept(), say, language, public=public))


class Kept:
    """The standings, worked out again when the log has grown or the day has changed; of a long log once a minute."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.key: tuple[int, str] | None = None
        self.found: tuple[Standing, ...] = ()
        self.again = office.kernel.now()
        self._one = Lock()

    def __call__(self) -> tuple[Standing, ...]:
        """Where the office stands now. O(new entries) where nothing changed, else O(requirements · entries)."""
        kernel = self.office.kernel
        kernel.stores.follow()
        with self._one:  # thread at a time works them out; acts go on meanwhile
            at = self.key[0] if self.key else 0
            size = at + sum(1 for _ in kernel.stores.log.read(at))
            key = (size, kernel.now().date().isoformat())
            if key != self.key and (size < LONG or kernel.now() >= self.again):
                self.found, self.key = standings(kernel), key
                self.again = kernel.now() + EVERY
            return self.found


def page(
    office: Office, found: tuple[Standing, ...], say: Say, language: str, *, public: bool = False
) -> dict[str, Any]:
    """What `compliance.html` shows."""
    counted = tally(found)
    return {
        "title": say("Compliance"),
        "numbers": [(counted[status], say(TILES[status], n=counted[status])) for status in (PASS, BUILT, HUMAN, FAIL)],
        "failing": [
            {"id": one.requirement.id, "text": one.requirement.words.of(language)}
            for one in found
            if one.status == FAIL
        ],
        "families": [
            _family(family, list(group), (say, language, titles_of(office, say)), public=public)
            for family, group in groupby(found, lambda one: one.requirement.family)
        ],
        "sources": [(key, words.of(language)) for key, words in sources().items()],
    }


def _family(family: str, group: list[Standing], told: Told, *, public: bool) -> dict[str, Any]:
    """One part of the page: folded up under how it stands, and open where something does not hold."""
    say = told[0]
    counted = tally(group)
    says = [say(TALLY[status], n=counted[status]) for status in (PASS, BUILT, HUMAN, FAIL) if counted[status]]
    return {
        "title": say(FAMILIES[family]),
        "anchor": family.lower(),
        "says": "; ".join(says),
        "open": counted[FAIL] > 0,
        "requirements": [_shown(one, told, public=public) for one in group],
    }


def as_json(office: Office, found: tuple[Standing, ...]) -> dict[str, Any]:
    """Every standing for programs: schema peelian-compliance/1."""
    say = office.say("en")
    return {
        "schema": "peelian-compliance/1",
        "office": office.kernel.office.name,
        "at": office.kernel.now().isoformat(),
        "tally": dict(tally(found)),
        "requirements": [_plain(one, say) for one in found],
    }


def _plain(one: Standing, say: Say) -> dict[str, Any]:
    requirement = one.requirement
    human = requirement.human
    return {
        "id": requirement.id,
        "status": one.status,
        "text": {"en": requirement.words.en, "fr": requirement.words.fr},
        "sources": list(requirement.sources),
        "evidence": [
            {"holds": proof.holds, "kind": proof.kind, "ref": proof.ref, "says": say(proof.says, **proof.values)}
            for proof in one.proofs
        ],
        "to_produce": {"en": human.en, "fr": human.fr} if human else None,
        "produced": {"entry": one.produced.index, "at": one.produced.at} if one.produced else None,
    }


def titles_of(office: Office, say: Say) -> dict[str, str]:
    """What people call a use, a watch or all of a technology, by what an authorization names."""
    found: dict[str, str] = {}
    for technology in office.kernel.technologies:
        found[f"{technology.id}.*"] = say(technology.title)
        found |= {one.id: say(one.title) for one in declared_by(technology)}
    return found


def proof_text(proof: Proof, told: Told) -> str:
    """What a proof says, with its days written out and its uses by their titles."""
    say, language, titles = told
    values = {
        name: titles.get(value, moment(value, language)) if isinstance(value, str) else value
        for name, value in proof.values.items()
    }
    return say(proof.says, **values)


def _shown(one: Standing, told: Told, *, public: bool) -> dict[str, Any]:
    say, language, _ = told
    requirement = one.requirement
    produced = one.produced
    return {
        "id": requirement.id,
        "text": requirement.words.of(language),
        "status": say(STATUS[one.status]),
        "sign": SIGNS[one.status],
        "sources": ", ".join(requirement.sources),
        "human": requirement.human.of(language) if requirement.human else "",
        "produced": say("recorded on %(day)s", day=moment(produced.at[:10], language)) if produced else "",
        "produced_at": produced.index if produced else None,
        "met": one.status == PASS,
        "proofs": [_proof(proof, told) for proof in one.proofs if not (public and proof.kind == "test")],
        "tests": sum(proof.kind == "test" for proof in one.proofs),
    }


def _proof(proof: Proof, told: Told) -> dict[str, Any]:
    say, language, _ = told
    where = {"log": f"/{language}/log/{proof.ref}"}.get(proof.kind, "")
    if proof.kind == "document" and "assess" in proof.says:
        where = f"/{language}/assessment/{proof.ref}"
    return {
        "kind": say(KINDS[proof.kind]),
        "says": proof_text(proof, told),
        "holds": proof.holds,
        "test": proof.ref if proof.kind == "test" else "",
        "link": Link(href=where, text=say("entry %(n)s", n=proof.ref) if proof.kind == "log" else say("the document"))
        if where
        else None,
    }
