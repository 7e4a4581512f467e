"""Every sentence a person may read has its French, with the same places: in code, templates, declarations and views."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes
from sentences import glued, glued_in_refusals, input_sentences, said_in_refusals, told_in, wrong_input

import peelian
from peelian.catalogues import catalogue, needs_words
from peelian.forms import fields_of
from peelian.kernel.model import policy_port
from peelian.kernel.model.capability import Capability, Context, Emit
from peelian.kernel.model.technology import Technology
from peelian.kernel.policy import authorizer
from peelian.operations.office import technologies
from peelian.oversight.breach.regimes import regimes
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.web.assessment import pages as assessment
from peelian.web.console import alarms
from peelian.web.desk import my_work
from peelian.web.frame import error_handler, lists, navigation
from peelian.wording import labels as words

SOURCE = Path(peelian.__file__).parent
TECHNOLOGIES = technologies()
CAPABILITIES = [capability for technology in TECHNOLOGIES for capability in technology.capabilities]
WATCHES = [watch for technology in TECHNOLOGIES for watch in technology.watches]


def french(technology: str = "") -> Mapping[str, str]:
    """The French that a page of this technology (or of every one) can draw on."""
    folders = [name.parent.name for name in sorted((SOURCE / "technologies").glob("*/fr.po"))]
    wanted = [f for f in folders if not technology or f == technology]
    return catalogue("fr", ("peelian.pictures", "peelian.web", *(f"peelian.technologies.{f}" for f in wanted)))


def missing(messages: set[str], known: Mapping[str, str]) -> list[str]:
    return sorted(message for message in messages if message not in known and needs_words(message))


def said_in_code(path: Path) -> Iterator[str]:
    """The constant sentences passed to `say` in one module, both of a choice between two."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
            first = node.args[0]
            for part in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def said_in_template(path: Path) -> Iterator[str]:
    for call in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say" and isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value)


MODULES = sorted(p for p in SOURCE.rglob("*.py") if "cli" not in p.parts)


@pytest.mark.parametrize("folder", ["pictures", "web", "oversight", "operations", *(t.id for t in TECHNOLOGIES)])
def test_every_sentence_in_the_code_has_its_french(folder: str) -> None:
    modules = [p for p in MODULES if folder in p.relative_to(SOURCE).parts]
    assert modules, "no such room"
    sentences = {sentence for path in modules for sentence in said_in_code(path)}
    assert missing(sentences, french(folder if folder in {t.id for t in TECHNOLOGIES} else "")) == []


def test_the_search_in_the_code_finds_sentences() -> None:
    assert "Decision" in set(said_in_code(SOURCE / "web" / "cases" / "case.py"))
    assert "Newest cases" in set(said_in_template(SOURCE / "web" / "templates" / "home.html"))


def test_every_sentence_in_a_template_has_its_french() -> None:
    templates = (SOURCE / "web" / "templates").glob("*.html")
    assert missing({s for path in templates for s in said_in_template(path)}, french()) == []


def test_the_houses_words_and_errors_have_their_french() -> None:
    every = (
        assessment.STATES,
        lists.DUE,
        words.STATES,
        words.PURPOSES,
        words.AUTHORIZATIONS,
        words.ROLES,
        words.CHOICES,
        words.KINDS,
        words.RULES,
        {law.id: law.title for law in regimes().values()},
    )
    told = {sentence for part in every for sentence in part.values()}
    told |= (
        {title for _, title, _ in navigation.OFFICE} | set(alarms.ALL_STATES.values()) | set(alarms.DETAILS.values())
    )
    told |= set(my_work.HOW.values())
    told |= {text for pair in error_handler.STOPPED.values() for text in pair}
    assert missing(told | set(error_handler.TITLES.values()) | set(error_handler.SAYS.values()), french()) == []


