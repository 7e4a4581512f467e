"""What acts say: every text of a declared act, so that one without French is found."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping

from sentences import input_sentences

from peelian.acts import registry
from peelian.acts.act import Act
from peelian.catalogues import needs_words
from peelian.forms import fields_of

SPEAKS = frozenset({"say", "sentence", "OutOfOrder"})
"""Functions whose first argument is a sentence."""


def texts_of(act: Act) -> Iterator[str]:
    """What form and command show of an act before it is done."""
    yield from (act.group, act.title, act.about, act.empty)
    params = act.asks()
    for field in fields_of(params) if params else ():
        yield from (field.help, field.unit, *field.names.values())


def spoken_in(word: str) -> Iterator[str]:
    """What the acts of a word say once they are done, or refuse: sentences in their file."""
    registry.room_of(word)
    tree = ast.parse(inspect.getsource(sys.modules[f"peelian.acts.{word.replace('-', '_')}"]))
    yield from input_sentences(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            told = [node.args[0]] if node.func.id in SPEAKS and node.args else []
            told += [one.value for one in node.keywords if node.func.id == "Done" and one.arg == "says"]
            yield from (
                one.value for one in _parts(told) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def _parts(told: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Expressions, or both of a choice between two."""
    for one in told:
        yield from _parts((one.body, one.orelse)) if isinstance(one, ast.IfExp) else (one,)


def without_french(french: Mapping[str, str], words: Iterable[str]) -> list[str]:
    """Texts of the acts of these words that have no French."""
    told = {text for word in words for act in registry.room_of(word).known.values() for text in texts_of(act)}
    told |= {text for word in words for text in (registry.room_of(word).about, *spoken_in(word))}
    return sorted(text for text in told if needs_words(text) and text not in french)
