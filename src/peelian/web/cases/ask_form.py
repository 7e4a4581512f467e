"""The form of a request: what the use needs first, then pickers of what the data hold and what is proven.

What is wrong with a form that was sent is told at its fields, all at once, before anything is filed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peelian.errors import InputError, sentence
from peelian.forms import Field, faults_in, fields_of
from peelian.kernel.model.capability import Capability, Read
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.params import must_be_a_purpose
from peelian.kernel.model.policy_port import HOW
from peelian.kernel.records.label_register import adopted
from peelian.operations.office import Office
from peelian.oversight.assessment.readiness import Readiness, Settings
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.cases.case import params_said
from peelian.web.frame.error_handler import told_of
from peelian.web.frame.param_limits import drawn_limits
from peelian.web.frame.remedies import earning, mending
from peelian.web.pages import capital
from peelian.wording.errors import as_sentence, translated, with_days
from peelian.wording.labels import AUTHORIZATIONS, PURPOSES, worded

MOST_LABELS = 500  # in a list to pick from
DATA, PARAM, PROOF, AS_ASKED = "data.", "param.", "proof", "asked"
Told = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One use as one person asks for it in one language: what the form is drawn from, and what was typed."""

    office: Office
    declared: Capability
    ready: Readiness
    data: Sequence[Admission]  # every dataset of the office
    language: str
    told: Told

    @property
    def say(self) -> Say:
        return self.office.say(self.language)

    @property
    def own(self) -> Say:
        """The technology's own sentences."""
        return self.office.say(self.language, self.declared.technology)

    @property
    def typed(self) -> dict[str, str]:
        """The parameters that were sent, as texts."""
        return {n[len(PARAM) :]: text for n, text in self.told.items() if n.startswith(PARAM) and text.strip(" ,")}

    @property
    def chosen(self) -> Settings | None:
        """The proven settings that were chosen, or that the typed parameters are of; the only ones there are."""
        if PROOF in self.told:
            return next((one for one in self.ready.proven if one.digest == self.told[PROOF]), None)
        typed = {name: text for name, text in self.typed.items() if name in self.ready.bound}
        fit = [one for one in self.ready.proven if typed.items() <= _texts(one).items()]
        return fit[0] if fit and (typed or len(fit) == 1) else None

    @property
    def asked(self) -> dict[str, str]:
        """What was typed for parameters that proven settings hold, where none of them holds it."""
        typed = {name: text for name, text in self.typed.items() if name in self.ready.bound}
        fit = any(typed.items() <= _texts(one).items() for one in self.ready.proven)
        return {} if fit or not self.ready.proven else typed

    @property
    def is_as_asked(self) -> bool:
        """Unproven settings that are asked for all the same, rather than proven ones."""
        return bool(self.asked) and self.told.get(PROOF, AS_ASKED) == AS_ASKED

    @property
    def texts(self) -> dict[str, str]:
        """The parameters to be filed: those that were typed, and those of the chosen settings."""
        chosen = _texts(self.chosen) if self.chosen else {}
        return self.typed | {name: text for name, text in chosen.items() if text}

    @property
    def datasets(self) -> dict[str, str]:
        """The datasets that were chosen, by role."""
        return {n[len(DATA) :]: text for n, text in self.told.items() if n.startswith(DATA) and text}

    def known(self, read: Read) -> list[Admission]:
        """Datasets that may be chosen for a role: of its shape, admitted for a purpose of this use."""
        purposes, wanted = self.declared.asks.purposes, read.of(self.declared.technology)
        fit = [one for one in self.data if purposes & set(one.declaration["purposes"])]
        return [one for one in fit if self.office.kernel.shape_of(one) == wanted]

    def facts(self, name: str) -> list[str]:
        """What the data that were chosen say under a fact; before any were chosen, all that may be."""
        named = set(self.datasets.values())
        every = [d for read in self.declared.reads for d in self.known(read) if name in d.facts]
        return [str(d.facts[name]) for d in every if d.dataset in named] or [str(d.facts[name]) for d in every]

    def days(self, field: Field) -> tuple[str, str]:
        """The first and last day that a parameter may be, by the data; "" where there is none."""
        first, last = self.facts("from_day"), self.facts("to_day")
        if field.day is None or not first or not last:
            return "", ""
        begin, after = field.day
        until = "" if after is None else str(date.fromisoformat(max(last)) + timedelta(days=after))
        return str(date.fromisoformat(min(first) if begin >= 0 else max(last)) + timedelta(days=begin)), until

    def choices(self, field: Field) -> tuple[str, ...]:
        """The choices of a parameter, as far as the data hold them."""
        held = {word for fact in self.facts(field.held) for word in fact.split(",")} if field.held else set()
        return tuple(c for c in field.choices if c in held or c == field.default) if held else field.choices

    def labels(self, field: Field) -> tuple[str, ...]:
        """The adopted labels that a parameter may name, those with a boundary first, each kind sorted; none where there
        are none, or too many to pick from."""
        if not field.labels:
            return ()
        found = adopted(self.office.kernel).labels[LabelKind(field.labels)].values()
        ordered = sorted(found, key=lambda one: (not one.outline, one.label))
        return tuple(one.label for one in ordered) if len(ordered) <= MOST_LABELS else ()


