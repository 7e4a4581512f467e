"""The command line in French: every help and every printed sentence has its French, and nothing in it is left over."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from sentences import input_sentences, last_name
from terminal import peelian
from typer.main import get_command

from peelian.acts.registry import every_act
from peelian.catalogues import catalogue, needs_words, say_in
from peelian.cli import app, contents, failures, safeguards, spoken_help, watch
from peelian.cli.assess import STATES as ASSESSMENTS
from peelian.cli.spoken_help import message_id
from peelian.cli.words import preferred
from peelian.demos.demo import DEMONSTRATIONS
from peelian.oversight.breach.taken_secrets import REMEDIES

HERE = Path(str(contents.__file__)).parent
MODULES = sorted(HERE.glob("*.py"))
FRENCH = catalogue("fr", ("peelian.cli",))
OTHERS = ("peelian.pictures", "peelian.acts", "peelian.web")
OF_ACTS = frozenset(act.command for act in every_act().values() if act.command)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group of the program, by its path."""
    yield path, group
    for name in group.list_commands(None) if hasattr(group, "list_commands") else ():
        yield from commands(group.get_command(None, name), (*path, name))


def helps() -> set[str]:
    """Every help text: of commands, groups, arguments and options, and the words around them."""
    told = {"Usage: ", "COMMAND [ARGS]...", "Arguments", "Options", "Commands", "Show this message and exit."}
    for path, command in commands(get_command(app)):
        if " ".join(path) not in OF_ACTS:  # those say what their forms say (`tests/acts`)
            told |= {message_id(command.help), *(message_id(p.help) for p in command.params if p.help)}
    told |= {contents.OTHERS, *contents.SECTIONS}
    return told | set(spoken_help.KINDS_OF_VALUES.values()) | set(spoken_help.REMARKS.values())


def choices(node: ast.expr) -> Iterator[ast.expr]:
    """An expression, or both of a choice between two."""
    if isinstance(node, ast.IfExp):
        yield from (*choices(node.body), *choices(node.orelse))
    else:
        yield node


def constants(node: ast.expr) -> Iterator[str]:
    """The text of a constant, or of both in a choice between two."""
    for part in choices(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def printed(path: Path) -> Iterator[str]:
    """What a module's functions pass to `say`: constants, and names that were given a constant in the same function."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        named: dict[str, list[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).extend(constants(node.value))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                for part in choices(node.args[0]):
                    yield from named.get(part.id, ()) if isinstance(part, ast.Name) else constants(part)


def wrong(path: Path) -> Iterator[str]:
    """What a module's errors say."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (text for text in input_sentences(tree) if not text.startswith(("--", "name=")))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("OutOfOrder", "sentence")
        ):
            yield from constants(node.args[0])


def messages() -> set[str]:
    """Every sentence of the command line."""
    told = helps() | {text for path in MODULES for text in (*printed(path), *wrong(path))}
    return (
        told
        | set(failures.HEADS.values())
        | set(watch.STATES.values())
        | {safeguards.ONCE, *safeguards.NEXT.values(), *REMEDIES.values()}
        | {watch.GONE, *ASSESSMENTS.values(), *(one.shows for one in DEMONSTRATIONS.values())}
    )


def test_every_help_and_every_printed_sentence_has_its_french() -> None:
    told = messages()
    known: Mapping[str, str] = {**catalogue("fr", OTHERS), **FRENCH}
    assert len(told) > 600 and sorted(text for text in told if text not in known and needs_words(text)) == []


