"""Two programs of an office publish at the same moment: whichever is second is compared with the first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import publishing_process
import pytest
from deciding import read_and_decide
from desk import Desk
from differencing import differenced
from divided import desk_of, peopled
from publishing_process import HERE, KNOWN

from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.formats import Admitted
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, table
from peelian.operations.office import open_office

DECLARATION = Declaration(
    title="wells", purposes=(str(Purpose.ADVICE),), legal_basis="a test", minimisation="none", retention_days=400,
    source="made up",
)  # fmt: skip
AREAS = ["Centre", "East", "North", "South", "West"]
WORDS = {"choice": "decline", "reasons": "three words here", "other_evidence": "document: three more words"}


def decided(town: Desk, counts: Sequence[int]) -> str:
    """A case on a file of these counts, decided and not published."""
    columns = {
        "area": (Kind.PLACE, AREAS),
        "category": (Kind.CATEGORY, ["theft"] * len(AREAS)),
        "n": (Kind.COUNT, list(counts)),
    }
    taken, analyst = Admitted(table=table("wells", columns), facts={}), town.people["analyst"]
    dataset = verbs.admit(town.kernel, town.people["custodian"], DECLARATION, taken, format="toy-wells").dataset
    asked = {"purpose": Purpose.ADVICE, "params": HERE.arithmetic().example().params, "datasets": {"wells": dataset}}
    evidence, _ = verbs.run(town.kernel, analyst, verbs.ask(town.kernel, analyst, HERE.id, **asked))
    return read_and_decide(town.kernel, town.people["commander"], evidence, **WORDS).case


@pytest.mark.parametrize(
    "second", [(400, 299, 200, 100, 90), (401, 330, 240, 140, 120)], ids=["the same less one", "one row by one"]
)
def test_two_programs_that_publish_at_once_give_no_difference_of_a_few(tmp_path: Path, second: tuple[int, ...]) -> None:
    folder = tmp_path / "office"
    with patch("peelian.operations.office.technologies", lambda: KNOWN):
        peopled(folder)
        with open_office(folder) as office:
            town = desk_of(office)
            cases = [decided(town, counts) for counts in ((400, 300, 200, 100, 90), second)]
    code = [sys.executable, publishing_process.__file__, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    programs = [subprocess.Popen([*code, case], **pipes) for case in cases]
    assert [one.stdout.readline() for one in programs] == ["ready\n"] * 2
    for one in programs:
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=120)[0].splitlines() for one in programs]
    assert [one.returncode for one in programs] == [0, 0]
    spans = sorted(tuple(map(float, lines[0].split()[1:])) for lines in said)
    assert spans[0][1] <= spans[1][0], "the second compares after the first was recorded"
    shown = [dict(zip(AREAS, map(int, lines[-1].split()[1:]), strict=True)) for lines in said]
    assert differenced([(one, sum(one.values())) for one in shown], LOW) == []
