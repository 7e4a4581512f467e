"""Every regular expression of the program, text that is hostile to it, and the CPU seconds it takes, in a child."""

from __future__ import annotations

import ast
import importlib
import json
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "src"
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
LONG, SHORT, WORST = 100_000, 3_000, 12  # characters; how many of the short texts are tried at full length
MOST, STOP = 0.1, 0.4  # CPU seconds: the bar, and where one search is broken off
CATEGORIES = {sre.CATEGORY_DIGIT: "0", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One regular expression as it stands in the source, and how it is used."""

    where: str
    text: str
    flags: int
    binary: bool
    methods: tuple[str, ...]


def patterns() -> list[Pattern]:
    """Every pattern that the package hands to `re`, and those of messages (`msgspec.Meta`)."""
    sources = {file: file.read_text(encoding="utf-8") for file in sorted(SOURCE.rglob("*.py"))}
    may = re.compile(rf"\.({'|'.join(METHODS)}|compile|Meta)\b")
    trees = {file: list(ast.walk(ast.parse(text))) for file, text in sources.items() if may.search(text)}
    used = _used(trees.values())
    return [found for file, nodes in trees.items() for found in _of_file(file, nodes, used)]


def slow(these: Iterable[Pattern], seconds: int = 300) -> list[tuple[str, str, float]]:
    """Which patterns take more than .1 CPU s for some text of 10^5 characters: where, on what, how long.

    They run in a child that the system ends after `seconds` of CPU time, so that a test fails and never hangs.
    """
    asked = json.dumps([asdict(pattern) for pattern in these])
    child = subprocess.run([sys.executable, __file__, str(seconds)], input=asked, capture_output=True, text=True)
    assert child.returncode == 0, f"the child ended with {child.returncode}: {child.stderr[-2000:]}"
    return [(where, text, taken) for where, text, taken in json.loads(child.stdout)]


def taken(act: Callable[[], object], most: float = STOP) -> float:
    """CPU seconds of a call; it is broken off (and counted as endless) after `most`."""
    began = time.process_time()
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        act()
    except TimeoutError:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - began


def hostile(pattern: Pattern) -> Iterator[tuple[str, Callable[[int], str]]]:
    """Texts near to what the pattern matches: its beginnings, then its parts again and again, then a misfit.

    Each by its name; it is made, so many characters long, when it is called for.
    """
    tree = parser.parse(pattern.text.encode("latin-1") if pattern.binary else pattern.text, pattern.flags)
    letters = list(dict.fromkeys(_letters(tree)))[:14] or ["a"]
    bodies = [body for body in _bodies(tree) if body]
    pairs = ["".join(pair) for pair in product(letters[:8], repeat=2)]
    pumps = list(dict.fromkeys([*letters, *bodies, *(body + " " for body in bodies), *pairs]))
    starts = list(dict.fromkeys(["", *_starts(tree)]))[:8]
    for start, pump, end in product(starts, pumps, ("", "!", "\n!")):
        yield f"{start!r} + {pump!r}… + {end!r}", partial(_text, start, pump, end)


def _text(start: str, pump: str, end: str, length: int) -> str:
    return start + pump * ((length - len(start)) // len(pump)) + end


def _too_long(signum: int, frame: object) -> None:
    raise TimeoutError


def _used(trees: Iterable[list[ast.AST]]) -> dict[str, set[str]]:
    """Name of a compiled pattern → the methods that are called on anything of that name."""
    used: dict[str, set[str]] = {}
    for nodes in trees:
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                name = getattr(node.value, "id", getattr(node.value, "attr", ""))
                used.setdefault(name, set()).add(node.attr)
    return used


def _of_file(file: Path, nodes: list[ast.AST], used: dict[str, set[str]]) -> Iterator[Pattern]:
    module = ".".join(file.relative_to(SOURCE).with_suffix("").parts)
    names = {id(node.value): _target(node) for node in nodes if isinstance(node, ast.Assign | ast.AnnAssign)}
    own = tuple(set().union(*_used([nodes]).values()) - {"split"}) or (
        "fullmatch",
        "search",
    )  # of a pattern without name
    for node in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, method = getattr(node.func.value, "id", ""), node.func.attr
        if owner == "msgspec" and method == "Meta":
            texts = [word.value for word in node.keywords if word.arg == "pattern"]
            methods: Iterable[str] = ("search",)
        elif owner == "re" and method in ("compile", *METHODS):
            texts = node.args[:1]
            name = names.get(id(node), "")
            methods = (method,) if method != "compile" else (name and used.get(name)) or own
        else:
            continue
        for text in texts:
            value = _value(text, module)
            flags = int(_value(node.args[1], module)) if method == "compile" and len(node.args) > 1 else 0
            flags |= sum(int(_value(word.value, module)) for word in node.keywords if word.arg == "flags")
            yield Pattern(
                where=f"{module}:{node.lineno}",
                text=value.decode("latin-1") if isinstance(value, bytes) else value,
                flags=flags | _trailing_flags(node, method, module),
                binary=isinstance(value, bytes),
                methods=tuple(sorted(methods)),
            )


def _trailing_flags(node: ast.Call, method: str, module: str) -> int:
    """The flags of `re.search(pattern, text, flags)` and of its like."""
    if method in ("match", "fullmatch", "search", "findall", "finditer") and len(node.args) > 2:
        return int(_value(node.args[2], module))
    return 0


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return getattr(target, "id", "")


def _value(node: ast.expr, module: str) -> Any:
    """What stands in a call; where it is no constant, as the module itself reads it."""
    if isinstance(node, ast.Constant):
        return node.value
    return eval(compile(ast.Expression(node), module, "eval"), vars(importlib.import_module(module)))  # noqa: S307 - our own source


def _letters(tree: Any) -> Iterator[str]:
    """One character of each class and literal in the pattern, in its order."""
    for op, given in tree:
        if op in (sre.LITERAL, sre.NOT_LITERAL):
            yield chr(given) if op is sre.LITERAL else _other(lambda c, g=given: ord(c) == g)
        elif op is sre.ANY:
            yield "x"
        elif op is sre.IN:
            yield from _members(given)
        else:
            for inner in _inner(op, given):
                yield from _letters(inner)


def _members(items: Any) -> list[str]:
    """One character of each kind in a class."""
    if items[0][0] is sre.NEGATE:
        held = re.compile("[" + "".join(re.escape(c) for c in _members(items[1:]) or [""]) + "]")
        return [_other(lambda c: bool(held.match(c)))]
    found = []
    for op, given in items:
        if op is sre.LITERAL:
            found.append(chr(given))
        elif op is sre.RANGE:
            found.append(chr(given[0]))
        elif op is sre.CATEGORY:
            found.append(CATEGORIES.get(given, "!"))
    return found


def _other(held: Callable[[str], bool]) -> str:
    return next(c for c in "a 0-!@~" if not held(c))


def _inner(op: Any, given: Any) -> list[Any]:
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [given[2]]
    if op is sre.SUBPATTERN:
        return [given[3]]
    if op is sre.BRANCH:
        return list(given[1])
    if op is sre.ATOMIC_GROUP:
        return [given]
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [given[1]]
    return []


def _sample(tree: Any) -> str:
    """A short text that the pattern, or this part of it, likely matches; what may be left out stands there once."""
    parts = []
    for op, given in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            parts.append(_sample(given[2]) * min(max(given[0], 1), 40))
        elif op is sre.BRANCH:
            parts.append(_sample(given[1][0]))
        elif inner := _inner(op, given):
            parts.append("" if op in (sre.ASSERT, sre.ASSERT_NOT) else "".join(map(_sample, inner)))
        else:
            parts.append(next(iter(_letters([(op, given)])), ""))
    return "".join(parts)


def _bodies(tree: Any) -> Iterator[str]:
    """A text of each part that may be repeated, and of each way it may be written."""
    for op, given in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            yield _sample(given[2])
        if op is sre.BRANCH:
            yield from map(_sample, given[1])
        for inner in _inner(op, given):
            yield from _bodies(inner)


def _starts(tree: Any) -> Iterator[str]:
    """What comes before each part of the pattern, and the whole."""
    done = ""
    for at in range(len(tree)):
        done += _sample(tree[at : at + 1])
        yield done
    for op, given in tree:
        for inner in _inner(op, given):
            yield from _starts(inner)


def _slow_one(pattern: Pattern) -> tuple[str, str, float] | None:
    flags = re.RegexFlag(pattern.flags)
    compiled: Any = re.compile(pattern.text.encode("latin-1") if pattern.binary else pattern.text, flags)
    texts = list(hostile(pattern))

    def proven(method: str, places: Iterable[int], length: int) -> tuple[str, str, float] | None:
        """The first of these texts that never ends or takes too long three times, as somebody else may be at work."""
        for said, text in (texts[place] for place in places):
            act = _call(compiled, method, text(length), pattern)
            took = taken(act)
            if took > STOP or (took > MOST and min(taken(act), taken(act)) > MOST):
                return pattern.where, f"{method}: {pattern.text} on {said}", took
        return None

    worst: list[tuple[float, str, int]] = []
    for method in pattern.methods:
        for place, (_, text) in enumerate(texts):
            took = taken(_call(compiled, method, text(SHORT), pattern), MOST)
            length = SHORT if took > MOST else LONG  # so much for a short text needs no long one
            if took > MOST * SHORT / LONG and (found := proven(method, [place], length)):
                return found
            worst.append((took, method, place))
    worst = sorted(worst, reverse=True)[:WORST]
    tried = (proven(name, [place for _, method, place in worst if method == name], LONG) for name in pattern.methods)
    return next(filter(None, tried), None)


def _call(compiled: Any, method: str, text: str, pattern: Pattern) -> Callable[[], object]:
    given: Any = text.encode("utf-8") if pattern.binary else text
    if method in ("sub", "subn"):
        return lambda: getattr(compiled, method)(b"" if pattern.binary else "", given)
    if method == "finditer":
        return lambda: sum(1 for _ in compiled.finditer(given))
    return lambda: getattr(compiled, method)(given)


def _main() -> None:
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    asked = [Pattern(**{**one, "methods": tuple(one["methods"])}) for one in json.load(sys.stdin)]
    json.dump([found for pattern in asked if (found := _slow_one(pattern))], sys.stdout)


if __name__ == "__main__":
    _main()
