"""A self-test of the breach protocol from end to end: a town is cloned and harmed, the protocol is run and timed.

`run_drill` plays one scenario by machine. It can be cut short at any point and begun again; nothing is ever sent. Its
signed record lands in the office's own archive and log; what was invented stays in its folder. It is no drill: a drill
is played by people (`played_drill`), and a self-test opens nothing.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import DRILL
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import OfficeRecord, drill_begun, records_of, self_tested
from peelian.operations.drill.conditions import ask_board, take_mirror
from peelian.operations.drill.scenarios import SCENARIOS, variant
from peelian.operations.drill.stages import Place, assess, contain_all, detect, report_all
from peelian.operations.drill.town import DIGEST, build_town, plan_of
from peelian.operations.office import Office
from peelian.oversight.breach.letters import WriteLetters
from peelian.oversight.breach.report import merged_subjects, report_of
from peelian.oversight.drills.due import DRILLERS, SelfTest, self_test_of, self_tests
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.durable_files import put_durably

STATE = "state.json"
STAGES: Mapping[str, Callable[[Place, Mapping[str, Any]], dict[str, Any]]] = {
    "detect": lambda place, state: detect(place),
    "contain": contain_all,
    "assess": assess,
    "report": report_all,
}
DOING: Mapping[str, str] = {
    "detect": "Detecting the breach",
    "contain": "Containing the breach",
    "assess": "Assessing the harm",
    "report": "Writing the letters",
}
MOST_EXTRA_PERMILLE, MOST_SECONDS = 50, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Which drill: scenario, seed and folder; which regimes bind the town; who writes the letters."""

    scenario: str
    seed: int
    folder: Path
    write: WriteLetters
    regimes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The drill's name, the same for the same scenario and seed."""
        return f"{self.scenario}-{self.seed}"


def run_drill(
    office: Office, by: Operator, script: Script, *, progress: Progress = lambda says, share: None
) -> SelfTest:
    """Play a drill to its end, or go on with one that was cut short; returns the after-action record.

    InputError: no such scenario, or a folder that holds something else. OutOfOrder: this drill was played already.
    """
    if script.scenario not in SCENARIOS:
        raise InputError("unknown scenario", accepted=", ".join(sorted(SCENARIOS)))
    if script.seed < 0:
        raise InputError("seed below 0", accepted="a whole number from 0 on")
    must_hold_role(office.kernel, by, DRILLERS, "the_driller_may_drill")
    if any(one.name == script.name for one in self_tests(office.kernel)):
        raise OutOfOrder("This self-test was already run. Choose another seed.")
    folder = script.folder / script.name
    state = _state(office, folder)
    progress("Building the drill town", 0.0)
    if not state:
        state = _built(office, by, script, folder)
    place = _place(office, script, folder, state)
    for n, (stage, act) in enumerate(STAGES.items(), start=1):
        if stage not in state["done"]:
            progress(DOING[stage], n / (len(STAGES) + 1))
            started = time.monotonic()
            state |= act(place, state)
            state["seconds"][stage] = time.monotonic() - started
            state["done"].append(stage)
            _put(office, folder, state)
    progress("Closing the drill", 1.0)
    return _closed(office, by, script, folder, state)


def _built(office: Office, by: Operator, script: Script, folder: Path) -> dict[str, Any]:
    """The town, its past, and the harm; the truth is sealed in the office's archive, its mark in the office's log."""
    cleared(folder)
    started, clock_now = time.monotonic(), office.kernel.now
    plan = plan_of(office)
    town, clock = build_town(plan, folder, seed=script.seed, office_clock=clock_now)
    try:
        ask_board(folder, town.office, clock)
        take_mirror(folder)
        truth = variant(script.scenario, script.seed)(town, clock)
        desks = sorted(town.desks, key=lambda short: short.startswith("officer") or short == "vendor")
    finally:
        clock.set_to = None
        town.office.close()
    sealed = {"kind": truth.kind, "subjects": list(truth.subjects), "exposure": dict(truth.exposure)}
    body = {"drill": script.name, "scenario": script.scenario, "seed": script.seed, "truth": sealed}
    digest = drill_begun(office.kernel, by, body)
    state = {
        "drill": script.name,
        "done": [],
        "seconds": {"build": time.monotonic() - started},
        "began": clock_now().isoformat(),
        "sealed": digest,
        "reported": dict(truth.report),
        "technology": plan.technology,
        "desks": desks,
    }
    _put(office, folder, state)
    return state


