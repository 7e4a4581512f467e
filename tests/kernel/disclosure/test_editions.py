"""A release is compared with every earlier one of its subject, of whatever file, and with no other."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from deciding import read_and_decide
from desk import Desk, another_program, desk
from toy import COUNT, TOY, WELLS

from peelian.errors import Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure import edition_piles
from peelian.kernel.disclosure.editions import earlier_editions
from peelian.kernel.disclosure.published_counts import Edition
from peelian.kernel.model.capability import Capability, Findings, Purpose
from peelian.kernel.model.documents import Declaration, Evidence, Publication
from peelian.kernel.model.findings import REPEATED, WAITING
from peelian.kernel.model.formats import Admitted
from peelian.kernel.state.signed_documents import archived
from peelian.measure.table import Kind, table
from peelian.oversight.transparency.register import published_findings

DECLARATION = Declaration(
    title="wells", purposes=(str(Purpose.ADVICE),), legal_basis="a test", minimisation="none", retention_days=400,
    source="made up",
)  # fmt: skip
HERE = dataclasses.replace(COUNT, id="toy.count", needs=())
OTHER = dataclasses.replace(HERE, id="toy.other")
FOREIGN = tuple(dataclasses.replace(read, shape=f"toy.{read.shape}") for read in HERE.reads)  # another's, as declared
THERE = dataclasses.replace(HERE, id="yot.count", reads=FOREIGN)
AREAS = ("North", "South", "East", "West", "Centre")
WORDS = {"choice": "decline", "reasons": "three words here", "other_evidence": "document: three more words"}
COUNTS = (400, 300, 200, 100, 90)


@pytest.fixture
def town() -> Desk:
    return bare_town()


def bare_town() -> Desk:
    one = dataclasses.replace(TOY, capabilities=(HERE, OTHER), formats=lambda: (WELLS,))
    two = dataclasses.replace(TOY, id="yot", capabilities=(THERE,), formats=tuple)
    return desk((one, two))


def admitted(town: Desk, counts: Sequence[int], **facts: str) -> str:
    """A file of wells, sealed: a new one each time."""
    columns = {
        "area": (Kind.PLACE, list(AREAS[: len(counts)])),
        "category": (Kind.CATEGORY, ["theft"] * len(counts)),
        "n": (Kind.COUNT, list(counts)),
    }
    taken = Admitted(table=table("wells", columns), facts=facts)
    return verbs.admit(town.kernel, town.people["custodian"], DECLARATION, taken, format="toy-wells").dataset


def evidence_of(town: Desk, dataset: str, capability: Capability = HERE, **params: int) -> Evidence:
    chosen = dataclasses.replace(HERE.arithmetic().example().params, **params)
    asked = {"purpose": Purpose.ADVICE, "params": chosen, "datasets": {"wells": dataset}}
    permit = verbs.ask(town.kernel, town.people["analyst"], capability.id, **asked)
    return verbs.run(town.kernel, town.people["analyst"], permit)[0]


def publish(town: Desk, evidence: Evidence) -> Findings:
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, **WORDS)
    return verbs.publish(town.kernel, town.people["board"], decision)[1]


def release(town: Desk, counts: Sequence[int], capability: Capability = HERE, **params: int) -> Findings:
    """A file of these counts, admitted and published."""
    return publish(town, evidence_of(town, admitted(town, counts), capability, **params))


def shown(public: Findings) -> Mapping[str, int]:
    found = public.table("wells")
    return dict(zip(found["area"].tolist(), found["n"].tolist(), strict=True))


def earlier(town: Desk, evidence: Evidence) -> tuple[Edition, ...]:
    declared = town.kernel.capability(town.kernel.state.histories[evidence.case].capability)
    return earlier_editions(town.kernel, edition_piles.question(town.kernel, declared, evidence), evidence.case)


def test_the_same_file_less_one_row_tells_nothing_new(town: Desk) -> None:
    first = release(town, COUNTS)
    second = release(town, (400, 299, 200, 100, 90))
    assert shown(second) == shown(first)
    assert second.notes[0].text == REPEATED and second.facts == first.facts
    assert [n.values for n in second.notes[1:]] == [n.values for n in first.notes], "each sentence, too"


def test_a_row_that_waits_is_counted_in_a_sentence(town: Desk) -> None:
    release(town, COUNTS)
    second = release(town, (403, 309, 240, 150, 91))
    assert shown(second) == {"North": 400, "South": 300, "East": 240, "West": 150, "Centre": 90}
    assert (second.notes[0].text, dict(second.notes[0].values)) == (WAITING, {"n": 3, "all": 5, "k": 11})


def test_over_three_releases_small_changes_add_up(town: Desk) -> None:
    release(town, COUNTS)
    assert shown(release(town, (406, 307, 240, 150, 90)))["North"] == 400
    third = release(town, (412, 314, 280, 200, 90))
    assert shown(third) == {"North": 412, "South": 314, "East": 280, "West": 200, "Centre": 90}


def test_what_a_withdrawn_release_showed_is_known_all_the_same(town: Desk) -> None:
    release(town, COUNTS)
    old = case_of(town)
    release(town, (450, 360, 270, 180, 170))
    newer = case_of(town)
    verbs.correct(town.kernel, town.people["board"], old, newer=newer, reason="It was counted wrongly.")
    third = release(town, (401, 420, 340, 250, 240))
    assert "North" in shown(third) and shown(third)["North"] == 450, "as in the release that stands; not 401, not 400"


def case_of(town: Desk) -> str:
    """The case that was published last."""
    return next(str(e["case"]) for _, e in reversed(list(town.kernel.stores.log.read(kinds=("PUBLISHED",)))))


def test_whoever_reads_the_records_is_compared_on_common_days(town: Desk) -> None:
    dataset = admitted(town, COUNTS, from_day="2026-01-01", to_day="2026-01-31")
    publish(town, evidence_of(town, dataset))
    for capability, days, n in (
        (HERE, ("2026-01-31", "2026-02-28"), 1),
        (HERE, ("2026-02-01", "2026-02-28"), 0),
        (HERE, ("2025-01-01", "2026-12-31"), 1),
        (HERE, ("", ""), 1),
        (THERE, ("2026-01-01", "2026-01-31"), 1),
    ):
        another = admitted(town, COUNTS, **dict(zip(("from_day", "to_day"), days, strict=True)))
        assert len(earlier(town, evidence_of(town, another, capability))) == n, (capability.id, days)


@pytest.mark.parametrize(
    ("days", "sure"),
    [
        (("2026-01-01", "2026-02-07"), True),  # to date, a week later
        (("2026-01-31", "2026-02-28"), False),  # one day in common
        (("2026-01-08", "2026-02-07"), True),  # the same length, a week later
    ],
)
def test_rows_stand_again_where_most_days_are_the_same(town: Desk, days: tuple[str, str], sure: bool) -> None:
    publish(town, evidence_of(town, admitted(town, COUNTS, from_day="2026-01-01", to_day="2026-01-31")))
    later = admitted(town, (403, 309, 240, 150, 91), from_day=days[0], to_day=days[1])
    made = publish(town, evidence_of(town, later))
    kept = {"North": 400, "South": 300, "Centre": 90} if sure else {}
    assert shown(made) == {"East": 240, "West": 150, **kept}


def test_another_question_of_the_same_records_is_compared_and_not_repeated(town: Desk) -> None:
    release(town, COUNTS)
    made = release(town, (403, 309, 240, 150, 91), OTHER)
    assert shown(made) == {"East": 240, "West": 150}
    with pytest.raises(Withheld) as held:
        release(town, (401, 300, 200, 100, 90), HERE, deepest=29)
    assert [reason.rule for reason in held.value.reasons] == ["differences_stay_inside"]


def test_other_questions_of_the_very_same_counts_are_new(town: Desk) -> None:
    release(town, COUNTS)
    assert shown(release(town, COUNTS, OTHER)) == dict(zip(AREAS, COUNTS, strict=True))


def test_a_release_of_which_the_papers_are_destroyed_is_compared_as_far_as_its_table_allows(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(town, COUNTS)
    real = edition_piles.still_archived
    gone = lambda kernel, digest, kind: real(kernel, digest, kind) if kind is Publication else None  # noqa: E731
    with monkeypatch.context() as destroyed:
        destroyed.setattr(edition_piles, "still_archived", gone)
        ((_, (one,)),) = edition_piles.every_release(town.kernel)
    assert (one.subject, one.asked, one.first) == ("toy.wells", "", "") and set(one.tables) == {"wells"}


def test_piles_say_what_reading_every_publication_says(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is derived: with it, without it, and in another program the same releases are found."""
    monkeypatch.setattr(edition_piles, "PILE", 3)
    for n in range(8):
        release(town, tuple(400 + 40 * n + 15 * i for i in range(5)))
    evidence = evidence_of(town, admitted(town, COUNTS))
    known = earlier(town, evidence)
    assert len(known) == 8 and [one.index for one in known] == sorted(one.index for one in known)
    assert len(edition_piles._kept(town.kernel)) == 2
    assert told(earlier(dataclasses.replace(town, office=other(town)), evidence)) == told(known)
    monkeypatch.setattr(edition_piles, "_kept", lambda kernel: [])
    assert told(earlier(town, evidence)) == told(known)
    by_hand = [archived(town.kernel, d, Publication).findings for d in published(town)]
    assert [one.findings for one in known] == by_hand


