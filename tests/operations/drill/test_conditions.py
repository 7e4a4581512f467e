"""Around a drill town: a disk that really refuses, a witness that answers, a copy that shows what was changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import desk

from peelian.errors import DiskError
from peelian.operations.drill import conditions as around
from peelian.operations.drill.town import Town, build_town, plan_of, reopened_at
from peelian.oversight.verification.verifier import verify_log


@pytest.fixture
def town(tmp_path: Path) -> Town:
    at = desk()
    made, clock = build_town(plan_of(at.office), tmp_path / "town", seed=1, office_clock=at.kernel.now)
    clock.set_to = None
    made.office.close()
    made.office = reopened_at(made.folder, clock)
    return made


def test_a_full_disk_refuses_and_with_room_again_the_log_is_whole(town: Town) -> None:
    town.office.close()
    around.fill_disk(town.folder)
    acknowledged = 0
    full, fails = around.the_disk(town.folder), pytest.raises(DiskError)
    with fails, full, reopened_at(town.folder, town.kernel.clock) as office:  # nor can what is there be signed
        while True:
            office.kernel.append("PROBED")
            acknowledged += 1
    around.make_room(town.folder)
    with around.the_disk(town.folder), reopened_at(town.folder, town.kernel.clock) as office:
        assert sum(e["kind"] == "PROBED" for _, e in office.kernel.stores.log.read()) == acknowledged > 0


def test_the_witness_cosigns_unless_it_is_down(town: Town) -> None:
    with town.office:
        clock = town.kernel.clock
        assert around.ask_board(town.folder, town.office, clock).cosigned
        around.witness_falls_silent(town.folder)
        assert "cannot be reached" in around.ask_board(town.folder, town.office, clock).says
        around.witness_wakes(town.folder)
        assert around.ask_board(town.folder, town.office, clock).cosigned


def test_a_changed_byte_is_found_by_comparison_and_the_copy_put_back(town: Town) -> None:
    town.office.close()
    around.take_mirror(town.folder)
    assert around.differing(town.folder)[1] == []
    path = max(around.bundles(town.folder), key=lambda one: int(one.name))  # the widest: older ones stay beside it
    content = path.read_bytes()
    at = content.index(b'"kind":"ACCESSED"')
    path.write_bytes(content[:at] + content[at:].replace(b'"read"', b'"seen"', 1))
    kept, altered = around.differing(town.folder)
    assert len(altered) == 1 and kept[altered[0]][1]["kind"] == "ACCESSED"
    assert not verify_log(town.folder / around.LOG).ok
    around.put_mirror_back(town.folder)
    around.put_mirror_back(town.folder)
    assert verify_log(town.folder / around.LOG).ok and (town.folder / "office" / "log.damaged").is_dir()
    reopened_at(town.folder, town.kernel.clock).close()


def test_a_bundle_that_is_gone_counts_as_altered_from_there_on(town: Town) -> None:
    town.office.close()
    around.take_mirror(town.folder)
    max(around.bundles(town.folder), key=lambda one: int(one.name)).unlink()
    kept, altered = around.differing(town.folder)
    assert len(altered) == len(kept)
