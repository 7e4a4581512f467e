"""The story of a recording, as a records clerk would tell it.

A woman was stopped in March and asked for what the camera saw. Two strangers stand in the picture.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
import pytest
from deciding import read_and_decide
from desk import entitle
from own_keys import credentials

from peelian.demos.footage import look_through
from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.people import Operator
from peelian.kernel.retention import retention
from peelian.operations.office import Office, new_office, open_office
from peelian.oversight.footage.items import item_record
from peelian.oversight.verification.packages import check_package
from peelian.technologies.footage.example import example_clip, example_plan

DECLARED = Declaration(
    title="A stop in March", purposes=("disclosure",), legal_basis="the town's camera policy",
    minimisation="the recording as it came", retention_days=36_500, source="a camera", people="not_known",
)  # fmt: skip
WHY = {"reasons": "She is entitled to it.", "other_evidence": "document: Her letter and her identity card."}


def test_she_gets_her_recording_and_the_strangers_stay_strangers(tmp_path: Path) -> None:
    with new_office(tmp_path / "office", name="Town") as office:
        clerk, officer = _people(office)
        camera = tmp_path / "stop.mp4"
        camera.write_bytes(example_clip())

        # I kept what the camera gave me. The file on its card stayed as it was; ours lies sealed under its own key.
        item = office.keep_object(
            clerk,
            camera,
            DECLARED,
            format="video",
            options={"recorded_at": "2026-03-01T15:00:00Z", "officer": "BADGE-4711"},
        )
        assert camera.read_bytes() == example_clip()
        assert not any(example_clip()[:64] in p.read_bytes() for p in (tmp_path / "office").rglob("*") if p.is_file())

        # I looked at every picture and drew what had to be covered; a plan that nobody reviewed was not taken.
        stream = example_plan().stream
        assert stream is not None
        drawn = tmp_path / "plan.json"
        drawn.write_bytes(stream.read().replace(b'"reviewer":"' + b"e" * 20, b'"reviewer":"'))
        with pytest.raises(InputError):
            office.keep_object(clerk, drawn, DECLARED, format="redaction-plan")
        stream.seek(0)
        drawn.write_bytes(stream.read())
        plan = office.keep_object(clerk, drawn, DECLARED, format="redaction-plan")
        data = {"item": item.dataset, "plan": plan.dataset}
        data["redacted"] = _accepted(office, clerk, officer, "footage.redact", data, {})[1]["redacted"]

        # Her key had a wrong letter. Nothing was opened for it.
        hers = pyrage.x25519.Identity.generate()
        good = str(hers.to_public())
        with _nothing_opened(office), pytest.raises(InputError, match="not a public key"):
            _accepted(office, clerk, officer, "footage.disclose", data, {"recipient": good[:-1] + "b"})

        # I could not hand it out before somebody else had decided.
        case, _ = _accepted(office, clerk, None, "footage.disclose", data, {"recipient": good})
        with pytest.raises(OutOfOrder):
            office.hand_over(clerk, case, tmp_path / "early.age")
        assert not list(tmp_path.glob("early*"))
        case, _ = _accepted(office, clerk, officer, "footage.disclose", data, {"recipient": good})
        with pytest.raises(Refused):  # I had gone for a coffee: anybody could have sat there
            office.hand_over(clerk, case, tmp_path / "for-her.age")
        prove(office.kernel, clerk)
        office.hand_over(clerk, case, tmp_path / "for-her.age")

        # She opened it with her own key and checked it with the log's public one. The original's digest is on the list.
        package = pyrage.decrypt((tmp_path / "for-her.age").read_bytes(), [hers])
        key = (tmp_path / "office" / "log" / "log.vkey").read_text().strip()
        verdict = check_package(io.BytesIO(package), log_key=key)
        assert verdict.ok and verdict.receipts > 5
        with zipfile.ZipFile(io.BytesIO(package)) as file:
            assert item.digest.encode() in file.read("package.json")
            assert b"BADGE-4711" not in b"".join(file.read(name) for name in file.namelist())
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt((tmp_path / "for-her.age").read_bytes(), [pyrage.x25519.Identity.generate()])

        # Later her lawyer wrote. I put it on hold, and nobody could delete it; the log told a court all of this.
        retention.hold(office.kernel, clerk, item.dataset, words="her lawyer announced a claim")
        with pytest.raises(Refused):
            retention.queue(office.kernel, officer, item.dataset, words="we need the space")
        told = [step.kind for step in item_record(office.kernel, item.dataset).history]
        assert told[0] == "KEEPING" and told[-1] == "HELD" and told.count("OPENED") == 5
        assert office.verdict().ok

    # The next morning everything was still so.
    with open_office(tmp_path / "office") as office:
        assert office.kernel.state.retention.holds[item.dataset]
        assert office.kernel.state.datasets[item.dataset].digest == item.digest


def test_a_power_cut_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with new_office(tmp_path / "office", name="Town") as office:
        clerk, _ = _people(office)
        # The cut came after the recording was sealed and before it was admitted.
        office.kernel.append("KEEPING", dataset="footage-cut", by=clerk.person.token)
        with office.kernel.stores.vault.seal("footage-cut") as file:
            file.write(example_clip())
    with open_office(tmp_path / "office") as office:
        assert office.kernel.stores.vault.found("footage-cut") == ()
        last = [e for _, e in office.kernel.stores.log.read()][-1]
        assert (last["kind"], last["error"]) == ("TURNED_AWAY", "Interrupted")
        assert list((tmp_path / "office" / "objects").glob("[0-9a-f]*")) == []


def _people(office: Office) -> tuple[Operator, Operator]:
    first = office.enrol("custodian", name="C", unit="city IT", roles={Role.CUSTODIAN})
    clerk = office.enrol("clerk", name="R", unit="records", roles={Role.CLERK}, by=first)
    officer = office.enrol("privacy", name="P", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=first)
    entitle(office.kernel, first)
    return clerk, officer


@contextmanager
def _nothing_opened(office: Office) -> Iterator[None]:
    before = _opened(office)
    yield
    assert _opened(office) == before


def _opened(office: Office) -> int:
    return sum(entry["kind"] == "OPENED" for _, entry in office.kernel.stores.log.read())


def _accepted(
    office: Office,
    clerk: Operator,
    officer: Operator | None,
    capability: str,
    data: dict[str, str],
    params: dict[str, str],
) -> tuple[str, dict[str, str]]:
    kernel, declared = office.kernel, office.kernel.capability(capability)
    roles = {read.role for read in declared.reads}
    own = {role: name for role, name in data.items() if role in roles}
    permit = verbs.ask(
        kernel, clerk, capability, purpose="disclosure", params=declared.asks.params(**params), datasets=own
    )
    evidence, _ = verbs.run(kernel, clerk, permit)
    if officer is not None:
        if capability == "footage.redact":
            look_through(kernel, officer, evidence.case)
        read_and_decide(kernel, officer, evidence, choice="accept", **WHY)
    return evidence.case, dict(evidence.made)


CUT = """
import os, signal, sys
from pathlib import Path
from peelian.kernel.model.documents import Declaration
from peelian.operations.office import open_office
folder = Path(sys.argv[1])
said = Declaration(
    title="t", purposes=("disclosure",), legal_basis="b", minimisation="m", retention_days=9, source="s",
    people="not_known",
)
office = open_office(folder / "office")
office.keep_object(
    office.operator("clerk"), folder / "long.mp4", said, format="video",
    options={"recorded_at": "2026-03-01T15:00:00Z"},
    progress=lambda says, share: share > 0.5 and os.kill(os.getpid(), signal.SIGKILL),
)
"""


def test_a_process_that_is_killed_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with new_office(tmp_path / "office", name="Town") as office:
        _people(office)
    long = tmp_path / "long.mp4"
    long.write_bytes(example_clip() + (8 << 20).to_bytes(4) + b"free" + bytes((8 << 20) - 8))
    before = long.read_bytes()
    held = os.environ | credentials(tmp_path / "credentials", "clerk")
    done = subprocess.run([sys.executable, "-c", CUT, str(tmp_path)], capture_output=True, check=False, env=held)
    assert done.returncode == -signal.SIGKILL
    assert list((tmp_path / "office" / "objects").glob("*.partial")), "it was cut in the middle of being sealed"
    with open_office(tmp_path / "office") as office:
        assert [str(e["kind"]) for _, e in office.kernel.stores.log.read()][-2:] == ["KEEPING", "TURNED_AWAY"]
        assert not [p for p in (tmp_path / "office" / "objects").iterdir() if p.name not in ("lock", "log-head")]
        # The file is as it was, and can be kept again.
        assert long.read_bytes() == before
        kept = office.keep_object(
            office.operator("clerk"), long, DECLARED, format="video", options={"recorded_at": "2026-03-01T15:00:00Z"}
        )
        assert kept.size == len(before)
