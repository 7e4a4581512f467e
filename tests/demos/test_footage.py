"""The town walks through a recording's whole life, and what it leaves can be checked; another one is under review."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from narration import in_french

from peelian.oversight.verification.packages import check_package


def test_the_whole_life_of_an_item(built: Built, tmp_path: Path) -> None:
    record = built.record["footage"]
    with built.copy(tmp_path / "town") as office:
        kinds = {str(entry["kind"]) for _, entry in office.kernel.stores.log.read()}
    assert {"KEEPING", "TURNED_AWAY", "DERIVED", "DELIVERED", "HELD", "QUEUED", "RECOVERED", "PUBLISHED"} <= kinds
    assert record["package"]["holds"]
    with (built.folder / "demonstration" / "package.zip").open("rb") as file:
        assert check_package(file).ok
    assert Path(record["package"]["file"] + ".receipt").read_bytes().startswith(b"c2sp.org/tlog-proof")
    assert "not a public key" in built.told and "40 of " in built.told
    assert "Une copie caviardée" in "\n".join(map(in_french, built.said))
