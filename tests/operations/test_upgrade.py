"""An office of an older format is left as it is by every look, upgraded by one command, and never called damaged."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from divided import answering, peopled
from kept_office import SET_BACK, TOO_OLD, before_released_counts, the_day_after, unpacked, unpacked_on
from postgres import Server
from terminal import peelian

from peelian.errors import DiskReadOnly, InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.integrations.login_codes import SERVING
from peelian.operations import backup as backup_module
from peelian.operations import upgrade as upgrade_module
from peelian.operations.backup import back_up, must_be_whole
from peelian.operations.dividing import divide
from peelian.operations.doctor import examined
from peelian.operations.office import new_office, open_office
from peelian.operations.rebuild import rebuilt_at
from peelian.operations.upgrade import looked_over, upgrade
from peelian.storage import private_files
from peelian.storage.database import as_it_is
from peelian.storage.migrate import stated_version
from peelian.storage.office_format import FORMAT
from peelian.storage.office_settings import database_place, read_settings
from peelian.storage.schema import VERSION

LOOKS = (
    "case list", "doctor", "doctor --rebuild", "doctor --repair", "people list", "case register",
    "oversight compliance", "proposals list", "retention list", "retention run", "sensors list", "watch list",
    "machine ask-witness", "breach drills", "serve", "log-on --as board",
    "authorization suspend mapping --as board --reason fault", "machine upgrade --check",
)  # fmt: skip
FALSE = re.compile("damage|breach|endommag|incident", re.IGNORECASE)


def bytes_of(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def version_at(path: Path) -> str:
    place = database_place(path, read_settings(path, of_any_format=True))
    with closing(as_it_is(place)) as database, database.reading() as connection:
        return stated_version(connection)


def is_whole(path: Path) -> None:
    assert 'format = 1\nneeds = "0.1.0"\n' in (path / "office.toml").read_text() and version_at(path) == VERSION
    assert rebuilt_at(path) == []
    with open_office(path, clock=the_day_after()) as office:
        assert office.verdict().ok and office.kernel.state.people


@pytest.mark.parametrize("older", [*TOO_OLD, None], ids=lambda one: one.name if one else "f72ad466")
def test_no_look_changes_a_byte_of_an_older_office_or_calls_it_damaged(older: Path | None, tmp_path: Path) -> None:
    path = unpacked(tmp_path, *([older] if older else []))
    before = bytes_of(path)
    for look in LOOKS:
        done = peelian(*look.split(), "--office", str(path), cwd=tmp_path)
        said = done.stdout + done.stderr
        assert not FALSE.search(said), f"{look}: {said}"
        assert done.returncode != 0 or look == "machine upgrade --check", look
        if older:
            assert "made by an older format" in said and "register --language en --to FILE" in said, look
        elif look != "machine upgrade --check":
            assert (
                "older format (no number; this program reads format 1)" in said and "peelian machine upgrade" in said
            ), look
        assert bytes_of(path) == before, look
    assert peelian("verify", str(path), cwd=tmp_path).returncode == 0
    french = peelian("--lang", "fr", "doctor", "--office", str(path), cwd=tmp_path).stdout
    assert "format" in french and "older" not in french and not FALSE.search(french)
    assert bytes_of(path) == before


@pytest.mark.parametrize("older", TOO_OLD, ids=lambda one: one.name)
def test_an_office_from_before_the_first_format_is_not_upgraded(older: Path, tmp_path: Path) -> None:
    path = unpacked(tmp_path, older)
    before = bytes_of(path)
    with pytest.raises(InputError, match="made by an older format") as error:
        upgrade(path)
    assert "exports the register" in error.value.accepted
    assert bytes_of(path) == before and sorted(tmp_path.iterdir()) == [path]


def test_the_check_says_what_would_be_done_and_the_upgrade_does_it_once(tmp_path: Path) -> None:
    path = before_released_counts(unpacked(tmp_path))
    told = peelian("machine", "upgrade", "--check", "--office", str(path), cwd=tmp_path)
    assert "Would be upgraded: format – to 1" in told.stdout and "Migrations of the database: 1" in told.stdout
    assert "office-before-format-1" in told.stdout and not (tmp_path / "office-before-format-1").exists()
    plan = upgrade(path, clock=the_day_after())
    assert plan.migrations == ("0002",) and plan.before == 0 and plan.entries == must_be_whole(plan.backup)
    is_whole(path)
    with sqlite3.connect(plan.backup / "state" / "state.db") as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    before = bytes_of(path)
    again = peelian("machine", "upgrade", "--office", str(path), cwd=tmp_path)
    assert again.returncode == 0 and "Nothing to do" in again.stdout and bytes_of(path) == before


def test_what_is_backed_up_puts_the_office_back_as_it_was(tmp_path: Path) -> None:
    path = before_released_counts(unpacked(tmp_path))
    plan = upgrade(path, backup=tmp_path / "kept", clock=the_day_after())
    for name in ("office.toml", "state/state.db"):
        shutil.copyfile(plan.backup / name, path / name)
    assert version_at(path) == "0001"
    with pytest.raises(InputError, match="older format"):
        read_settings(path)
    upgrade(path, backup=tmp_path / "again", clock=the_day_after())
    is_whole(path)


# ---- killed half-way


def _killed_in(place: Any, name: str, *, when: Callable[..., bool] = lambda *_: True, after: bool = False) -> None:
    """Have this process killed when it comes to a function, or when it has done what that does."""
    real = getattr(place, name)

    def cut(*given: Any, **more: Any) -> Any:
        done = real(*given, **more) if after else None
        if when(*given):
            os.kill(os.getpid(), signal.SIGKILL)
        return done if after else real(*given, **more)

    setattr(place, name, cut)


def _op() -> Any:
    from alembic import op

    return op


BACKUP, UPGRADE, FILES = backup_module, upgrade_module, private_files
POINTS: dict[str, Callable[[], None]] = {
    "while the database is copied": lambda: _killed_in(BACKUP, "copy_database", after=True),
    "before the backup has its name": lambda: _killed_in(BACKUP.os, "rename"),
    "after the backup has its name": lambda: _killed_in(BACKUP, "must_be_whole"),
    "in the middle of a migration": lambda: _killed_in(_op(), "create_table", after=True),
    "before the migration is kept": lambda: _killed_in(UPGRADE, "_must_be_as_declared"),
    "after the migration is kept": lambda: _killed_in(UPGRADE, "write_settings"),
    "before the number is in place": lambda: _killed_in(
        FILES.os, "replace", when=lambda _, to: Path(to).name == "office.toml"
    ),
    "after the number is in place": lambda: _killed_in(UPGRADE, "write_settings", after=True),
}


def killed(path: Path, point: str) -> None:
    """Upgrade in a process of its own that is killed at this point, by the system."""
    if (child := os.fork()) == 0:
        try:
            POINTS[point]()
            upgrade(path, clock=the_day_after())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, point


@pytest.mark.parametrize("point", POINTS)
def test_killed_half_way_it_is_run_again(point: str, tmp_path: Path) -> None:
    path = before_released_counts(unpacked(tmp_path))
    killed(path, point)
    try:
        read_settings(path)
        assert point == "after the number is in place"
    except InputError as error:
        assert "older format" in error.wrong
    upgrade(path, clock=the_day_after())
    is_whole(path)
    backup = tmp_path / "office-before-format-1"
    assert must_be_whole(backup) > 0
    with closing(sqlite3.connect(backup / "state" / "state.db")) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)], "as it was before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["office", "office-before-format-1"]


@pytest.fixture
def on_server(postgres: Server, tmp_path: Path) -> Path:
    path = unpacked_on(postgres, tmp_path)
    for name in ("database.sql", "keys_database.sql"):
        (tmp_path / name).unlink()
    place = database_place(path, read_settings(path, of_any_format=True))
    with closing(as_it_is(place)) as database, database.writing() as connection:
        for statement in SET_BACK:
            connection.exec_driver_sql(statement)
    return path


@pytest.mark.parametrize("point", ["in the middle of a migration", "after the migration is kept"])
def test_on_postgresql_too(point: str, on_server: Path, tmp_path: Path) -> None:
    assert looked_over(on_server).migrations == ("0002",) and version_at(on_server) == "0001"
    killed(on_server, point)
    assert version_at(on_server) == ("0001" if "middle" in point else VERSION)
    upgrade(on_server, clock=the_day_after())
    is_whole(on_server)
    assert (tmp_path / "office-before-format-1" / "state" / "state.dump").stat().st_size > 10_000
    assert not upgrade(on_server).is_needed


# ---- by two, while served, by another user, of another office


def test_of_two_at_once_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, begun, go_on = before_released_counts(unpacked(tmp_path)), threading.Event(), threading.Event()
    real = UPGRADE.migrate

    def slow(*given: Any, **more: Any) -> None:
        begun.set()
        assert go_on.wait(60)
        real(*given, **more)

    monkeypatch.setattr(UPGRADE, "migrate", slow)
    first = threading.Thread(target=lambda: upgrade(path, clock=the_day_after()))
    first.start()
    assert begun.wait(60)
    with pytest.raises(OutOfOrder, match="Another process upgrades this office"):
        upgrade(path)
    with pytest.raises(InputError, match="older format"):
        read_settings(path)
    go_on.set()
    first.join()
    is_whole(path)


def test_while_its_pages_are_served_it_is_not_upgraded(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    before = (path / "office.toml").read_bytes()
    told = pytest.raises(OutOfOrder, match="Stop them first")
    with closing(as_it_is(path / "state" / "state.db")) as served, served.alone(SERVING, shared=True), told:
        upgrade(path)
    assert (path / "office.toml").read_bytes() == before and sorted(tmp_path.iterdir()) == [path]


@pytest.fixture
def for_all() -> Iterator[Path]:
    """A folder that every user of this machine reaches."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize(("mode", "owner", "says"), [(0o500, 65534, DiskReadOnly), (0o777, 0, InputError)])
