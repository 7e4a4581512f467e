"""A drill finds every affected person and nobody else, in every scenario; cut short, it goes on; nothing real moves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sizes import FULL

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.drill import drill as played
from peelian.operations.drill.drill import STAGES, Script, drill_names, run_drill
from peelian.operations.drill.scenarios import SCENARIOS
from peelian.operations.drill.town import DIGEST
from peelian.operations.office import Office, new_office
from peelian.oversight.breach.incident import register
from peelian.oversight.drills.due import self_tests
from peelian.web.letters import write_letters


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Operator, Path]]:
    folder = tmp_path_factory.mktemp("drilled")
    with new_office(folder / "office", name="A town") as office:
        first = office.enrol("it", name="Real custodian", unit="it", roles={Role.CUSTODIAN})
        officer = office.enrol("pia", name="Real officer", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=first)
        yield office, officer, folder / "drills"


# the seed chooses between two copies of a backup; the others differ by it in their town alone
@pytest.mark.parametrize(
    ("scenario", "seed"),
    [(name, seed) for name in sorted(SCENARIOS) for seed in (0, 1) if FULL or seed == 0 or name == "backup-copied"],
)
def test_every_scenario_is_detected_contained_and_told(
    town: tuple[Office, Operator, Path], scenario: str, seed: int
) -> None:
    office, officer, folder = town
    drill = run_drill(office, officer, Script(scenario=scenario, seed=seed, folder=folder, write=write_letters))
    assert drill.recall_permille == 1000 and drill.extra_permille <= 50
    assert drill.body["recognised_kind"] and drill.body["exposure_right"] and drill.body["contained"]
    assert drill.body["lacking"] == [] and drill.body["letters"] >= 4 and drill.body["sent"] == 0
    assert drill.body["recognised_again"] == len(drill.body["incidents"]) == 1
    assert drill.criteria_met and (folder / drill.name / DIGEST).exists()


def test_nothing_of_the_drill_is_in_the_offices_register_and_no_real_person_in_the_drill(
    town: tuple[Office, Operator, Path],
) -> None:
    office, officer, folder = town
    drill = run_drill(office, officer, Script(scenario="snooping", seed=7, folder=folder, write=write_letters))
    assert register(office.kernel) == () and drill in self_tests(office.kernel)
    with pytest.raises(OutOfOrder, match="another seed"):
        run_drill(office, officer, Script(scenario="snooping", seed=7, folder=folder, write=write_letters))
    here = folder / drill.name
    letters = [path.read_text(encoding="utf-8") for path in (here / "letters").rglob("*.html")]
    assert letters and all("Real officer" not in text for text in letters)
    assert all("DRILL" in text or "EXERCICE" in text for text in letters)
    tokens = {person.token for person in office.kernel.state.people.values()}
    log = b"".join(path.read_bytes() for path in (here / "office" / "log").rglob("*") if path.is_file())
    assert not [token for token in tokens if token.encode() in log]


@pytest.mark.parametrize("stage", [*STAGES, "truth"])
def test_a_drill_cut_short_anywhere_is_begun_again_and_ends_the_same(
    town: tuple[Office, Operator, Path], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, officer, folder = town
    script = Script(
        scenario="log-tampered", seed=20 + [*STAGES, "truth"].index(stage), folder=folder, write=write_letters
    )

    def interrupted(*_: object, **__: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        if stage == "truth":
            m.setattr(played, "drill_begun", interrupted)
        else:
            m.setattr(played, "STAGES", {**STAGES, stage: interrupted})
        with pytest.raises(KeyboardInterrupt):
            run_drill(office, officer, script)
    before = list((folder / script.name).rglob("*.html"))
    drill = run_drill(office, officer, script)
    assert before == [] and drill.criteria_met
    assert drill.body["letters"] >= 4


@pytest.mark.parametrize("stage", ["contain", "assess", "report"])
def test_a_stage_done_but_not_noted_down_is_done_again_without_harm(
    town: tuple[Office, Operator, Path], stage: str
) -> None:
    office, officer, folder = town
    seed = 30 + list(STAGES).index(stage)
    script = Script(scenario="vendor-token", seed=seed, folder=folder, write=write_letters)
    copy = folder / "copy"
    act = STAGES[stage]

    def twice(place: played.Place, state: dict[str, object]) -> dict[str, object]:
        shutil.rmtree(copy, ignore_errors=True)
        act(place, state)
        return act(place, state)

    with pytest.MonkeyPatch.context() as m:
        m.setattr(played, "STAGES", {**STAGES, stage: twice})
        assert run_drill(office, officer, script).criteria_met


def test_a_drill_is_not_done_by_saying_so_in_its_folder(town: tuple[Office, Operator, Path]) -> None:
    """What a self-test says is signed: a state that somebody wrote by hand is none."""
    office, officer, folder = town
    script, done = (
        Script(scenario="snooping", seed=77, folder=folder, write=write_letters),
        len(self_tests(office.kernel)),
    )

    def interrupted(*_: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as m:
        m.setattr(played, "STAGES", {**STAGES, "detect": interrupted})
        with pytest.raises(KeyboardInterrupt):
            run_drill(office, officer, script)
    file = folder / script.name / played.STATE
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**kept, "done": list(STAGES), "contained": True, "lacking": []}), encoding="utf-8")
    with pytest.raises(OutOfOrder, match="altered"):
        run_drill(office, officer, script)
    assert len(self_tests(office.kernel)) == done
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert run_drill(office, officer, script).criteria_met


def test_what_is_no_drill_is_refused(town: tuple[Office, Operator, Path], tmp_path: Path) -> None:
    office, officer, _ = town
    with pytest.raises(InputError, match="snooping"):
        run_drill(office, officer, Script(scenario="fire", seed=1, folder=tmp_path, write=write_letters))
    with pytest.raises(InputError, match="seed"):
        run_drill(office, officer, Script(scenario="snooping", seed=-1, folder=tmp_path, write=write_letters))
    (tmp_path / "snooping-3").mkdir()
    (tmp_path / "snooping-3" / "diary.txt").touch()
    with pytest.raises(InputError, match="is not a drill"):
        run_drill(office, officer, Script(scenario="snooping", seed=3, folder=tmp_path, write=write_letters))
    assert (tmp_path / "snooping-3" / "diary.txt").exists()
    first = office.operator("it")
    clerk = office.enrol("ann", name="Ann", unit="records", roles={Role.CLERK}, by=first)
    with pytest.raises(Refused):
        run_drill(office, clerk, Script(scenario="snooping", seed=4, folder=tmp_path, write=write_letters))
    assert len(drill_names()) == len(SCENARIOS) == 8


def test_the_truth_lies_sealed_before_anybody_looks(town: tuple[Office, Operator, Path]) -> None:
    office, officer, folder = town
    drill = run_drill(office, officer, Script(scenario="export-lost", seed=9, folder=folder, write=write_letters))
    entries = [entry for _, entry in office.kernel.stores.log.read()]
    begun = [e for e in entries if e["kind"] == "DRILL_BEGUN" and e["drill"] == drill.name]
    ended = [e for e in entries if e["kind"] == "SELF_TESTED" and e["drill"] == drill.name]
    assert [e["met"] for e in ended] == [1] and not office.kernel.state.duties.drilled, "it opens no gate"
    assert len(begun) == len(ended) == 1 and ended[0]["before"] == begun[0]["document"]
    state = json.loads((folder / drill.name / "state.json").read_text(encoding="utf-8"))
    assert "truth" not in state and "kind" not in state
