"""Batches of recordings killed at random: the same command goes on, and what it makes has the same bytes.

Two offices keep the same made recordings. In one the commands run unbroken; in the other they are killed (SIGKILL) at
random moments until they come to their end.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from figures import at_least, at_most, finish, flags, plain, show

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import clips  # noqa: E402 - made recordings live with the tests
from own_keys import credentials, give_passphrases  # noqa: E402

from peelian.technologies.footage.measure.plan import as_bytes, plan_from, reviewed  # noqa: E402

KEPT = ("--recorded-at", "2026-11-01T10:00:00Z", "--as", "clerk", "--json")


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    give_passphrases()
    kills, pictures = (6, 24) if asked.quick else (20, 48)
    with TemporaryDirectory() as place:
        unbroken, broken = (_office(Path(place) / name, pictures) for name in ("unbroken", "broken"))
        seconds, killed, same, made = 0.0, 0, 0, 0
        for command in ("suggest", "redact"):
            begun = time.monotonic()
            told = _run(unbroken, "footage", command, "--as", "clerk", "--json")
            seconds = time.monotonic() - begun
            killed += _killed(broken, command, kills // 2, seconds, random.Random(27))
            again = _run(broken, "footage", command, "--as", "clerk", "--json")
            print(command, f"{seconds:.1f} s unbroken, killed {killed} times", file=sys.stderr)
            pairs = list(zip(_digests(unbroken, told), _digests(broken, again), strict=True))
            same, made = same + sum(a == b for a, b in pairs), made + len(pairs)
            if command == "suggest":
                _reviewed(unbroken, told)
                _reviewed(broken, again)
    finish(
        [
            show(
                at_least("commands killed", killed, "kills", 3)
            ),  # of those started: once all is made they end at once
            show(at_most("objects whose bytes differ from an unbroken run", made - same, "objects", 0)),
            show(plain("objects made", made, "objects")),
        ],
        asked.json,
    )


def _office(folder: Path, pictures: int) -> Path:
    folder.mkdir()
    credentials(folder / "credentials", "custodian", "clerk")
    _run(folder, "office", "office", "--name", "Town")
    _run(folder, "enrol", "clerk", "--name", "clerk", "--unit", "records", "--role", "clerk", "--as", "custodian")
    for seed in (1, 2, 3):
        clip = clips.clip(seed, width=640, height=352, pictures=pictures).data
        (folder / f"{seed}.mp4").write_bytes(clip)
        _run(folder, "footage", "keep", f"{seed}.mp4", "--people-not-known", *KEPT)
    return folder


def _killed(folder: Path, command: str, kills: int, seconds: float, rng: random.Random) -> int:
    """Start the command and kill it with all it started, at random moments of its time; how often it was killed."""
    n = 0
    for _ in range(kills):
        words = [sys.executable, "-m", "peelian", "footage", command, "--as", "clerk", "--json"]
        process = subprocess.Popen(
            words, cwd=folder, env=_env(folder), stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(rng.uniform(0.3, min(12.0, max(1.0, seconds))))
        n += process.poll() is None
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
    return n


def _digests(folder: Path, told: dict[str, Any]) -> list[str]:
    listed = {one["dataset"]: one["digest"] for one in _run(folder, "footage", "library", "--json")}
    return [listed[name] for one in sorted(told["recordings"], key=lambda one: _source(folder, one["item"]))
            for name in one["made"].values()]  # fmt: skip


def _source(folder: Path, item: str) -> str:
    return str(next(one["digest"] for one in _run(folder, "footage", "library", "--json") if one["dataset"] == item))


def _reviewed(folder: Path, told: dict[str, Any]) -> None:
    """Keep each proposed plan as reviewed, as a person would."""
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import open_office

    with open_office(folder / "office") as office:
        by: Operator = office.operator("clerk")
        for n, one in enumerate(told["recordings"]):
            with office.kernel.stores.vault.open(
                office.kernel.state.datasets[one["made"]["plan"]].object, intent=_intent(office, one)
            ) as file:
                plan = reviewed(plan_from(file.read()), by=by.person.token, at="2026-11-01T10:00:00Z")
            (folder / f"plan{n}.json").write_bytes(as_bytes(plan))
    for n in range(len(told["recordings"])):
        _run(folder, "footage", "keep", f"plan{n}.json", "--format", "redaction-plan", *KEPT[2:])


def _intent(office: Any, one: dict[str, Any]) -> int:
    from peelian.kernel.identity.step_up import prove
    from peelian.kernel.verbs.redaction_review import latest_evidence, opened_for_review

    by = office.operator("clerk")
    prove(office.kernel, by)
    return opened_for_review(office.kernel, by, latest_evidence(office.kernel, one["case"]), "plan")


def _env(folder: Path) -> dict[str, str]:
    return dict(os.environ) | {"CREDENTIALS_DIRECTORY": str(folder / "credentials")}


def _run(folder: Path, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "peelian", *words],
        cwd=folder,
        env=_env(folder),
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout) if "--json" in words else None


if __name__ == "__main__":
    main()