def test_a_folder_that_cannot_be_written_or_is_another_users_is_left(
    mode: int, owner: int, says: type[PeelianError], for_all: Path
) -> None:
    path = unpacked(for_all)
    for one in (path, *path.rglob("*")):
        os.chown(one, 65534, 65534)
    os.chown(path, owner, owner)
    path.chmod(mode)
    before = bytes_of(path)
    if (child := os.fork()) == 0:
        code = 1
        try:
            os.setuid(65534)
            upgrade(path, backup=for_all / "kept")
        except PeelianError as error:
            code = 7 if isinstance(error, says) and "damaged" not in str(error) else 8
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert bytes_of(path) == before and not (for_all / "kept").exists()


def test_the_database_or_key_store_of_another_office_is_told(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    with new_office(tmp_path / "other", name="Other town") as other:
        other.enrol("custodian", name="C", unit="it", roles=set())
        other.checkpoint()
    for name in ("state/state.db", "keys/store/keys.db"):
        own = (path / name).read_bytes()
        shutil.copyfile(tmp_path / "other" / name, path / name)
        before = bytes_of(path)
        for look in (looked_over, upgrade):
            with pytest.raises(InputError, match="is not this office's"):
                look(path)
        assert bytes_of(path) == before
        (path / name).write_bytes(own)
    upgrade(path, clock=the_day_after())


def test_a_backup_folder_that_is_taken_or_inside_is_refused(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    (tmp_path / "taken").mkdir()
    with pytest.raises(InputError, match="taken already exists"):
        upgrade(path, backup=tmp_path / "taken")
    with pytest.raises(InputError, match="inside the office"):
        upgrade(path, backup=path / "kept")
    assert not (path / "kept").exists()
    with pytest.raises(InputError, match="older format"):
        read_settings(path)


def test_a_database_whose_copy_could_not_be_put_back_is_not_upgraded(tmp_path: Path) -> None:
    """The list of a backup's files vouches for the copy as it was made, not for what the copy was made of."""
    path = unpacked(tmp_path)
    file = path / "state" / "state.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        (size,) = database.execute("PRAGMA page_size").fetchone()
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries_of_case'").fetchone()
    content = bytearray(file.read_bytes())
    content[root * size - 1] ^= 1  # the first entry of an index points to another row
    file.write_bytes(content)
    before = bytes_of(path)
    with pytest.raises(IntegrityError, match="the database is not whole"):
        upgrade(path, backup=tmp_path / "kept", clock=the_day_after())
    assert bytes_of(path) == before


def test_the_two_folders_of_a_divided_office_have_a_number_each_and_are_upgraded_each(tmp_path: Path) -> None:
    path, registrar, socket = unpacked(tmp_path), tmp_path / "registrar", tmp_path / "socket"
    upgrade(path, clock=the_day_after())
    divide(path, registrar, socket)
    with answering(registrar, socket), open_office(path):
        pass
    for folder in (registrar, path):
        settings = folder / "office.toml"
        told = settings.read_text()
        assert told.startswith('format = 1\nneeds = "0.1.0"\n')
        settings.write_text(told.partition("\n")[2].partition("\n")[2])
        with pytest.raises(InputError, match="older format"):
            open_office(folder)
        assert upgrade(folder, backup=tmp_path / f"{folder.name}-kept").is_needed and settings.read_text() == told
    with answering(registrar, socket), open_office(path) as office:
        assert office.verdict().ok and len(office.kernel.state.people) == 9


def test_a_backup_has_the_number_and_one_without_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "town"
    peopled(path)
    back_up(path, "custodian", tmp_path / "data", keys=tmp_path / "keys")
    assert (tmp_path / "data" / "office.toml").read_text().startswith("format = 1\n")
    shutil.copytree(tmp_path / "data", tmp_path / "restored")
    shutil.copytree(tmp_path / "keys", tmp_path / "restored" / "keys")
    settings = tmp_path / "restored" / "office.toml"
    settings.write_text(settings.read_text().replace("format = 1\n", ""))
    with pytest.raises(InputError, match="older format"):
        open_office(tmp_path / "restored")


# ---- the number


@pytest.mark.parametrize("number", ["0", "-1", '"1"', '"one"', "1.5", "true", "[1]", "10000", "9" * 30, "9" * 5000])
def test_a_number_that_is_none_is_told_and_not_called_older(number: str, tmp_path: Path) -> None:
    with new_office(tmp_path / "town", name="Town"):
        pass
    settings = tmp_path / "town" / "office.toml"
    settings.write_text(settings.read_text().replace("format = 1", f"format = {number}"))
    before = bytes_of(tmp_path / "town")
    says = "settings are damaged" if len(number) > 4_000 else "not a number of a format"
    for look in (open_office, looked_over, upgrade):
        with pytest.raises(InputError, match=says):
            look(tmp_path / "town")
    assert bytes_of(tmp_path / "town") == before
    assert any(re.search(says, one.what) for one in examined(tmp_path / "town"))


@pytest.mark.parametrize(
    ("needs", "accepted"),
    [
        ('needs = "0.7.1"\n', "peelian ≥ 0.7.1"),
        ("", "the newest version of peelian"),
        ('needs = "<b>"\n', "the newest"),
    ],
)
def test_a_newer_office_is_told_which_program_reads_it(needs: str, accepted: str, tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    settings = path / "office.toml"
    settings.write_text(f"format = {FORMAT + 1}\n{needs}future = 3\n")  # nothing else in it may be known
    before = bytes_of(path)
    for look in (open_office, read_settings, looked_over, upgrade):
        with pytest.raises(InputError, match=r"newer program \(format 2; this one reads format 1\)") as error:
            look(path)
        assert error.value.accepted.startswith(accepted)
    [only] = examined(path)
    assert "newer program" in only.what and only.remedy.startswith(accepted) and bytes_of(path) == before


def test_the_database_of_a_newer_program_is_told(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    upgrade(path, clock=the_day_after())
    with closing(sqlite3.connect(path / "state" / "state.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0003'")
        database.commit()
    for look in (open_office, looked_over, upgrade):
        with pytest.raises(InputError, match="a newer program made or upgraded this database"):
            look(path)


def test_an_older_database_put_under_this_format_is_brought_up_to_date(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    upgrade(path, clock=the_day_after())
    before_released_counts(path)
    with pytest.raises(InputError, match="the database has an older format"):
        open_office(path)
    upgrade(path, backup=tmp_path / "again", clock=the_day_after())
    is_whole(path)


def test_an_older_office_whose_schema_was_altered_is_not_upgraded(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    with closing(sqlite3.connect(path / "state" / "state.db")) as database:
        database.execute("DROP INDEX cases_state")
        database.commit()
    before = bytes_of(path)
    with pytest.raises(IntegrityError, match=r"index cases_state\. Nothing was upgraded"):
        upgrade(path)
    assert bytes_of(path) == before


def test_a_database_that_is_gone_is_named(tmp_path: Path) -> None:
    path = unpacked(tmp_path)
    (path / "state" / "state.db").unlink()
    with pytest.raises(InputError, match=r"state/state\.db is missing"):
        upgrade(path)
    assert not (path / "state" / "state.db").exists()