def faults_of(asking: Asking) -> dict[str, InputError]:
    """Everything wrong with what was sent, by the field's name, in the form's order; none: it may be filed."""
    found: dict[str, InputError] = {}
    for name, fault in _faults(asking):
        found.setdefault(name, fault)
    return found


def _faults(asking: Asking) -> Iterator[tuple[str, InputError]]:
    declared, bound = asking.declared, set(asking.ready.bound)
    apart = bound if PROOF in asking.told else set()
    try:
        must_be_a_purpose(asking.told.get("purpose", ""), declared.asks.purposes)
    except InputError as fault:
        yield "purpose", fault
    for read in declared.reads:
        yield from _of_data(asking, read)
    for role in asking.datasets.keys() - {read.role for read in declared.reads}:
        yield "", InputError(sentence("%(id)s does not declare input %(role)s", id=declared.id, role=role[:60]))
    if asking.chosen is None and not asking.is_as_asked and (PROOF in asking.told or asking.ready.proven):
        yield PROOF, InputError("no longer proven, or not chosen", accepted="one of the settings listed")
    faults = faults_in(declared.asks.params, asking.texts, check=declared.asks.check)
    known = fields_of(declared.asks.params)
    names = {field.name: PROOF if field.name in apart else PARAM + field.name for field in known}
    for wrong in (*faults, *_of_the_data(asking)):
        empty = wrong.column in names and wrong.column not in asking.texts
        yield names.get(wrong.column, ""), InputError("nothing entered") if empty else wrong
    for field in known:
        if field.choices and not field.many and asking.told.get(PARAM + field.name) == "":
            yield PARAM + field.name, InputError("nothing chosen", accepted="one of the list")


def _of_data(asking: Asking, read: Read) -> Iterator[tuple[str, InputError]]:
    chosen = asking.datasets.get(read.role)
    if chosen is None and not read.optional:
        yield DATA + read.role, InputError("nothing chosen", accepted="one of the list")
    elif chosen and chosen not in {one.dataset for one in asking.known(read)}:
        yield DATA + read.role, InputError("no dataset of this kind and purpose", accepted="one of the list")


def _of_the_data(asking: Asking) -> Iterator[InputError]:
    """What the chosen data do not hold, or days outside theirs."""
    for field in fields_of(asking.declared.asks.params):
        text = asking.texts.get(field.name, "")
        if field.held and text in field.choices and text not in asking.choices(field):
            yield InputError("not in the chosen data", column=field.name, accepted="one of the list")
        first, last = asking.days(field)
        if first and text and _is_day(text) and not first <= text <= (last or text):
            yield InputError("outside the days of the data", column=field.name, accepted=_span(first, last))


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _span(first: str, last: str) -> str:
    return sentence("%(first)s to %(last)s", first=first, last=last) if last else sentence("from %(day)s on", day=first)


def form_page(asking: Asking, faults: Mapping[str, InputError], problem: Sequence[str] = ()) -> dict[str, Any]:
    """Everything `ask.html` shows. `problem`: what the policy said of a request that was filed."""
    declared, say, told = asking.declared, asking.say, asking.told
    purposes = sorted(declared.asks.purposes)
    apart = set(asking.ready.bound) if asking.ready.proven else set()
    fields = [field for field in fields_of(declared.asks.params) if field.name not in apart]
    labels = {"purpose": say("Purpose"), PROOF: say("Proven settings"), "": ""}
    labels |= {DATA + read.role: capital(asking.own(read.title)) for read in declared.reads}
    labels |= {PARAM + field.name: _title(field, asking.own) for field in fields_of(declared.asks.params)}
    return {
        "title": say(declared.title),
        "section": "/ask",
        "capability": declared.id,
        "technology": declared.technology,
        "about": asking.own(declared.about),
        "warrant": asking.own(declared.warrant) if declared.warrant else "",
        "needs": needs_of(asking),
        "purposes": [(str(p), worded(PURPOSES, p, say)) for p in purposes],
        "purpose": told.get("purpose", str(purposes[0]) if len(purposes) == 1 else ""),
        "reads": [_read(asking, read) for read in declared.reads],
        "proofs": [_proof(asking, one) for one in asking.ready.proven],
        "asked": _asked(asking),
        "unproven": _unproven(asking),
        "fields": [_field(asking, field) for field in fields],
        "faults": {name: _told(fault, say) for name, fault in faults.items()},
        "wrong": [(name, _told(fault, say, labels.get(name, ""))) for name, fault in faults.items()],
        "problem": problem,
    }


def needs_of(asking: Asking) -> dict[str, Any]:
    """What a use needs, before anybody asks: what is in force until when, what is missing and who can mend it."""
    ready, say = asking.ready, asking.say
    return {
        "ready": ready.ready,
        "held": [(worded(AUTHORIZATIONS, p.kind, say), moment(p.ends[:10], asking.language)) for p in ready.held],
        "reasons": [
            (as_sentence(with_days(r.says, say)), as_sentence(with_days(r.remedy, say))) for r in ready.reasons
        ],
        "missing": [asking.own(read.title) for read in ready.missing],
        "mends": mending(asking.office, asking.declared, ready.reasons, say)[:-1],
        "any": bool(asking.declared.needs),
    }