def test_every_reason_to_refuse_and_every_remedy_has_its_french() -> None:
    """The kernel's and the capabilities': said with their values, never put together from pieces."""
    modules = [path for path in SOURCE.rglob("*.py") if "cli" not in path.parts]
    told = {text for path in modules for text in said_in_refusals(path)}
    lists = (authorizer.AUTHORIZATION_FAULTS, policy_port.TITLES, policy_port.HOW)
    told |= {text for part in lists for text in part.values()} | {"blocked by a bylaw", "none", "no data"}
    told |= {text for _, says, remedy in authorizer._OF_A_ACT.values() for text in (says, remedy)}
    assert len(told) > 140 and missing(told, french()) == []
    glued = {path.name: lines for path in modules if (lines := list(glued_in_refusals(path)))}
    assert glued == {}, "a sentence put together from pieces cannot be translated"


def test_a_reason_without_french_and_a_glued_one_are_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'says = f"the {x} is wrong"\nyield no("a_rule", says, "mend it" if x else sentence("do %(n)d", n=1))\n'
    )
    assert set(said_in_refusals(module)) == {"mend it", "do %(n)d"} and list(glued_in_refusals(module)) == [1]


ON_PAGES = {
    "alarms": ("operator_actions", "operator_desk", "watch"),
    "identity": ("access_tokens", "passkeys", "revocation"),
    "policy": ("authorize",),
    "records": ("office_records",),
    "state": ("kernel",),
    "verbs": ("admission", "decision", "evidence", "export", "permit", "publication", "redaction_review"),
}
"""The kernel's modules that pages act through."""


def kernel_on_pages() -> list[Path]:
    return [SOURCE / "kernel" / folder / f"{name}.py" for folder, names in ON_PAGES.items() for name in names]


def test_what_is_out_of_order_on_a_page_has_its_french() -> None:
    """Of the kernel's modules that pages act through, and of the pages themselves."""
    modules = [*kernel_on_pages(), *(SOURCE / "web").rglob("*.py")]
    told = {
        node.args[0].value
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "OutOfOrder"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(told) > 20 and missing({str(text) for text in told}, french()) == []


INTERNAL = {
    "framing.py",
    "smoothing.py",
    "table.py",
    "canonical.py",
    "suppression.py",
    "registrar_acts.py",
    "registrar_wire.py",
}
"""What a program did wrong, never what a person typed."""


@pytest.mark.parametrize(
    "room", ["intake", "measure", "integrations", "oversight", "web", "cli", "demos", *(t.id for t in TECHNOLOGIES)]
)
def test_every_error_and_every_line_told_has_its_french_and_none_is_glued(room: str) -> None:
    modules = [p for p in SOURCE.rglob("*.py") if room in p.relative_to(SOURCE).parts and p.name not in INTERNAL]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in modules}
    sentences = {text for tree in trees.values() for text in told_in(tree)}
    known = {
        **catalogue("fr", ("peelian.acts", "peelian.cli", "peelian.demos")),
        **french(room if room in {t.id for t in TECHNOLOGIES} else ""),
    }
    assert len(sentences) > 15 and missing(sentences, known) == []
    assert {path.name: lines for path, tree in trees.items() if (lines := list(glued(tree)))} == {}


def test_an_error_by_name_in_a_choice_or_glued_is_found() -> None:
    tree = ast.parse(
        'ODD = "odd"\n'
        'def f():\n    says = "big" if a else "small"\n    raise OutOfOrder(sentence(says, n=1))\n'
        'raise InputError(ODD, accepted=f"even={b}")\nraise NotEnoughData("few")'
    )
    assert set(told_in(tree)) == {"odd", "big", "small", "few"} and list(glued(tree)) == []
    assert list(glued(ast.parse('raise OutOfOrder(f"{b} is odd")'))) == [1]


def test_bad_input_on_a_page_has_its_french() -> None:
    """Of forms, pages and the kernel that pages act through, and of every check of what a person asks for."""
    modules = [
        SOURCE / "forms.py",
        SOURCE / "kernel" / "model" / "parameters.py",
        *kernel_on_pages(),
        *(p for p in (SOURCE / "web").rglob("*.py") if p.name not in INTERNAL),
    ]
    asked = [use.asks for use in (*CAPABILITIES, *WATCHES)]
    reads = {field.limits.reads for asks in asked for field in fields_of(asks.params)} - {None}
    checks = {Path(str(inspect.getsourcefile(check))) for check in {asks.together for asks in asked} | reads}
    trees = {p: [ast.parse(p.read_text(encoding="utf-8"))] for p in {*modules, *checks}}
    told = {text for several in trees.values() for tree in several for text in input_sentences(tree)}
    assert len(told) > 100 and missing(told, french()) == []
    pieces = {p.name: [part for tree in several for part in wrong_input(tree)] for p, several in trees.items()}
    glued = {n: sum(isinstance(p, (ast.JoinedStr, ast.BinOp)) for p in parts) for n, parts in pieces.items()}
    assert {name: n for name, n in glued.items() if n} == {}, "say it with `sentence`, or `out_of_range`"


