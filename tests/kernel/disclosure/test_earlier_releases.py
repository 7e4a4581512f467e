"""A release is compared with every earlier one of the same data, however the data came and went, and with no other."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import pytest
from desk import Desk, Hands, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import COUNT, TOY, WELLS, wells
from years import reopened

from peelian.kernel import verbs
from peelian.kernel.disclosure.complementary_suppression import earlier_releases
from peelian.kernel.model.capability import Findings, Purpose
from peelian.kernel.model.documents import Decision, Declaration, Evidence, Publication
from peelian.kernel.model.findings import digest_of_bytes, pack
from peelian.kernel.model.formats import Admitted
from peelian.kernel.state.signed_documents import archived

DECLARATION = Declaration(
    title="wells", purposes=(str(Purpose.ADVICE),), legal_basis="a test", minimisation="none", retention_days=400,
    source="made up",
)  # fmt: skip
HERE = dataclasses.replace(COUNT, id="toy.count", needs=())
FOREIGN = tuple(dataclasses.replace(read, shape=f"toy.{read.shape}") for read in HERE.reads)  # another's, as declared
THERE = dataclasses.replace(HERE, id="yot.count", reads=FOREIGN)


def bare_town() -> Desk:
    one = dataclasses.replace(TOY, capabilities=(HERE,), formats=lambda: (WELLS,))
    two = dataclasses.replace(TOY, id="yot", capabilities=(THERE,), formats=tuple)
    return desk((one, two))


def admitted(town: Desk, n: int) -> str:
    table = Admitted(table=wells(n), facts={})
    return verbs.admit(town.kernel, town.people["custodian"], DECLARATION, table, format="toy-wells").dataset


def evidence_of(town: Desk, dataset: str, capability: str = "toy.count") -> Evidence:
    asked = {"purpose": Purpose.ADVICE, "params": HERE.arithmetic().example().params, "datasets": {"wells": dataset}}
    permit = verbs.ask(town.kernel, town.people["analyst"], capability, **asked)
    return verbs.run(town.kernel, town.people["analyst"], permit)[0]


def publish(town: Desk, evidence: Evidence, statement: str) -> None:
    words = {"choice": "decline", "reasons": "three words here", "other_evidence": "three more words"}
    decision = verbs.decide(town.kernel, town.people["commander"], evidence, **words)
    verbs.publish(town.kernel, town.people["board"], decision, statement=statement)


def destroy(town: Desk, dataset: str) -> None:
    state = town.kernel.state
    state.destroyed[dataset] = state.datasets.pop(dataset)


def by_reading_all(town: Desk, case: str, evidence: Evidence) -> set[str]:
    """What earlier releases there are, by reading every publication, what was decided there and on which evidence."""
    kernel, found = town.kernel, set[str]()
    technology = kernel.state.histories[case].capability.partition(".")[0]
    for history in kernel.state.histories.values():
        if history.case != case and history.capability.partition(".")[0] == technology:
            for digest in history.digests("PUBLISHED"):
                made = archived(kernel, digest, Publication)
                of = archived(kernel, archived(kernel, made.before, Decision).before, Evidence)
                if set(of.data.values()) & set(evidence.data.values()):
                    found.add(digest_of_bytes(kernel.stores.archive.get(made.findings)))
    return found


def told(releases: tuple[Findings, ...]) -> set[str]:
    return {digest_of_bytes(pack(one)) for one in releases}


@settings(max_examples=10)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["admit", "publish", "publish there", "destroy", "forget"]), st.integers(0, 3)),
        min_size=4,
        max_size=14,
    )
)
def test_the_state_finds_what_reading_every_publication_finds(moves: list[tuple[str, int]]) -> None:
    town, names = bare_town(), {n: [] for n in range(4)}
    for what, n in moves:
        if what == "admit" or not names[n]:
            names[n].append(admitted(town, 20 + n))
        elif what.startswith("publish"):
            evidence = evidence_of(town, names[n][-1], "yot.count" if "there" in what else "toy.count")
            if n % 2:  # it goes while the case is open
                destroy(town, names[n].pop())
            publish(town, evidence, what)
        elif what == "destroy":
            destroy(town, names[n].pop())
        else:  # even its admission is destroyed: nobody knows any more which data it was
            evidence = evidence_of(town, name := names[n].pop())
            del town.kernel.state.datasets[name]
            town.kernel.state.part("datasets").gone.add(name)
            publish(town, evidence, what)
    for n in range(4):
        evidence = evidence_of(town, admitted(town, 20 + n))
        releases = earlier_releases(town.kernel, evidence.case, evidence)
        assert len(found := told(releases)) == len(releases)  # each once
        assert found == by_reading_all(town, evidence.case, evidence)


def test_releases_of_other_data_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    town = bare_town()
    for n in range(5):
        publish(town, evidence_of(town, admitted(town, 20 + n)), "other data")
    evidence = evidence_of(town, admitted(town, 22))
    read, kind = Counter[str](), type(town.kernel.stores.archive)
    one, several = kind.get, kind.several
    monkeypatch.setattr(kind, "get", lambda self, digest: read.update([digest]) or one(self, digest))
    monkeypatch.setattr(kind, "several", lambda self, digests: read.update(digests) or several(self, digests))
    (found,) = earlier_releases(town.kernel, evidence.case, evidence)
    assert read.total() == 2, "the one publication of the same data, and its findings"
    assert digest_of_bytes(pack(found)) in read


def test_an_office_opened_again_finds_the_same(town: Desk, folder: Path, clock: Hands) -> None:
    town.authorizations(COUNT)
    for _ in range(2):
        evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
        publish(town, evidence, "of the same data")
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    before = told(earlier_releases(town.kernel, evidence.case, evidence))
    town.office.close()
    again = reopened(folder, clock)
    assert told(earlier_releases(again.kernel, evidence.case, evidence)) == before
    assert len(before) == 1 and before == by_reading_all(again, evidence.case, evidence)
    again.office.close()