def _read(asking: Asking, read: Read) -> dict[str, Any]:
    known, say = asking.known(read), asking.say
    needs = [worded(AUTHORIZATIONS, need.kind, say) for need in read.needs if need.when is None]
    alone = known[0].dataset if len(known) == 1 and (read.preferred or not read.optional) else ""
    return {
        "name": DATA + read.role,
        "role": asking.own(read.title),
        "optional": read.optional,
        "needs": needs,
        "chosen": asking.told.get(DATA + read.role, alone),
        "known": [(one.dataset, _titled(asking, one)) for one in known],
    }


def _titled(asking: Asking, one: Admission) -> str:
    title, days = str(one.declaration["title"]), [str(one.facts.get(name, "")) for name in ("from_day", "to_day")]
    return f"{title}, {translated(_span(*days), asking.say)}" if all(days) else title


def _proof(asking: Asking, one: Settings) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "chosen": asking.chosen is not None and asking.chosen.digest == one.digest,
        "says": _settings_said(asking, one.params),
        "until": moment(one.until[:10], asking.language),
    }


def _asked(asking: Asking) -> dict[str, Any] | None:
    """Settings that are not proven, as they were asked for; None: none were."""
    if not asking.asked:
        return None
    says = _settings_said(asking, asking.asked)
    hidden = [(PARAM + name, text) for name, text in asking.asked.items()]
    return {"value": AS_ASKED, "chosen": asking.is_as_asked, "says": says, "hidden": hidden}


def _settings_said(asking: Asking, params: Mapping[str, object]) -> tuple[str, list[tuple[str, str]]]:
    """What was tested, by the names of the choices; and the other settings, but those that are as they always are."""
    fields = [field for field in fields_of(asking.declared.asks.params) if field.name in params]
    named = [_named(field, str(params[field.name]), asking.own) for field in fields if field.names]
    more = {f.name: v for f in fields if not f.names and (text_of(v := params[f.name]) != text_of(f.default) or f.unit)}
    return " · ".join(named), list(params_said(asking.declared.asks.params, more, asking.own))


def _unproven(asking: Asking) -> dict[str, Any]:
    """Choices that no authorization covers, and settings that lack another one: what each would need."""
    declared, say, own, ready = asking.declared, asking.say, asking.own, asking.ready
    rows = []
    for field in (one for one in fields_of(declared.asks.params) if one.name in ready.bound and not one.many):
        proven = {text_of(one.params[field.name]) for one in ready.proven}
        names = [_named(field, choice, own) for choice in asking.choices(field) if choice not in proven]
        rows += [(_label(field, own), ", ".join(names))] if names and proven else []
    short = [
        (_settings_said(asking, one.params), [as_sentence(with_days(r.says, say)) for r in one.reasons])
        for one in (ready.short if ready.proven else ())
    ]
    kind = ready.kind
    return {
        "rows": rows,
        "kind": worded(AUTHORIZATIONS, kind, say) if kind else "",
        "how": say(HOW[kind]) if kind and kind in HOW else "",
        "links": list(earning(asking.office, declared, kind, say)) if kind else [],
        "short": short,
    }


def _field(asking: Asking, field: Field) -> dict[str, Any]:
    """One parameter: a choice of what the data hold, several, a day within theirs, or a text; what stands in it is
    what holds where nothing is typed."""
    name, own, first_last = PARAM + field.name, asking.own, asking.days(field)
    choices = ("yes", "no") if field.type is bool else asking.choices(field)
    value = asking.told.get(name, text_of(field.default))
    values, labels = [part.strip() for part in value.split(",") if part.strip()], asking.labels(field)
    return {
        "name": name,
        "label": _label(field, own),
        "required": field.required,
        "many": field.many,
        "choices": [(choice, _named(field, choice, own)) for choice in choices],
        "value": value,
        "values": values,
        "labels": labels,
        "others": ", ".join(part for part in values if part not in labels),
        "named": bool(field.labels),
        "day": field.day is not None,
        "within": first_last,
        "span": translated(_span(*first_last), asking.say) if first_last[0] else "",
        **drawn_limits(field, asking.say),
    }


def _title(field: Field, own: Say) -> str:
    return own(field.help) if field.help else field.name.replace("_", " ")


def _label(field: Field, own: Say) -> str:
    return f"{_title(field, own)} ({own(field.unit)})" if field.unit else _title(field, own)


def _named(field: Field, choice: str, own: Say) -> str:
    return own(field.names.get(choice, choice.replace("%", "%%")))


def _told(fault: InputError, say: Say, where: str = "") -> str:
    """What is wrong, at the field that says itself where, or above the form."""
    return told_of(InputError(fault.wrong, accepted=fault.accepted, file=where), say)[0]


def _texts(one: Settings) -> dict[str, str]:
    return {name: text_of(value) for name, value in one.params.items()}


def text_of(value: object) -> str:
    """A parameter as a form carries it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
