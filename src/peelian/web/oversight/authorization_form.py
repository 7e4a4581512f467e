"""The form that issues an authorization: what it states, by titles with units, and what is wrong at each field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import InputError
from peelian.forms import fields_of, scalar
from peelian.kernel.identity.custody_grounds import BYLAW, must_name_a_bylaw
from peelian.kernel.model.capability import AuthorizationKind, Capability, Grant, Purpose
from peelian.kernel.model.criteria import criteria_faults
from peelian.kernel.model.technology import technology_of
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.frame.error_handler import told_of
from peelian.web.pages import capital

FACT, MOST_FACTS, MOST_DAYS = "fact.", 40, 3650
CRITERIA = "criteria"  # the field of a fault that concerns all criteria
_FRENCH_NUMBER = re.compile(r"[-−]?\d+,\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One fact that an authorization can state: its field, its title, what was typed, and what is accepted."""

    field: str
    title: str
    value: str
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed to issue an authorization, in the office and language of the page."""

    office: Office
    told: Mapping[str, str]
    language: str
    say: Say = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "say", self.office.say(self.language))

    @property
    def kind(self) -> str:
        return self.told.get("kind", "")

    @property
    def serves(self) -> str:
        return self.told.get("serves", "")

    @property
    def capability(self) -> Capability | None:
        """The one use that it is for; None where it is for a watch or a whole technology."""
        technology = technology_of(self.office.kernel.technologies, self.serves)
        return next((one for one in technology.capabilities if one.id == self.serves), None) if technology else None

    @property
    def body(self) -> dict[str, Any]:
        texts = {name[len(FACT) :]: text.strip() for name, text in self.told.items() if name.startswith(FACT)}
        return {name: self._scalar(text) for name, text in texts.items() if text}

    def stated(self) -> list[Stated]:
        """Each criterion of the use; else what its example states; and what an authorization that is renewed states."""
        used, say, named = self.capability, self.say, list[str]()
        if used and self.kind in set(AuthorizationKind):
            kind = AuthorizationKind(self.kind)
            named = [one.word for one in used.criteria] if kind is AuthorizationKind.ACCEPTANCE_CRITERIA else []
            named = named or list(used.arithmetic().example().authorizations.get(kind, {}))
        named += [BYLAW] if self.kind == AuthorizationKind.COUNCIL_APPROVAL and self._shows_people else []
        named += [n[len(FACT) :] for n in self.told if n.startswith(FACT) and n[len(FACT) :] not in named]
        known = (titles_of(used, say) if used else {}) | {BYLAW: say("SHA-256 of the bylaw's text")}
        bounds = {one.word: one for one in used.criteria} if used else {}
        accepted = {
            word: say("%(low).10g to %(high).10g (%(unit)s)", low=one.low, high=one.high, unit=say(one.unit))
            for word, one in bounds.items()
        }
        return [
            Stated(
                field=FACT + name,
                title=capital(known.get(name, name.replace("_", " "))),
                value=self.told.get(FACT + name, ""),
                accepted=accepted.get(name, ""),
            )
            for name in named[:MOST_FACTS]
        ]

    @property
    def _shows_people(self) -> bool:
        """Whether it is for a technology whose recordings show people: they are kept on a bylaw."""
        kernel, technology = self.office.kernel, self.serves.partition(".")[0]
        return any(one.of_people and kernel.owner_of(one.id) == technology for one in kernel.formats)

    def faults(self) -> dict[str, InputError]:
        """Everything wrong with the form at once, by its field."""
        found: dict[str, InputError] = {}
        try:
            must_name_a_bylaw(self.body)
        except InputError as wrong:
            found[FACT + BYLAW] = wrong
        for name, fault in self._faults():
            found.setdefault(name, fault)
        return found

    def fault_of_the_use(self) -> InputError | None:
        """Acceptance criteria are for one use that is tested; for one that has a plan, they are the adopted plan."""
        used = self.capability
        if self.kind != AuthorizationKind.ACCEPTANCE_CRITERIA or (used and used.criteria):
            return None
        needs = [one for one in used.needs if one.kind is AuthorizationKind.ACCEPTANCE_CRITERIA] if used else []
        if needs:
            return InputError(needs[0].how) if needs[0].how else None
        every = [one for technology in self.office.kernel.technologies for one in technology.capabilities]
        tested = [self.say(one.title) for one in every if one.criteria]
        return InputError("acceptance criteria are for one use that is tested", accepted=", ".join(tested))

    def _faults(self) -> Iterator[tuple[str, InputError]]:
        kinds, purposes = set(map(str, AuthorizationKind)), set(map(str, Purpose))
        if self.kind not in kinds:
            yield "kind", InputError("no such authorization")
        technology = technology_of(self.office.kernel.technologies, self.serves)
        if technology is None or not (self.capability or self.serves in _whole(technology)):
            yield "serves", InputError("not one of the choices")
        elif fault := self.fault_of_the_use():
            yield "serves", fault
        chosen = [one for one in self.told.get("purposes", "").split(",") if one]
        if not chosen or not purposes.issuperset(chosen):
            yield "purposes", InputError("no purpose stated", accepted="at least one of these")
        days = self.told.get("days", "").strip()
        if not (days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS):
            yield "days", InputError("not a number of days", accepted="1 to 3,650")
        if self.kind == AuthorizationKind.ACCEPTANCE_CRITERIA and self.capability:
            for fault in criteria_faults(self.capability.criteria, self.body):
                yield FACT + fault.column if fault.column else CRITERIA, fault

    def filled(self) -> dict[str, Any]:
        """The form as `issue` takes it, once there is no fault."""
        return {
            "kind": AuthorizationKind(self.kind),
            "serves": self.serves,
            "purposes": tuple(Purpose(one) for one in self.told["purposes"].split(",") if one),
            "days": int(self.told["days"]),
            "body": self.body,
        }

    def _scalar(self, text: str) -> Any:
        if self.language == "fr" and _FRENCH_NUMBER.fullmatch(text):
            text = text.replace(",", ".").replace("−", "-")
        return scalar(text)


def titles_of(capability: Capability, say: Say, grants: Iterable[Grant] = ()) -> dict[str, str]:
    """What people call the facts of an authorization for this use: its settings with their units, its criteria, and
    what the cases that earn it tell."""
    asked = fields_of(capability.asks.params)
    titles = {one.name: say(one.help) + (f" ({say(one.unit)})" if one.unit else "") for one in asked if one.help}
    told = {word: say(title) for grant in grants for word, title in grant.titles.items()}
    return titles | told | {one.word: say(one.title) for one in capability.criteria}


def fault_texts(faults: Mapping[str, InputError], say: Say) -> dict[str, str]:
    """Each fault in words, without the field, which says itself where."""
    return {n: told_of(InputError(one.wrong, accepted=one.accepted), say)[0] for n, one in faults.items()}


def _whole(technology: Any) -> set[str]:
    return {f"{technology.id}.*", *(watch.id for watch in technology.watches)}