def test_no_french_of_the_command_line_is_left_over() -> None:
    own = read_po((HERE / "fr.po").open("rb"))
    assert sorted({str(message.id) for message in own if message.id} - messages()) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_nothing_is_printed_past_the_catalogue(path: Path) -> None:
    """What is printed as a line is said, or it is data: no English sentence stands in a formatted string."""
    if path.stem in ("words", "frame"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value for p in node.values if isinstance(p, ast.Constant) and isinstance(p.value, str)]
            assert not [p for p in parts if len(p.split()) > 3 and not p.lstrip().startswith(("http", "mosquitto"))], (
                node.lineno,
                parts,
            )


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "en_CA.UTF-8"}, "en"),
        ({"LANG": "en_CA.UTF-8", "LC_MESSAGES": "fr_CA.UTF-8"}, "fr"),
        ({"LC_MESSAGES": "fr_CA.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LC_ALL": "fr_CA.UTF-8", "PEELIAN_LANG": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": ""}, "en"),
    ],
)
def test_the_first_variable_that_is_set_decides(environment: dict[str, str], language: str) -> None:
    assert preferred(environment) == language


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PEELIAN_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "fr_CA.UTF-8")


@pytest.mark.usefixtures("french")
def test_help_is_french_where_the_locale_is(tmp_path: Path) -> None:
    text = peelian("--help", cwd=tmp_path).stdout
    assert "Usage\u00a0: peelian" in text and "Importer, vérifier et chiffrer des données" in text
    assert "Votre nom court." in peelian("ask", "--help", cwd=tmp_path).stdout
    assert "Usage: peelian" in peelian("--lang", "en", "--help", cwd=tmp_path).stdout


@pytest.mark.usefixtures("french")
def test_messages_refusals_and_errors_are_french_and_json_is_not(tmp_path: Path) -> None:
    assert "créé" in peelian("office", "office", "--name", "Ville", cwd=tmp_path).stdout
    enrol = ("enrol", "ana", "--name", "Ana", "--unit", "analyse", "--role", "analyst")
    assert "Ana" not in peelian(*enrol, cwd=tmp_path).stdout
    asked = ("ask", "mapping.forecast", "--purpose", "advice", "--as", "ana", "--start-day", "2026-03-02")
    refused = peelian(*asked, cwd=tmp_path)
    assert refused.returncode == 3 and "Refusé" in refused.stderr and "Solution" in refused.stderr
    assert "Remedy" not in refused.stderr
    assert '"error": "Refused"' in peelian(*asked, "--json", cwd=tmp_path).stdout
    assert "Manquant" in peelian("run", cwd=tmp_path).stderr
    assert "langue" in peelian("case", "report", "c-0", "--language", "de", cwd=tmp_path).stderr


def test_the_option_decides_over_the_locale(tmp_path: Path) -> None:
    assert "Commandes" in peelian("--lang", "fr", "watch", "--help", cwd=tmp_path).stdout
    assert peelian("--lang", "de", "people", cwd=tmp_path).returncode == 2


def named_constants(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Every name of a module that is given a text, a mapping to texts, or texts side by side."""
    for node in tree.body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        side_by_side = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        pairs = zip(target.elts, node.value.elts, strict=True) if side_by_side else [(target, node.value)]  # type: ignore[attr-defined,union-attr]
        for name, value in pairs:
            values = value.values if isinstance(value, ast.Dict) else [value]
            yield ast.unparse(name), [text for each in values for text in constants(each)]


def doings(trees: list[ast.Module]) -> Iterator[str]:
    """What modules say beside a progress bar, or have rounds of parts say: a constant, or one by its name."""
    named = {name: texts for tree in trees for name, texts in named_constants(tree) if name.isupper()}
    for node in (node for tree in trees for node in ast.walk(tree)):
        given = node.args if isinstance(node, ast.Call) else []
        spoken = {"progress": given[:1] if len(given) == 2 else [], "Rounds": given[2:3]}
        for first in spoken.get(last_name(getattr(node, "func", None)), []):
            yield from constants(first)
            yield from named.get(ast.unparse(first.value if isinstance(first, ast.Subscript) else first), ())


def test_every_word_beside_a_progress_bar_has_its_french() -> None:
    said = set(doings([ast.parse(path.read_text(encoding="utf-8")) for path in HERE.parent.rglob("*.py")]))
    own = read_po((HERE.parent / "web" / "fr-progress.po").open("rb"))
    assert len(said) > 30 and said == {str(message.id) for message in own if message.id}
    pages = say_in("fr", ["peelian.pictures", "peelian.web"])  # where the same bar is a page of the office
    assert [text for text in said if pages(text) == text] == []