def other(town: Desk) -> object:
    return dataclasses.replace(town.office, kernel=another_program(town))


def published(town: Desk) -> list[str]:
    return [str(entry["document"]) for _, entry in town.kernel.stores.log.read(kinds=("PUBLISHED",))]


def told(found: Sequence[Edition]) -> list[object]:
    return [
        (one.index, one.findings, one.told, one.sure, {k: (a, b.tolist()) for k, (a, b) in one.tables.items()})
        for one in found
    ]


def test_kept_piles_are_not_read_anew(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition_piles, "PILE", 2)
    for n in range(5):
        release(town, tuple(400 + 40 * n for _ in range(5)))
    evidence = evidence_of(town, admitted(town, COUNTS))
    read = Counter[str]()
    kind = type(town.kernel.stores.archive)
    one = kind.get
    monkeypatch.setattr(kind, "get", lambda self, digest: read.update([digest]) or one(self, digest))
    assert len(earlier(town, evidence)) == 5
    findings = [archived(town.kernel, d, Publication).findings for d in published(town)]
    assert [digest in read for digest in findings] == [False] * 4 + [True], "what is in no full pile yet"


def test_counts_of_any_size_are_kept_as_they_are() -> None:
    layout = edition_piles.TableLayout(("a",), ("n",), (("x",), ("y",)))
    for counts in ([0, 5], [11, (1 << 31) - 1], [1 << 31, 3], [1 << 52, 0]):
        values = np.array(counts)[:, None]
        assert edition_piles._counts(layout, [edition_piles._packed(values)] * 2).tolist() == [values.tolist()] * 2


def test_two_cases_that_are_published_at_once_see_one_another(town: Desk) -> None:
    """Both run before either is published: the second is compared with the first, whichever it is."""
    one, two = (evidence_of(town, admitted(town, counts)) for counts in (COUNTS, (401, 300, 200, 100, 90)))
    first, second = publish(town, two), publish(town, one)
    assert shown(second) == shown(first) and second.notes[0].text == REPEATED


def test_pages_show_what_was_published(town: Desk) -> None:
    release(town, COUNTS)
    made = release(town, (403, 309, 240, 150, 91))
    found = published_findings(town.kernel, case_of(town))
    assert found is not None and shown(found) == shown(made) and found.notes == made.notes
