"""The story of a lost database: its connections are cut again and again, at any moment of a case.

Whoever asks is told in our words, every time. What was acknowledged is in the log, and nothing that nobody did.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from deciding import read_and_decide
from desk import Desk
from divided import desk_of
from postgres import USER, Server
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import Unreachable, Unsure
from peelian.kernel import verbs
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import digest_of
from peelian.operations.office import new_office, open_office
from peelian.operations.rebuild import rebuilt

KILLS = 36
NAME = "lost"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'"
REASONS = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}


@pytest.fixture
def office(tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with its people, whose two databases are a server's."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    places = {name: f"{postgres.place()}&application_name={NAME}" for name in ("database", "keys_database")}
    with new_office(tmp_path / "office", name="Town", **places) as made:
        by, board = made.enrol("custodian", name="Custodian", unit="it", roles={Role.CUSTODIAN}), None
        for role in Role:
            if role is not Role.CUSTODIAN:
                short = str(role).replace("_", "-")
                one = made.enrol(short, name=short, unit=f"unit-{short}", roles={role}, by=by, second=board)
                board = one if role is Role.BOARD else board
    return tmp_path / "office"


@contextmanager
def cut_within(postgres: Server, seconds: float) -> Iterator[None]:
    """Every connection of the office is cut once at a moment that nobody knows."""

    def cut() -> None:
        with psycopg.connect(host=str(postgres.folder), user=USER, dbname="postgres", autocommit=True) as own:
            own.execute(CUT)

    timer = threading.Timer(random.uniform(0, seconds), cut)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def whole_case(town: Desk, act: Callable[[str, Callable[[], Any]], Any], given: dict[str, Any]) -> None:
    """A case from its request to its publication, as far as it comes."""
    kernel, people = town.kernel, town.people
    if permit := act("ASKED", lambda: verbs.ask(kernel, people["analyst"], COUNT.id, **given)):
        decided(town, act, act("RAN", lambda: verbs.run(kernel, people["analyst"], permit)))


def decided(town: Desk, act: Callable[[str, Callable[[], Any]], Any], ran: Any) -> None:
    kernel, people = town.kernel, town.people
    if ran is None:
        return
    chosen = act("DECIDED", lambda: read_and_decide(kernel, people["commander"], ran[0], choice="accept", **REASONS))
    if chosen:
        act("PUBLISHED", lambda: verbs.publish(kernel, people["clerk"], chosen, statement="wells were counted"))


def test_a_case_beside_cut_connections_is_done_or_told(office: Path, postgres: Server) -> None:
    told: Counter[str] = Counter()
    done: dict[str, list[str]] = {kind: [] for kind in ("ASKED", "RAN", "DECIDED", "PUBLISHED")}
    unsure: Counter[str] = Counter()
    with open_office(office) as opened:
        town = desk_of(opened)
        kernel = town.kernel
        town.authorizations(COUNT)
        data = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells").dataset
        given = {
            "purpose": sorted(COUNT.asks.purposes)[0],
            "params": COUNT.arithmetic().example().params,
            "datasets": {"wells": data},
        }

        def act(kind: str, verb: Callable[[], Any]) -> Any:
            try:
                made = verb()
            except Unsure as error:
                told[type(error).__name__] += 1
                unsure[kind] += 1
                return None
            except Unreachable as error:  # it says that nothing was recorded
                told[type(error).__name__] += 1
                return None
            document = made[0] if isinstance(made, tuple) else made
            done[kind].append(document.before if kind == "ASKED" else digest_of(document))
            return made

        began = time.monotonic()
        case = verbs.ask(kernel, town.people["analyst"], COUNT.id, **given)
        verbs.run(kernel, town.people["analyst"], case)
        took = 2.5 * (time.monotonic() - began)
        for _ in range(KILLS):
            with cut_within(postgres, took):
                whole_case(town, act, given)
        time.sleep(0.6)  # a connection that was idle for half a second is looked at before it is used
    with open_office(office) as again:
        logged = Counter(str(entry["kind"]) for _, entry in again.kernel.stores.log.read())
        for kind, digests in done.items():
            assert len(set(digests)) == len(digests)
            for digest in digests:
                assert [entry["kind"] for _, entry in again.kernel.stores.log.found("document", digest)] == [kind]
            first = kind in ("ASKED", "RAN")  # the case by which the time was measured
            assert len(digests) <= logged[kind] - first <= len(digests) + unsure[kind], kind
        assert rebuilt(again.kernel) == []
        opened_at = [index for index, entry in again.kernel.stores.log.read(kinds=("OPENED",))]
        assert {intent for intent, _ in again.kernel.stores.vault.keys.openings()} <= set(opened_at)
        assert again.verdict().ok
    assert sum(told.values()) >= KILLS // 3, told  # it was cut in the middle often enough