def test_bad_input_without_french_is_found() -> None:
    tree = ast.parse('raise InputError("odd" if a else sentence("%(n)d odd", n=1), accepted=f"{b} even")')
    assert set(input_sentences(tree)) == {"odd", "%(n)d odd"}
    assert [type(part).__name__ for part in wrong_input(tree)] == ["Constant", "Call", "JoinedStr"]


def titles_of(emit: Emit) -> set[str]:
    """What its columns and their units are called."""
    return {text for column in emit.columns.values() for text in (column.title, column.unit, *column.words.values())}


@pytest.mark.parametrize("technology", TECHNOLOGIES, ids=lambda t: t.id)
def test_what_a_technology_declares_has_its_french(technology: Technology) -> None:
    told = {technology.title} | {text for one in technology.records.values() for text in (one.many, one.one)}
    for capability in technology.capabilities:
        told |= {capability.title, capability.about, *capability.arithmetic().messages}
        told |= {read.title for read in capability.reads}
        for f in fields_of(capability.asks.params):
            told |= {f.help, f.unit, f.limits.accepted, *f.names.values()}
        told |= {text for emit in capability.emits for text in (emit.title, *titles_of(emit))}
        told |= {text for one in capability.criteria for text in (one.title, one.unit)}
    told |= {text for one in technology.formats() for text in (one.title, *one.options.values())}
    told |= {text for one in technology.watches for text in (one.title, one.about, *one.titles.values())}
    assert missing(told, french(technology.id)) == []


@pytest.mark.parametrize("technology", TECHNOLOGIES, ids=lambda t: t.id)
def test_what_is_chosen_and_what_is_read_has_a_name(technology: Technology) -> None:
    """No raw word of a parameter, a role or a decision on a page."""
    for capability in technology.capabilities:
        assert set(capability.asks.choices) <= set(words.CHOICES)
        for field_ in fields_of(capability.asks.params):
            named = field_.type is int or set(field_.choices) <= set(field_.names)  # a number is its own name
            assert named, (capability.id, field_.name)


@dataclass
class Listening:
    """A `say` that remembers what it was asked to say."""

    heard: set[str] = field(default_factory=set)

    def __call__(self, text: str, /, **values: object) -> str:
        self.heard.add(text)
        return english(text, **values)


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda c: c.id)
def test_what_a_page_shows_has_its_french(capability: Capability) -> None:
    """The view of the example's findings, whole and in public, asks for no sentence that French lacks."""
    example = capability.arithmetic().example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=example.authorizations)
    found = capability.arithmetic().run(example.params, example.datasets, context)
    listening = Listening()
    for findings in (found, capability.arithmetic().public(found)):
        panels = capability.arithmetic().shows.view(findings, listening)
        assert panels
    assert missing(listening.heard, french(capability.technology)) == []
    assert titles_that_were_not_said(panels, listening.heard) == []


def titles_that_were_not_said(panels: Any, heard: set[str]) -> list[str]:
    """Captions and column titles of panels that passed by `say`: sentences without a place must be among the heard."""
    grids = [p for p in panels if isinstance(p, Grid)] + [p.twin for p in panels if isinstance(p, Picture) and p.twin]
    forms = [re.escape(text) for text in heard if "%" not in text]
    filled = [re.sub(r"%(?:\\\(\w+\\\)|\(\w+\))[^a-zA-Z]*[a-zA-Z]", ".*", re.escape(t)) for t in heard if "%" in t]
    pattern = re.compile("|".join([*forms, *filled]) or "$^", re.S)
    titles = [text for grid in grids for text in (grid.caption, *grid.titles) if needs_words(text)]
    return sorted({text for text in titles if len(text) > 3 and not pattern.search(text)})
