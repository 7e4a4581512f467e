"""Which kinds of log entry the product makes: read from its source, so that a new one cannot go unnoticed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from peelian.kernel.model.alarms import STEPS
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT
from peelian.kernel.state.demonstration import MARK
from peelian.kernel.state.record_index import RECORDS
from peelian.kernel.state.signed_documents import KINDS
from peelian.storage.working_keys import REPLACED

SOURCE = Path(__file__).resolve().parents[2] / "src" / "peelian"
KIND = re.compile(r"[A-Z][A-Z_]{2,39}")
OF_A_KERNEL = {"append": 0, "entry": 0, "record": 1}  # methods, and where the kind stands
FUNCTIONS = {"acted": 2, "shown": 2, "entry_by": 2, "_retained": 2}  # given a kernel first
COMPUTED: Mapping[str, Set[str]] = {
    "RECORDS[record]": set(RECORDS.values()),
    "f'ALARM_{move.step.upper()}'": {f"ALARM_{step.upper()}" for step in STEPS},
    "said": {"WITNESSED", "UNWITNESSED"},
    "NOISE_SPENT": {NOISE_SPENT},
    "NOISE_DRAWN": {NOISE_DRAWN},
    "MARK": {MARK},
    "REPLACED": {REPLACED},
    "kind": set(),  # passed on: whoever calls names it
}
"""A kind that is no plain text where it is appended, and what it can be."""


def kinds_of_the_product() -> dict[str, str]:
    """Every kind, and one place where it is made."""
    found = dict.fromkeys(KINDS.values(), "kernel/state/kernel.py")
    for path in sorted(SOURCE.rglob("*.py")):
        for kind in kinds_in(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(kind, str(path.relative_to(SOURCE)))
    return found


def kinds_in(tree: ast.AST) -> Iterator[str]:
    """The kinds that a module makes; AssertionError where one is computed in a way that nobody has looked at."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in _given(node):
                yield from _named(given)


def _given(call: ast.Call) -> Iterator[ast.expr]:
    function = call.func
    place = None
    if isinstance(function, ast.Attribute) and ast.unparse(function.value).endswith("kernel"):
        place = OF_A_KERNEL.get(function.attr)
    elif isinstance(function, ast.Name) and call.args and ast.unparse(call.args[0]).endswith("kernel"):
        place = FUNCTIONS.get(function.id)
    elif isinstance(function, ast.Name) and function.id == "log":  # how noise is paid for
        place = 0
    if place is not None and len(call.args) > place:
        yield call.args[place]
    yield from (one.value for one in call.keywords if one.arg == "kind" and _is_kind(one.value))


def _named(given: ast.expr) -> Iterator[str]:
    if isinstance(given, ast.IfExp):
        yield from _named(given.body)
        yield from _named(given.orelse)
    elif _is_kind(given):
        yield ast.literal_eval(given)
    elif not isinstance(given, ast.Lambda):
        assert ast.unparse(given) in COMPUTED, f"say in `kinds.COMPUTED` what {ast.unparse(given)} can be"
        yield from sorted(COMPUTED[ast.unparse(given)])


def _is_kind(given: ast.expr) -> bool:
    return isinstance(given, ast.Constant) and isinstance(given.value, str) and bool(KIND.fullmatch(given.value))
