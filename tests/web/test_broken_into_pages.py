"""What somebody who runs code of their own in the pages' process of a divided office has, and has not.

The page `docs/explanation/broken-into-pages.md` says each of it and names the test that tries it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk
from divided import divided_town
from proofs import away
from served import REASONS
from suspending import suspend
from toy import COUNT, TOY

from peelian.errors import PeelianError, Refused
from peelian.integrations.registrar_client import Registrar
from peelian.kernel.model.documents import Request, digest_of
from peelian.kernel.model.findings import digest_of_bytes, pack, unpack
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import evidence
from peelian.kernel.verbs.custody import turned_away

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "broken-into-pages.md"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, Registrar]]:
    """The office as the pages have it, a case permitted, and a connection to its registrar."""
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        town.authorizations(COUNT)
        yield town, Registrar(path)


def test_it_reads_every_document_and_name_and_no_entry_tells(broken: tuple[Desk, Registrar]) -> None:
    town, registrar = broken
    permit = town.ask(COUNT)
    entries = [dict(entry) for _, entry in town.kernel.stores.log.read()]
    documents = [str(entry["document"]) for entry in entries if "document" in entry]
    assert all(registrar.ask("get", document=one, partition="")[1] for one in documents)
    assert json.loads(registrar.ask("get", document=permit.before, partition="")[1])["unit"] == "unit-analyst"
    enrolled = [str(entry["document"]) for entry in entries if entry["kind"] == "ENROLLED"]
    assert "analyst" in {registrar.ask("name", document=one)[0]["name"] for one in enrolled}
    town.kernel.stores.follow()
    assert town.kernel.stores.log.size() == len(entries)


def test_it_opens_what_a_run_that_its_person_began_may_open_once_and_logged(broken: tuple[Desk, Registrar]) -> None:
    town, _ = broken
    kernel, permit = town.kernel, town.ask(COUNT)
    other = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells")
    (wells,) = archived(kernel, permit.before, Request).datasets.values()
    object = kernel.state.datasets[wells].object
    with pytest.raises(PeelianError, match="no run in progress"):
        evidence.opens(kernel, permit.case, digest_of(permit), wells)
    with pytest.raises(Refused):
        evidence.began_by(kernel, away(town.people["analyst"]), permit)
    before = evidence.began_by(kernel, town.people["analyst"], permit).before
    intent = evidence.opens(kernel, permit.case, before, wells)
    with kernel.stores.vault.open(object, intent=intent) as plain:
        assert plain.read(4) == b"PAR1"
    assert town.kinds()[-1] == "OPENED"
    undeclared = evidence.opens(kernel, permit.case, before, other.dataset)
    for name, at in ((object, intent), (other.object, intent), (other.object, undeclared)):
        with pytest.raises(PeelianError):
            kernel.stores.vault.open(name, intent=at)


def test_it_reports_false_findings_of_a_run_that_began_but_none_of_another_kind(
    broken: tuple[Desk, Registrar],
) -> None:
    town, _ = broken
    kernel, permit = town.kernel, town.ask(COUNT)
    before = evidence.began_by(kernel, town.people["analyst"], permit).before
    (wells,) = archived(kernel, permit.before, Request).datasets.values()
    evidence.opens(kernel, permit.case, before, wells)
    example = COUNT.arithmetic().example()
    true = TOY.capabilities[1].arithmetic().run(example.params, example.datasets, _no_context())
    false = pack(dataclasses.replace(true, facts={**true.facts, "deepest": 7}))
    kernel.stores.archive.put(digest_of_bytes(false), false, partition=kernel.partition("cases"))
    made = evidence.ran(
        kernel, permit.case, before, found=evidence.Found(findings=digest_of_bytes(false), seed=1, made={})
    )
    assert unpack(kernel.stores.archive.get(made.findings)).facts["deepest"] == 7
    with pytest.raises(Refused):
        read_and_decide(kernel, away(town.people["commander"]), made, choice="accept", **REASONS)
    with pytest.raises(PeelianError, match="no run in progress"):
        evidence.ran(kernel, permit.case, before, found=evidence.Found(findings="0" * 64, seed=1, made={}))


def test_it_ends_what_is_in_progress(broken: tuple[Desk, Registrar]) -> None:
    town, _ = broken
    kernel, permit = town.kernel, town.ask(COUNT)
    before = evidence.began_by(kernel, town.people["analyst"], permit).before
    evidence.failed(kernel, permit.case, before, error="Whim")
    assert town.kinds()[-1] == "FAILED"
    with pytest.raises(PeelianError):
        turned_away(kernel, next(iter(kernel.state.datasets)), error="Whim")


def test_it_acts_as_whoever_has_their_key_unlocked_there_and_as_nobody_else(broken: tuple[Desk, Registrar]) -> None:
    town, _ = broken
    permit = town.ask(COUNT)  # with the analyst's key, which is at hand
    assert archived(town.kernel, permit.before, Request).by == town.people["analyst"].person.token
    with pytest.raises(Refused):
        suspend(town.kernel, away(town.people["board"]), "toy")


def test_every_claim_of_the_page_names_a_test_that_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 12
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), (file, test)


def _no_context() -> evidence.Context:
    return evidence.Context(seed=1, progress=lambda says, share: None)
