"""Attempts to have a recording looked at by a detector from outside: there is no way left to admit, try or use one.

A matcher for one person fits the contract of any detector of boxes, and no trial can prove that a model hides nothing.
"""

from __future__ import annotations

import ast
import io
from pathlib import Path

import clips
import pytest
from attempts import attempts
from desk import Desk, desk, entitle
from hypothesis import given
from hypothesis import strategies as st
from terminal import peelian as typed

import peelian
from peelian.errors import InputError, PeelianError
from peelian.intake.read import admitted
from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.verbs import custody
from peelian.operations.office import technologies
from peelian.technologies.footage.measure.detector import weights
from peelian.technologies.footage.proposal.declared import PROPOSE, ProposeParams

FORMATS = tuple(one for technology in technologies() for one in technology.formats())
KEPT = sorted(one.id for one in FORMATS if one.kinds == ("stream",))
READ = sorted(one.id for one in FORMATS if one.kinds != ("stream",))
WHAT = Declaration(
    title="A model", purposes=("disclosure", "oversight"), legal_basis="a test", minimisation="a test",
    retention_days=400, source="the test", people="not_known",
)  # fmt: skip


@pytest.fixture(scope="module")
def town() -> Desk:
    made = desk(tuple(one for one in technologies() if one.id == "footage"))
    entitle(made.kernel, made.people["council"])
    return made


def _keep(town: Desk, data: bytes, format: str) -> Admission:
    options = {"recorded_at": "2026-03-01T10:00:00+00:00"} if format == "video" else {}
    return custody.keep(town.kernel, town.people["clerk"], WHAT, io.BytesIO(data), format=format, options=options)


@pytest.mark.parametrize("format", KEPT)
def test_no_format_keeps_a_model(town: Desk, format: str) -> None:
    """A real one, which a runtime loads: the weights that ship."""
    before = set(town.kernel.state.datasets)
    with pytest.raises(PeelianError):
        _keep(town, weights(), format)
    assert set(town.kernel.state.datasets) == before


@attempts(40)
@given(st.sampled_from([*READ, "auto"]), st.sampled_from(["onnx", "csv", "json", "parquet", "geojson", "zip", "txt"]))
def test_no_file_of_a_model_is_read_under_any_name(tmp_path: Path, format: str, ending: str) -> None:
    file = tmp_path / f"model.{ending}"
    file.write_bytes(weights())
    with pytest.raises(InputError):
        admitted(file, format, FORMATS, {})


def test_no_capability_tries_or_reads_a_detector() -> None:
    """All that `footage` reads are recordings, plans, copies and lists; nobody else reads its shapes."""
    known = {"footage", "redaction_plan", "redacted_footage", "dispatch", "recordings"}
    (footage,) = (one for one in technologies() if one.id == "footage")
    assert {read.shape for one in footage.capabilities for read in one.reads} == known
    assert {one.shape for one in footage.formats()} <= known
    assert not any(one.id == "footage.detector_trial" for one in footage.capabilities)


def test_a_proposal_takes_no_detector_beside_the_recording(town: Desk) -> None:
    item = _keep(town, clips.clip(seed=3, pictures=4, audio=False).data, "video")
    data = {"item": item.dataset, "detector": item.dataset}
    with pytest.raises(PeelianError):
        verbs.ask(
            town.kernel, town.people["clerk"], PROPOSE.id, purpose="disclosure", params=ProposeParams(), datasets=data
        )


def test_try_takes_no_detector(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(clips.clip(seed=3, pictures=4, audio=False).data)
    (tmp_path / "own.onnx").write_bytes(weights())
    done = typed("try", "footage", "clip.mp4", "--more", "detector=own.onnx", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2 and "no such further file" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["clip.mp4", "own.onnx"]


def test_the_one_place_that_loads_a_model_loads_the_weights_that_ship() -> None:
    source = Path(peelian.__file__).parent
    holders = [one for one in source.rglob("*.py") if "onnxruntime" in one.read_text(encoding="utf-8")]
    assert [one.relative_to(source).as_posix() for one in holders] == ["technologies/footage/measure/detector.py"]
    calls = [
        (one.name, ast.unparse(node))
        for one in source.rglob("*.py")
        for node in ast.walk(ast.parse(one.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("session_of", "_loaded")
        and "footage" in one.parts
    ]  # fmt: skip
    assert calls == [
        ("detector.py", "_loaded(weights(), threads)"),
        ("detector.py", "session_of(patched, threads)"),
    ]
