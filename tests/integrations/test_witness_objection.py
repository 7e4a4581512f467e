"""What a witness objected to stays in the office's folder, for its owner only, until it is lifted."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

from peelian.integrations.witness_objection import FILE, keep_objection, lift_objection, objection

AT = datetime(2026, 11, 24, 15, 32, tzinfo=UTC)


def test_an_objection_is_kept_with_its_time_and_what_to_do_and_lifted_once(tmp_path: Path) -> None:
    assert objection(tmp_path) == "" and not lift_objection(tmp_path)
    told = keep_objection(tmp_path, "the witness did not cosign: a rollback.", AT)
    assert told == objection(tmp_path) and told.startswith("2026-11-24 15:32 UTC: the witness did not cosign")
    assert "begin the breach protocol" in told and "peelian machine ask-witness" in told and ".." not in told
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert keep_objection(tmp_path, "again", AT) != told and "again" in objection(tmp_path)
    assert lift_objection(tmp_path) and objection(tmp_path) == ""
