"""The count of unwrapped keys that stands over all tests would notice: a run with one test that cheats fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUN = """
import peelian.operations.office
from peelian.kernel import verbs
from peelian.kernel.verbs.authorizations import issue
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.formats import Admitted
from toy import TOY, WellParams, example

DECLARATION = Declaration(
    title="Wells", purposes=("proof",), legal_basis="a test", minimisation="all", retention_days=30, source="made up"
)


def test_one(tmp_path, monkeypatch):
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    with peelian.operations.office.new_office(tmp_path / "toy", name="Toy") as office:
        one = office.enrol("one", name="One", unit="a", roles=set(Role))
        criteria = AuthorizationKind.ACCEPTANCE_CRITERIA
        issue(office.kernel, one, criteria, serves="toy.prove", purposes=(Purpose.PROOF,), days=9)
        wells = Admitted(table=example().datasets["wells"].table, facts={})
        made = verbs.admit(office.kernel, one, DECLARATION, wells, format="toy-wells")
        data = {"purpose": "proof", "params": WellParams(), "datasets": {"wells": made.dataset}}
        verbs.run(office.kernel, one, verbs.ask(office.kernel, one, "toy.prove", **data))
        keys, object = office.kernel.stores.vault.keys, made.object
        CHEAT
"""
CHEATS = {
    "pass": "",
    "keys.store.opened(object, 9_999)": "data keys unwrapped: 2; logged and permitted openings for them: 1",
    "import peelian.kernel.access.decryption_checks as o; o.the_intent_holds = lambda *_, "
    "**__: None; keys.unwrapped(object, dataset=made.dataset, intent=0)": "entry 0 does not say so",
}


@pytest.mark.parametrize(("cheat", "says"), CHEATS.items())
def test_a_key_that_is_unwrapped_unlogged_fails_the_run(tmp_path: Path, cheat: str, says: str) -> None:
    (tmp_path / "conftest.py").write_text((HERE / "conftest.py").read_text())
    (tmp_path / "test_cheat.py").write_text(RUN.replace("CHEAT", cheat))
    options = ["-q", "-p", "no:cacheprovider", "-o", f"pythonpath={HERE / 'support'}", "--rootdir", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],  # ourselves, on a test of our own
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode != 0) == bool(says), ran.stdout
    assert says in ran.stdout
    assert says or "data keys unwrapped: 1; logged and permitted openings for them: 1" in ran.stdout
