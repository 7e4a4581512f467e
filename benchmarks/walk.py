"""The walk: what one whole case passes, and what a reader must open for each capability.

`python benchmarks/walk.py [--quick] [--json FILE]`. One case of the toy technology (asked for, run, opened, decided,
published) is followed with `sys.setprofile`: how many files of the product it passes and how many functions are
entered, by room. Then, for each capability, the files of technologies that its arithmetic reaches by imports, its own
among them; imports within functions count. Counts alone, no time. O(calls + files).

At f72ad466 two readers counted 84 files and 6,852 entries of a case, 46 % of them in storage; 37 files of a capability
in the median and 94 of the largest.
"""

from __future__ import annotations

import argparse
import ast
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import peelian
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.technology_folders import technologies
from toy_town import WORDS, admitted, asked, know_the_toy, toy_office

SOURCE = Path(peelian.__file__).parent
MOST_OF_A_CASE = {"files": 55, "entries": 4_800, "storage": 0.35}  # bars
FEWEST_FILES = 22, 50  # bars of a capability's files, for risk, faces and footage: median and worst


def one_case(kernel: Kernel, one: Operator, two: Operator) -> None:
    """A case from the data to its publication."""
    data = admitted(kernel, one)
    evidence, _ = verbs.run(kernel, one, asked(kernel, one, data.dataset))
    looked(kernel, two, evidence.case, whole=True)
    verbs.publish(kernel, one, verbs.decide(kernel, two, evidence, **WORDS))


def walked() -> Counter[str]:
    """How often functions of each file are entered in one whole case, by the file's path in the product."""
    entered: Counter[str] = Counter()

    def enters(frame: FrameType, event: str, given: Any) -> None:
        if event == "call":
            entered[frame.f_code.co_filename] += 1

    know_the_toy()
    with tempfile.TemporaryDirectory() as folder, toy_office(Path(folder) / "office") as office:
        one, two = office.operator("one"), office.operator("two")
        one_case(office.kernel, one, two)  # what is imported and remembered once
        sys.setprofile(enters)
        try:
            one_case(office.kernel, one, two)
        finally:
            sys.setprofile(None)
    own = {file: n for file, n in entered.items() if Path(file).is_relative_to(SOURCE)}
    return Counter({str(Path(file).relative_to(SOURCE)): n for file, n in own.items()})


def file_of(module: str) -> Path | None:
    """The file of a module of the product, None where it is none."""
    stem = SOURCE.parent / module.replace(".", "/")
    return next((one for one in (stem.with_suffix(".py"), stem / "__init__.py") if one.exists()), None)


@cache
def imported(module: str) -> frozenset[str]:
    """The modules of technologies that a module imports anywhere in it."""
    file = file_of(module)
    tree = ast.parse(file.read_text(encoding="utf-8")) if file else ast.Module([], [])
    return frozenset(one for node in ast.walk(tree) for one in _named(node) if one.startswith("peelian.technologies."))


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if file_of(inner) else node.module
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)


def reached(module: str) -> frozenset[str]:
    """The modules of technologies that one reaches, itself among them."""
    found, ahead = set[str](), [module]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += imported(one)
    return frozenset(found)


def by_capability() -> dict[str, int]:
    """How many files of technologies each capability's arithmetic reaches."""
    every = [one for technology in technologies() for one in technology.capabilities]
    return {one.id: len(reached(one.arithmetic().run.__module__)) for one in every}


def main() -> int:
    """Print a record a figure; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the case alone, no capabilities")
    parser.add_argument("--json", type=Path)
    asked_for = parser.parse_args()
    entered = walked()
    rooms = Counter[str]()
    for file, n in entered.items():
        rooms[file.partition("/")[0]] += n
    share = round(rooms["storage"] / entered.total(), 3)
    records: list[dict[str, Any]] = [
        {"name": "files that a case passes", "value": len(entered), "unit": "files", "bar": MOST_OF_A_CASE["files"]},
        {"name": "functions entered", "value": entered.total(), "unit": "entries", "bar": MOST_OF_A_CASE["entries"]},
        {"name": "of them in storage", "value": share, "unit": "share", "bar": MOST_OF_A_CASE["storage"]},
        *(
            {"name": f"entries in {room}", "value": n, "unit": "entries", "bar": None}
            for room, n in rooms.most_common()
        ),
    ]
    found = {} if asked_for.quick else by_capability()
    records += [{"name": f"files of {one}", "value": n, "unit": "files", "bar": None} for one, n in found.items()]
    own = [n for one, n in found.items() if one.partition(".")[0] in ("risk", "faces", "footage")]
    for name, value, bar in zip(
        ("median", "most"), (statistics.median(own), max(own)) if own else (), FEWEST_FILES, strict=False
    ):
        records.append({"name": f"{name} files, risk, faces and footage", "value": value, "unit": "files", "bar": bar})
    for one in records:
        one["holds"] = one["bar"] is None or one["value"] <= one["bar"]
        print(json.dumps(one))
    if asked_for.json:
        asked_for.json.write_text(json.dumps(records, indent=1), encoding="utf-8")
    return int(not all(one["holds"] for one in records))


if __name__ == "__main__":
    raise SystemExit(main())