def _closed(office: Office, by: Operator, script: Script, folder: Path, state: Mapping[str, Any]) -> SelfTest:
    """Unseal the truth, compare, and keep the signed after-action record."""
    truth = next(r for _, r in records_of(office.kernel, "drill_begun") if _is(r, state["sealed"], script.name))
    body = _scored(truth.body["truth"], state)
    verdict = verify_log(folder / "office" / "log")
    seconds = {stage: round(value, 3) for stage, value in state["seconds"].items()}
    total = sum(state["seconds"].values())
    held = {
        "everybody_found": body["recall_permille"] == 1000,
        "few_others_found": body["extra_permille"] <= MOST_EXTRA_PERMILLE,
        "kind_recognised": bool(body["recognised_kind"]),
        "contained": bool(state["contained"]),
        "register_complete": not state["lacking"],
        "log_holds": verdict.ok,
        "in_time": total <= MOST_SECONDS,
    }
    missed = [bar for bar, holds in held.items() if not holds]
    body |= {
        "drill": script.name,
        "scenario": script.scenario,
        "title": SCENARIOS[script.scenario][0],
        "seed": script.seed,
        "began": state["began"],
        "ended": office.kernel.now().isoformat(),
        "seconds": {stage: str(value) for stage, value in seconds.items()},
        "milliseconds": round(1000 * total),
        "incidents": list(state["incidents"]),
        "measures": sorted({word for words in state["measures"].values() for word in words}),
        "contained": bool(state["contained"]),
        "recognised_again": int(state["recognised"]),
        "letters": int(state["letters"]),
        "lacking": list(state["lacking"]),
        "sent": 0,
        "log_holds": verdict.ok,
        "criteria_met": not missed,
        "missed": missed,
        "folder": folder.name,
    }
    self_tested(office.kernel, by, body, before=state["sealed"])
    _put(office, folder, {**state, "closed": True})
    return self_test_of(office.kernel, script.name)


def _scored(truth: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Recall and extra of the affected people, and whether kind and exposure were told rightly."""
    signals = [report_of(body) for body in state["signals"]]
    wanted, found = set(truth["subjects"]), set(merged_subjects(signals))
    extra, exposure = found - wanted, {k: v for signal in signals for k, v in signal.exposure.items()}
    return {
        "kind": truth["kind"],
        "found_kinds": [signal.kind for signal in signals],
        "recognised_kind": truth["kind"] in {signal.kind for signal in signals},
        "exposure_right": {k: exposure.get(k) for k in truth["exposure"]} == truth["exposure"],
        "affected": len(wanted),
        "found": len(found),
        "recall_permille": 1000 if not wanted else 1000 * len(found & wanted) // len(wanted),
        "extra_permille": 1000 * len(extra) // max(len(found), 1),
    }


def _is(record: OfficeRecord, digest: str, name: str) -> bool:
    return record.body["drill"] == name and digest_of(record) == digest


def _place(office: Office, script: Script, folder: Path, state: Mapping[str, Any]) -> Place:
    return Place(
        folder=folder,
        clock=office.kernel.now,
        technology=str(state["technology"]),
        reported=state["reported"],
        desks=tuple(state["desks"]),
        regimes=script.regimes,
        write=script.write,
    )


def _state(office: Office, folder: Path) -> dict[str, Any]:
    """What was done so far; nothing where the drill was cut short before its truth was sealed.

    OutOfOrder where the file is not what this office wrote: a stage is done when it was gone through, not by a word.
    """
    file = folder / STATE
    if not file.exists():
        return {}
    state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if state.pop("seal", "") != _seal(office, state):
        raise OutOfOrder("The state of this drill was altered. Run it in another folder with another seed.")
    return state


def _put(office: Office, folder: Path, state: Mapping[str, Any]) -> None:
    sealed = {**state, "seal": _seal(office, state)}
    content = json.dumps(sealed, ensure_ascii=False, indent=1).encode()
    put_durably(folder / STATE, content, unfinished=folder / f"{STATE}.unfinished")


def _seal(office: Office, state: Mapping[str, Any]) -> str:
    read_again = json.loads(json.dumps(state))  # as the file will be read
    return office.kernel.office.token(json.dumps(read_again, sort_keys=True), of=DRILL)


def cleared(folder: Path) -> None:
    """A town that was cut short while it was built is made anew; a folder that is no drill is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / DIGEST).exists():
            raise InputError(f"{folder.name} is not empty and is not a drill", accepted="another folder (--out)")
        shutil.rmtree(folder)
    elif folder.exists():
        folder.rmdir()


def drill_names() -> Sequence[tuple[str, str]]:
    """Every scenario and what it is."""
    return tuple((name, about) for name, (about, _) in sorted(SCENARIOS.items()))
