"""Uses outside cases: which office is asked, who uses something, and what its log says, whatever kind of office."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from divided import divided_town, peopled
from own_keys import REAL
from terminal import peelian

from peelian.errors import InputError, Refused
from peelian.integrations.person_keys import Credentials, ThrownAway
from peelian.operations.office import open_office
from peelian.operations.outside_uses import (
    Window,
    asked_by,
    entered,
    has_office,
    list_of_offices,
    named_office,
    put_on_list,
    used,
)

ROWS = {"rows": 30, "data": "0" * 64}


def test_without_an_office_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEELIAN_AS", "nobody")
    assert named_office() is None and not has_office()
    entered("mapping")
    used("mapping", "anything", rows=0, data="", windows=[Window(last="2999-01-01", rows=0)])
    monkeypatch.setenv("PEELIAN_OFFICE", "")
    assert not has_office(), "an empty setting names none"


def test_founding_puts_an_office_on_the_list_once_and_a_demonstration_does_not(tmp_path: Path) -> None:
    done = peelian("office", "town", "--name", "Town", cwd=tmp_path)
    assert done.returncode == 0 and str(list_of_offices()) in done.stdout, done.stderr
    put_on_list(tmp_path / "town")
    assert list_of_offices().read_text(encoding="utf-8") == f"{tmp_path / 'town'}\n"
    assert named_office() == tmp_path / "town" and has_office()
    from peelian.demos.demo import demonstrate

    office, _ = demonstrate(tmp_path / "demo", only=["risk"], say=lambda line: None, progress=lambda says, share: None)
    office.close()
    assert "demo" not in list_of_offices().read_text(encoding="utf-8")


def test_a_configuration_that_cannot_be_written_is_told_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    done = peelian("office", "town", "--name", "Town", cwd=tmp_path)
    assert done.returncode == 0 and "Set PEELIAN_OFFICE" in done.stdout, done.stderr


def test_a_list_that_says_no_one_office_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        put_on_list(tmp_path / name)
    with pytest.raises(InputError, match=r"several offices.*PEELIAN_OFFICE"):
        entered("mapping")
    list_of_offices().write_bytes(b"\xff\n")
    with pytest.raises(InputError, match="cannot be read"):
        has_office()


def test_a_file_of_a_folder_that_may_not_be_looked_at_counts_as_there(tmp_path: Path) -> None:
    list_of_offices().parent.mkdir(parents=True)
    list_of_offices().write_text("a" * 5_000 + "\n", encoding="utf-8")  # too long a name: no folder that is gone
    assert named_office() is not None


def test_whoever_uses_something_proves_it_and_windows_lie_in_the_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as town:
        today = town.kernel.now().date()
    yesterday, late = (Window(last=str(today - timedelta(days=k)), rows=20) for k in (1, 0))
    few = Window(last="2020-01-01", rows=19)
    with asked_by(tmp_path / "office", "clerk", Credentials()):
        used("mapping", "places.fit", windows=[yesterday], **ROWS)
        for window, says in ((late, "ended before today"), (few, "at least 20 rows")):
            with pytest.raises(InputError, match=says):
                used("mapping", "places.fit", windows=[yesterday, window], **ROWS)
        for name, value in REAL.items():
            monkeypatch.setattr(Credentials, name, value)
    with asked_by(tmp_path / "office", "clerk", ThrownAway()), pytest.raises(InputError, match="passphrase"):
        used("mapping", "places.fit", **ROWS)
    with open_office(tmp_path / "office") as town:
        found = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "TRIED"]
    assert [(one["technology"], one["format"], one["rows"]) for one in found] == [("mapping", "places-fit", 30)]
    assert "0" * 64 not in str(found), "a token of the digest, which only the office can make again"


def test_a_divided_office_is_asked_as_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        with asked_by(tmp_path / "office", "clerk", Credentials()):
            used("toy", "places.fit", **ROWS)
            from suspending import suspend

            suspend(town.office.kernel, town.people["board"], "toy")
            for call in (lambda: entered("toy.sum"), lambda: used("toy", "places.fit", **ROWS)):
                with pytest.raises(Refused, match="toy is suspended"):
                    call()
        found = [entry for _, entry in town.office.kernel.stores.log.read() if entry["kind"] == "TRIED"]
    assert len(found) == 1
