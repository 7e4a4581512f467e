"""Every mixture of an office's parts is put back as an older backup has them: database, keys, objects, published log
and the record of what was signed. Each is refused with a remedy, or opens with nothing of what was destroyed come back.
The table of docs/how-to/back-up-and-restore.md says the same of each.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk, Hands, confirm_clock
from labels import register_in_area
from sensing import a_sensor
from toy import COUNT
from years import office_of_years, reopened, swept

from peelian.errors import InputError, IntegrityError, PeelianError
from peelian.kernel import verbs
from peelian.kernel.identity import enrolment
from peelian.kernel.identity.dual_control import approve, propose, rotate_keys
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.formats import Admitted
from peelian.kernel.retention.expiry_job import expire
from peelian.operations.doctor import _of_the_duties, _of_the_keeping
from peelian.operations.office import Office, open_office
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.key_store import KeyStore, open_key_store
from peelian.storage.schema import KEYS

pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
LEFT, CAME = "night", "newcomer"
BYLAW = '@id("no_use") @says("never here") @remedy("none")\nforbid (principal, action, resource) when { false };'
COUNTS = [20] * 96
DATA = ("objects", "state", "log", "bylaws", "office.toml")
PARTS = ("state", "keys/store", "objects", "log", "log.signed")
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "back-up-and-restore.md"


@dataclasses.dataclass(frozen=True)
class Lived:
    """An office as an old backup has it and as it is now; and what was destroyed in between."""

    old: Path
    new: Path
    now: Hands
    days: tuple[date, date]  # released before the backup, and after it
    answers: tuple[object, object]
    case: str  # the digest of a document of a case that is past its time
    destroyed: str  # object
    admitted: str  # dataset, after the backup
    name: str  # the digest of the enrolment of who left
    rings: frozenset[str]  # wrapping keys from before the rotation
    entries: int


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with pytest.MonkeyPatch.context() as patch:
        folder, clock = tmp_path_factory.mktemp("town"), Hands()
        path = office_of_years(folder / "new", clock, patch)
        _set(path, "keep_cases_days = 200")
        town = reopened(path, clock)
        with town.office:
            expire(town.kernel)
            case = _case(town)
            gone, _ = _admitted(town, 30), _admitted(town, 400)
            ends = (clock.now + timedelta(days=360)).date().isoformat()
            register_in_area(town.kernel, town.people, a_sensor(ends=ends))
            name = town.kernel.state.enrolled[town.people[LEFT].person.token]
            first, before = _released(town)
        shutil.copytree(path, folder / "old")
        rings = frozenset(one.name for one in (folder / "old" / "keys").glob("*/ring/*.key"))
        clock.days(2)
        (path / "bylaws").mkdir(exist_ok=True)
        (path / "bylaws" / "a.cedar").write_text(BYLAW)
        _set(path, "keep_refusals_days = 800")
        town = reopened(path, clock)
        with town.office:
            _two_people_agree(town)
            second, after = _released(town)
            token = town.people[LEFT].person.token
            retire(town.kernel, town.people["custodian"], token)
            town.office.forget(town.people["custodian"], token)
            clock.days(100)  # in a quarter whose partitions the backup does not know
            more = {"name": "New", "unit": "n", "roles": {Role.ANALYST}, "by": town.people["custodian"]}
            confirm_clock(town.kernel, town.people["custodian"], town.people["board"])
            town.office.enrol(CAME, trained_until="2099-01-01", **more)
            kept = _admitted(town, 400)
            for days in (210, 8):
                clock.days(days)
                swept(town.kernel, clock)
            state, entries = town.kernel.state, sum(1 for _ in town.kernel.stores.log.read())
            assert gone in state.destroyed and "cases.2026q1" in state.partitions.destroyed
        yield Lived(
            old=folder / "old",
            new=path,
            now=clock,
            days=(first, second),
            answers=(before, after),
            case=case,
            destroyed=state.destroyed[gone].object,
            admitted=kept,
            name=name,
            rings=rings,
            entries=entries,
        )


def _set(path: Path, line: str) -> None:
    settings = path / "office.toml"
    settings.write_text(settings.read_text() + line + "\n")


def _case(town: Desk) -> str:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    return town.kernel.state.histories[decision.case].digests("DECIDED")[0]


def _admitted(town: Desk, days: int) -> str:
    declared = Declaration(
        title="Wells", purposes=("advice",), legal_basis="l", minimisation="m", retention_days=days, source="s"
    )
    taken = Admitted(table=COUNT.arithmetic().example().datasets["wells"].table, facts={})
    return verbs.admit(town.kernel, town.people["custodian"], declared, taken, format="toy-wells").dataset


def _released(town: Desk) -> tuple[date, object]:
    town.clock.days(1)
    day = town.kernel.now().date() - timedelta(days=1)
    return day, town.office.release_counts(town.people["clerk"], "square-1", day, COUNTS)


def _two_people_agree(town: Desk) -> None:
    kernel, custodian, board = town.kernel, town.people["custodian"], town.people["board"]
    bylaws = {"digest": kernel.policy.engine.digest("bylaws")}  # type: ignore[attr-defined]  # the policy have one
    for what, body in (("bylaws", bylaws), ("rotate_keys", None)):
        digest = propose(kernel, custodian, what, words="the council decided on it", body=body)
        prove(kernel, board)
        approve(kernel, board, digest)
    rotate_keys(town.office.kernel, custodian, digest)


@pytest.fixture
def mixed(lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], Path]:
    """The office of now in which these parts are as the old backup has them."""
    monkeypatch.setattr(enrolment, "MOST_TRAINED", timedelta(days=36_500))
    monkeypatch.setattr("peelian.operations.office.technologies", _technologies)

    def mix(parts: Sequence[str], of: Path = lived.old) -> Path:
        path = tmp_path / "office"
        if not path.exists():
            shutil.copytree(lived.new, path)
        for part in parts:
            there, other = path / part, of / part
            shutil.rmtree(there) if there.is_dir() else there.unlink(missing_ok=True)
            if other.exists():
                shutil.copytree(other, there) if other.is_dir() else shutil.copy2(other, there)
        return path

    return mix


def _technologies() -> tuple[object, ...]:
    from toy import TOY
    from toy_watch import TOY_WATCH

    return TOY, TOY_WATCH


def _nothing_came_back(office: Office, lived: Lived) -> None:
    kernel, path = office.kernel, office.path
    assert path is not None
    with pytest.raises(PeelianError):
        kernel.stores.archive.get(lived.case)
    assert "cases.2026q1" not in kernel.stores.archive.partitions() and kernel.stores.archive.is_destroyed(
        "cases.2026q1"
    )  # type: ignore[attr-defined]  # of files
    assert lived.destroyed not in kernel.stores.vault.living() | kernel.stores.vault.kept()  # type: ignore[attr-defined]  # of files
    assert (
        kernel.stores.directory.known(lived.name) is None and not (path / "keys" / "operators" / f"{LEFT}.pem").exists()
    )
    assert lived.rings.isdisjoint(one.name for one in (path / "keys").glob("*/ring/*.key"))


def _told(office: Office) -> str:
    return "\n".join(
        f"{one.what} -> {one.remedy}" for one in (*_of_the_keeping(office), *_of_the_duties(office.kernel))
    )


BEHIND = r"The log has [\d,]+ entries, but [\d,]+ when .* was last used\. .*Restore the newest log"
REFUSED = [
    *((parts, BEHIND) for n in range(1, len(PARTS)) for parts in itertools.combinations(PARTS, n) if "state" in parts),
    (("keys/store",), r"lost the key of archive partition .*Restore the keys from their backup"),
    (("keys",), r"lost the key of archive partition .*Restore the keys from their backup"),
    (DATA, BEHIND),
    ((*DATA, "log.signed"), BEHIND),
]


@pytest.mark.parametrize(("parts", "says"), REFUSED, ids=["+".join(parts) for parts, _ in REFUSED])
def test_what_does_not_belong_together_is_refused_and_nothing_is_lost_by_trying(
    lived: Lived, mixed: Callable[..., Path], parts: tuple[str, ...], says: str
) -> None:
    path = mixed(parts)
    for _ in range(2):
        with pytest.raises(IntegrityError, match=says):
            open_office(path, clock=lived.now)
    mixed(parts, lived.new)  # the remedy: the part that belongs to the others
    with open_office(path, clock=lived.now) as office:
        _nothing_came_back(office, lived)
        assert sum(1 for _ in office.kernel.stores.log.read()) == lived.entries
        assert office.operator(CAME) and office.kernel.state.datasets[lived.admitted]
    assert verify_log(path / "log").ok


def _keys_of_people(office: Office, lived: Lived) -> None:
    with pytest.raises(InputError, match="key folder's own backup"):
        office.keys.of(CAME)


def _objects(office: Office, lived: Lived) -> None:
    assert f"The encrypted object of {lived.admitted} is missing" in _told(office)


def _published_log(office: Office, lived: Lived) -> None:
    """It is behind until the log is next signed: outsiders then see all of it again."""
    assert verify_log(lived.old / "log").ok
    assert office.verdict().size == lived.entries


def _record_of_what_was_signed(office: Office, lived: Lived) -> None:
    assert (lived.new / "log.signed").read_bytes() != (lived.old / "log.signed").read_bytes()


def _bylaws(office: Office, lived: Lived) -> None:
    assert "The bylaws in the folder differ from those adopted. Uses are blocked." in _told(office)


def _settings(office: Office, lived: Lived) -> None:
    assert office.kernel.retention_days["refusals"] == 731
    expire(office.kernel)
    partitions, now = office.kernel.state.partitions, office.kernel.now()
    assert partitions.days("refusals", now) == 800, "a time that was made shorter counts in 30 days"
    assert partitions.days("refusals", now + timedelta(days=31)) == 731


OPENS = [
    ("keys/operators", _keys_of_people),
    ("objects", _objects),
    ("log", _published_log),
    ("log.signed", _record_of_what_was_signed),
    ("bylaws", _bylaws),
    ("office.toml", _settings),
]


@pytest.mark.parametrize(("part", "holds"), OPENS, ids=[part for part, _ in OPENS])
def test_what_opens_brings_nothing_back_and_says_what_it_lacks(
    lived: Lived, mixed: Callable[..., Path], part: str, holds: Callable[[Office, Lived], None]
) -> None:
    path = mixed((part,))
    with open_office(path, clock=lived.now) as office:
        _nothing_came_back(office, lived)
        holds(office, lived)
    assert verify_log(path / "log").ok


HEALED = ("keys/store", "objects", "log", "log.signed", "keys/operators")


@pytest.mark.parametrize(
    "parts",
    [parts for n in range(1, len(HEALED) + 1) for parts in itertools.combinations(HEALED, n)],
    ids="+".join,
)
def test_beside_the_newest_database_older_parts_bring_nothing_back(
    lived: Lived, mixed: Callable[..., Path], parts: tuple[str, ...]
) -> None:
    """Keys of then that know every partition, as where none began since."""
    path = mixed(parts)
    if "keys/store" in parts:
        _with_the_partitions_of_now(path, lived)
    with open_office(path, clock=lived.now) as office:
        _nothing_came_back(office, lived)
        said = _told(office)
        if "objects" in parts or "keys/store" in parts:
            assert f"The encrypted object of {lived.admitted}" in said
        if "keys/store" in parts:
            assert "keys/store" in said
            assert "missing from the directory: 1. -> Restore the database and keys/store" in said
        office.checkpoint()
    verdict = verify_log(path / "log")
    assert verdict.ok and verdict.size >= lived.entries


def _with_the_partitions_of_now(path: Path, lived: Lived) -> None:
    """Give the older key store the keys of partitions of now, as if nothing had been put since the rotation."""
    older, newer = (open_key_store(folder / "keys" / "store") for folder in (path, lived.new))
    for name, live in newer.states().items():
        if live and name.startswith("partition "):
            if older.state(name):
                _without(older, name)
            older.add(name, newer.unwrapped(name))
    older.close()
    newer.close()


def _without(keys: KeyStore, name: str) -> None:
    with keys.database.writing() as connection:
        connection.execute(KEYS.delete().where(KEYS.c.object == name))


def test_keys_of_before_a_rotation_are_refused_where_they_cannot_read_what_was_put_since(
    lived: Lived, mixed: Callable[..., Path]
) -> None:
    path = mixed(("keys/store",))
    older, newer = (open_key_store(folder / "keys" / "store") for folder in (path, lived.new))
    for name, live in newer.states().items():
        if live and name.startswith("partition ") and not older.state(name):
            older.add(name, newer.unwrapped(name))  # of partitions that began since
    older.close()
    newer.close()
    with pytest.raises(IntegrityError, match="from before the keys were last replaced"):
        open_office(path, clock=lived.now)
    mixed(("keys/store",), lived.new)
    with open_office(path, clock=lived.now) as office:
        _nothing_came_back(office, lived)


def test_a_whole_office_of_one_old_backup_opens_and_only_the_witness_sees_it(
    lived: Lived, mixed: Callable[..., Path]
) -> None:
    path = mixed(tuple(one.name for one in lived.new.iterdir()))
    with open_office(path, clock=lived.now) as office:
        assert sum(1 for _ in office.kernel.stores.log.read()) < lived.entries
        assert office.kernel.stores.archive.get(lived.case) and office.operator(LEFT), "it is the office of then"


def test_the_page_has_a_row_for_each_mixture() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), flags=re.M)
    said = {frozenset(re.findall(r"`(.*?)`", row)) for row in rows}
    wanted = [("keys/store",), ("keys",), *((part,) for part, _ in OPENS)]
    assert {frozenset(parts) for parts in wanted} <= said and any("state" in parts for parts in said)
