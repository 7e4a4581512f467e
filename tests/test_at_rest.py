"""Planted words are in no file of an office, not in its journal, its temporary files, its backup or an export."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from at_rest import readable, spellings
from court import signed_warrant
from deciding import read_and_decide
from desk import Desk, Hands
from labels import adopt_labels_of
from toy import COUNT, TOY
from uses import BODY

import peelian.operations.office
from peelian.integrations.age_exports import sealed_for
from peelian.kernel import verbs
from peelian.kernel.identity.dual_control import propose
from peelian.kernel.model.capability import Purpose, Role
from peelian.kernel.model.documents import Declaration, digest_of
from peelian.kernel.model.formats import Admitted
from peelian.kernel.records import office_records
from peelian.kernel.verbs import warrant_lifecycle
from peelian.measure.table import Kind, table
from peelian.operations.office import Office, new_office, open_office

PLANTED = [
    "Zebediah Quartermarker",  # a name
    "Plantedtitle of a dataset",
    "Plantedlegal basis",
    "plantedarea-north",  # a value
    "Plantedreason of a decision",
    "Plantedother evidence considered",
    "Plantedwords of a proposal",
    "Plantedcourt QB 12/2026",
    "Plantedrecord of the staff",
    "Plantedrefusal by the court",
]
(NAME, TITLE, BASIS, AREA, REASON, OTHER, WORDS, COURT, STAFF, REFUSAL) = PLANTED


def _lived(office: Office, clock: Hands) -> None:
    """Everything an office writes: people, data, authorizations, a case to its end, a warrant, records, a proposal,
    keys."""
    custodian = office.enrol("custodian", name=NAME, unit="it", roles={Role.CUSTODIAN})
    shorts = {"custodian": custodian}
    for role in sorted(set(Role) - {Role.CUSTODIAN}):
        short, second = str(role).replace("_", "-"), shorts.get("board")
        told = {"name": f"{NAME} {short}", "unit": short, "roles": {role}}
        shorts[short] = office.enrol(short, **told, by=custodian, second=second)
    town = Desk(office=office, clock=clock, people=shorts)
    wells = table(
        "wells",
        {
            "area": (Kind.PLACE, [AREA, "South"]),
            "category": (Kind.CATEGORY, ["theft", "robbery"]),
            "n": (Kind.COUNT, np.array([12, 14])),
        },
    )
    declaration = Declaration(
        title=TITLE, purposes=("advice",), legal_basis=BASIS, minimisation=BASIS, retention_days=400, source=TITLE
    )
    taken = Admitted(table=wells, facts={})
    adopt_labels_of(office.kernel, shorts, taken, "toy-wells")
    data = verbs.admit(office.kernel, custodian, declaration, taken, format="toy-wells").dataset
    town.authorizations(COUNT)
    evidence, _ = verbs.run(office.kernel, shorts["analyst"], town.ask(COUNT, datasets={"wells": data}))
    words = {"reasons": REASON, "other_evidence": f"document: {OTHER}"}
    decision = read_and_decide(office.kernel, shorts["commander"], evidence, choice="accept", **words)
    verbs.publish(office.kernel, shorts["clerk"], decision, statement="nothing planted here")
    officer = shorts["privacy-officer"]
    body = {**BODY, "status": "provisional", "reference": COURT, "urgency": COURT}
    warrant = signed_warrant(town, body, serves=COUNT.id, purposes=(Purpose.ADVICE,))
    warrant_lifecycle.refuse(office.kernel, officer, digest_of(warrant), words=REFUSAL)
    office_records.keep(office.kernel, shorts["auditor"], "staff", {"rows": [STAFF]})
    propose(office.kernel, custodian, "log", words=WORDS)


def test_no_planted_word_can_be_read_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    scratch, path, out = tmp_path / "tmp", tmp_path / "office", tmp_path / "out"
    for folder in (scratch, out):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    clock = Hands()
    with new_office(path, name="Town", clock=clock) as office:
        _lived(office, clock)
        shutil.copytree(path, tmp_path / "backup while open")
        assert list(readable([path, scratch, tmp_path / "backup while open"], PLANTED)) == []
    with open_office(path, clock=clock) as office:
        assert {person.name for person in office.kernel.state.people.values()} >= {NAME}, "it was all there"
    shutil.copytree(path, tmp_path / "backup")
    assert list(readable([tmp_path], PLANTED)) == []


def test_an_export_for_a_third_party_shows_no_planted_word(tmp_path: Path) -> None:
    pyrage = pytest.importorskip("pyrage")
    receiver = pyrage.x25519.Identity.generate()
    plain = io.BytesIO("\n".join(PLANTED).encode() * 100)
    sealed_for([str(receiver.to_public())], plain, tmp_path / "export.age")
    assert list(readable([tmp_path], PLANTED)) == []


def test_the_search_finds_what_is_there_however_it_is_spelled(tmp_path: Path) -> None:
    for number, form in enumerate(spellings(NAME)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(b"before" + form + b"after")
        assert list(readable([folder], PLANTED)), form
