"""`peelian demo footage` walks through a recording's whole life, and what it leaves can be checked."""

from __future__ import annotations

from pathlib import Path

from narration import in_french

from peelian.demos.demo import demonstrate
from peelian.demos.footage import clock_text
from peelian.oversight.packages import check_package


def test_the_whole_life_of_an_item(tmp_path: Path) -> None:
    said: list[str] = []
    office, record = demonstrate("footage", tmp_path / "demo", say=said.append, progress=lambda says, share: None)
    with office:
        kinds = {str(entry["kind"]) for _, entry in office.kernel.stores.log.read()}
    assert {"KEEPING", "TURNED_AWAY", "DERIVED", "DELIVERED", "HELD", "QUEUED", "RECOVERED", "PUBLISHED"} <= kinds
    assert record["package"]["holds"] and record["log"]["holds"]
    with (tmp_path / "demo" / "demonstration" / "package.zip").open("rb") as file:
        assert check_package(file).ok
    assert Path(record["package"]["file"] + ".receipt").read_bytes().startswith(b"c2sp.org/tlog-proof")
    text = "\n".join(said)
    assert "not a public key" in text and "40 of " in text
    assert "Une copie caviardée" in "\n".join(map(in_french, said))
    assert clock_text(0) == "1970-01-01T00:00:00+00:00"
