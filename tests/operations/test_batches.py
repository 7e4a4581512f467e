"""A batch of recordings goes on where it stopped, whatever stopped it, and writes the same bytes."""

from __future__ import annotations

import dataclasses
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, entitle
from divided import desk_of, peopled
from recordings import DECLARED

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel.verbs import custody
from peelian.operations import batches, run_worker
from peelian.operations.batches import SUGGEST, Batch, Outcome, ran, recordings, uses_of
from peelian.operations.office import open_office
from peelian.technologies.footage.example import example_clip, example_plan
from peelian.technologies.footage.proposal.declared import ProposeParams
from peelian.technologies.footage.redaction.declared import RedactParams

N = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that keeps three recordings."""
    folder = tmp_path_factory.mktemp("made") / "office"
    peopled(folder)
    with open_office(folder) as office:
        for n in range(N):  # a comment makes their bytes differ
            _keep(desk_of(office), example_clip() + _free(n), "video", recorded_at="2026-03-01T10:00:00Z")
    return folder


@dataclasses.dataclass(frozen=True)
class Done:
    """A copy of that office after a whole batch: what was told of it, and how far it said to be meanwhile."""

    office: Path
    told: list[Outcome]
    digests: list[str]
    shares: list[float]


@pytest.fixture(scope="module")
def done(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder, shares = tmp_path_factory.mktemp("done") / "office", list[float]()
    shutil.copytree(made, folder)
    with open_office(folder) as office:
        town = desk_of(office)
        told = list(ran(office, town.people["clerk"], _batch(town), progress=lambda says, share: shares.append(share)))
        return Done(folder, told, _digests(town, told), shares)


@pytest.fixture
def town(made: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(made, tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        yield desk_of(office)


def _free(n: int) -> bytes:
    """An empty box of a media file, which players skip."""
    return (9).to_bytes(4, "big") + b"free" + bytes([n])


def _keep(town: Desk, content: bytes, format: str, **options: str) -> str:
    clerk = town.people["clerk"]
    entitle(town.kernel, town.people["council"])
    return custody.keep(town.kernel, clerk, DECLARED, io.BytesIO(content), format=format, options=options).dataset


def _batch(town: Desk, capability: str = SUGGEST, params: Any = None, **of: Any) -> Batch:
    chosen = recordings(town.kernel, town.people["clerk"].person, **of)
    uses = uses_of(town.kernel, capability, chosen)
    return Batch(capability=capability, purpose="disclosure", params=params or ProposeParams(), uses=uses)


def _all(town: Desk, batch: Batch) -> list[Outcome]:
    return list(ran(town.office, town.people["clerk"], batch))


def _digests(town: Desk, told: list[Outcome]) -> list[str]:
    return [town.kernel.state.datasets[name].digest for one in told for name in one.made.values()]


def test_what_was_done_is_not_done_again(done: Done, tmp_path: Path) -> None:
    assert len(done.told) == N and all(one.made and not one.earlier for one in done.told)
    shutil.copytree(done.office, tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        town = desk_of(office)
        batch, cases = _batch(town), len(town.kernel.state.histories)
        again = _all(town, batch)
        assert [one.case for one in again] == [one.case for one in done.told] and all(one.earlier for one in again)
        assert len(town.kernel.state.histories) == cases, "somebody was asked again"
        (other,) = _all(town, dataclasses.replace(batch, params=ProposeParams(threshold=0.05), uses=batch.uses[:1]))
        assert not other.earlier, "other parameters are another use"


def test_a_batch_killed_at_each_recording_goes_on_and_writes_the_same_bytes(
    town: Desk, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies in the middle of one recording after the other, and with it whoever waits for it."""
    batch, run, cut = _batch(town), run_worker.run, []
    for at in range(N):
        whole = iter([run] if at else [])  # each time the recording that was cut off before, then the next one dies

        def dies(*given: Any, whole: Iterator[Any] = whole, **more: Any) -> Any:
            for one in whole:
                return one(*given, **more)
            raise KeyboardInterrupt

        monkeypatch.setattr(run_worker, "run", dies)
        with pytest.raises(KeyboardInterrupt):
            _all(town, batch)
        cut += [case for case, one in town.kernel.state.histories.items() if one.state == "PERMITTED"]
        assert len(cut) == at + 1
    monkeypatch.setattr(run_worker, "run", run)
    told = _all(town, batch)
    assert [one.earlier for one in told] == [True] * (N - 1) + [False]
    assert [one.case for one in told] == cut, "the permit that was not used is used"
    assert _digests(town, told) == done.digests, "as those of a batch that nothing stopped"


def test_one_that_fails_is_told_and_the_next_one_begins(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, run, n = _batch(town), run_worker.run, iter(range(N))

    def fails(*given: Any, **more: Any) -> Any:
        if next(n) == 1:
            raise InputError("recording is broken")
        return run(*given, **more)

    monkeypatch.setattr(run_worker, "run", fails)
    told = _all(town, batch)
    assert [one.error is not None for one in told] == [False, True, False]
    assert told[1].case and not told[1].made


def test_a_refusal_is_told_for_each_recording(town: Desk) -> None:
    told = list(ran(town.office, town.people["analyst"], _batch(town)))
    assert len(told) == N and all(isinstance(one.error, Refused) for one in told)


def test_only_recordings_with_a_reviewed_plan_are_redacted(town: Desk) -> None:
    stream = example_plan().stream
    assert stream is not None
    _keep(town, example_clip(), "video", recorded_at="2026-03-01T10:00:00Z")
    assert _batch(town, "footage.redact", RedactParams()).uses == ()
    plan = _keep(town, stream.read(), "redaction-plan")
    batch = _batch(town, "footage.redact", RedactParams())
    assert [use.datasets["plan"] for use in batch.uses] == [plan]
    (one,) = _all(town, batch)
    assert town.kernel.state.datasets[one.made["redacted"]].shape == "redacted_footage"
    assert [again.earlier for again in _all(town, batch)] == [True]


def test_recordings_are_chosen_by_name_or_category_and_never_something_else(town: Desk) -> None:
    every = recordings(town.kernel, town.people["clerk"].person)
    assert [a.dataset for a in recordings(town.kernel, town.people["clerk"].person, named=[every[1].dataset] * 2)] == [
        every[1].dataset
    ]
    assert recordings(town.kernel, town.people["clerk"].person, category="traffic-stop") == ()
    with pytest.raises(OutOfOrder, match="not a recording"):
        recordings(town.kernel, town.people["clerk"].person, named=["people"])


def test_a_batch_has_an_end(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST", N - 1)
    with pytest.raises(PeelianError, match=f"more than {N - 1} recordings"):
        recordings(town.kernel, town.people["clerk"].person)
    assert recordings(
        town.kernel, town.people["clerk"].person, named=[a.dataset for a in town.kernel.state.datasets.values()][:1]
    )


def test_progress_rises_over_the_whole_batch(done: Done) -> None:
    shares = done.shares
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] == 1 and len(shares) > 2 * N
