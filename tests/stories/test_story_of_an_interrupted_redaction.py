"""The story of a redaction that was cut off: the machine died in the middle of it.

Nothing of a copy was left, the recording was as it had been, the log said so, and run again it made the same bytes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import clips
import numpy as np
from desk import entitle
from own_keys import credentials
from vaults import plain

from peelian.kernel import verbs
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.operations.office import Office, new_office, open_office
from peelian.technologies.footage.measure.plan import Plan, as_bytes, reviewed

DECLARED = Declaration(
    title="A stop in March", purposes=("disclosure",), legal_basis="the town's camera policy",
    minimisation="the recording as it came", retention_days=36_500, source="a camera", people="not_known",
)  # fmt: skip
KILLED = """
import os, signal, sys
from pathlib import Path
from peelian.kernel import verbs
from peelian.operations.office import open_office
office, share_wanted = open_office(Path(sys.argv[1])), float(sys.argv[4])
clerk, declared = office.operator("clerk"), office.kernel.capability("footage.redact")
data = {"item": sys.argv[2], "plan": sys.argv[3]}
permit = verbs.ask(
    office.kernel, clerk, declared.id, purpose="disclosure", params=declared.asks.params(), datasets=data
)
die = lambda says, share: share > share_wanted and os.kill(os.getpid(), signal.SIGKILL)
verbs.run(office.kernel, clerk, permit, progress=die)
"""


def _redacted(office: Office, data: dict[str, str]) -> str:
    clerk, declared = office.operator("clerk"), office.kernel.capability("footage.redact")
    permit = verbs.ask(
        office.kernel, clerk, declared.id, purpose="disclosure", params=declared.asks.params(), datasets=data
    )
    evidence, _ = verbs.run(office.kernel, clerk, permit)
    return office.kernel.state.datasets[evidence.made["redacted"]].digest


def test_a_redaction_killed_in_the_middle_rolls_back_and_is_the_same_when_run_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    frames = [rng.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(120)]
    camera = tmp_path / "stop.mp4"
    camera.write_bytes(clips.written(frames))
    with new_office(tmp_path / "office", name="Town") as office:
        first = office.enrol("custodian", name="C", unit="city IT", roles={Role.CUSTODIAN})
        clerk = office.enrol("clerk", name="R", unit="records", roles={Role.CLERK}, by=first)
        entitle(office.kernel, first)
        stated = {"recorded_at": "2026-03-01T15:00:00Z"}
        item = office.keep_object(clerk, camera, DECLARED, format="video", options=stated)
        made = Plan(item=item.digest, width=160, height=120, pictures=120, milliseconds=4800)
        drawn = tmp_path / "plan.json"
        drawn.write_bytes(as_bytes(reviewed(made, by="ab" * 10, at="2026-11-24T10:00:00Z")))
        plan = office.keep_object(clerk, drawn, DECLARED, format="redaction-plan")
        whole = {path.name for path in (tmp_path / "office" / "objects").iterdir() if len(path.name) == 32}
    data = {"item": item.dataset, "plan": plan.dataset}
    held = os.environ | credentials(tmp_path / "credentials", "clerk")
    for share in ("0.1", "0.7"):
        arguments = [str(tmp_path / "office"), item.dataset, plan.dataset, share]
        done = subprocess.run([sys.executable, "-c", KILLED, *arguments], capture_output=True, check=False, env=held)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert list((tmp_path / "office" / "objects").glob("*.partial")), "it was cut in the middle of being written"
        with open_office(tmp_path / "office") as office:
            assert [str(e["kind"]) for _, e in office.kernel.stores.log.read()][-2:] == ["TURNED_AWAY", "FAILED"]
            assert {path.name for path in (tmp_path / "office" / "objects").iterdir() if len(path.name) == 32} == whole
            assert office.kernel.state.datasets[item.dataset].digest == item.digest
    with open_office(tmp_path / "office") as office:
        assert _redacted(office, data) == _redacted(office, data)
        assert plain(office.kernel.stores.vault, item.object) == camera.read_bytes()
        assert office.verdict().ok
