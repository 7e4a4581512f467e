"""Whoever acts proves who they are: by their key, what they signed, or their session. And no time comes twice."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from desk import desk

from peelian.errors import Refused
from peelian.kernel.policy.authorize import proven_person, time_must_go_on

DIGEST = "ab" * 32


def test_a_key_proves_its_person_and_nobody_else() -> None:
    town = desk(())
    clerk, board = town.people["clerk"], town.people["board"]
    assert proven_person(town.kernel, clerk) == clerk.person
    assert proven_person(town.kernel, dataclasses.replace(clerk, sign=board.sign)) is None


def test_a_signed_document_proves_whoever_signed_it() -> None:
    town = desk(())
    clerk, board = town.people["clerk"], town.people["board"]
    own = clerk.sign(DIGEST.encode()).hex()
    assert proven_person(town.kernel, clerk, (DIGEST, own)) == clerk.person
    for digest, signature in ((DIGEST, board.sign(DIGEST.encode()).hex()), ("cd" * 32, own), (DIGEST, "")):
        assert proven_person(town.kernel, clerk, (digest, signature)) is None


def test_nothing_is_used_while_the_clock_is_more_than_a_minute_behind_the_log() -> None:
    town = desk(())
    town.kernel.append("HEARTBEAT", entries=1)
    town.clock.now -= timedelta(seconds=50)
    time_must_go_on(town.kernel)
    town.clock.now -= timedelta(seconds=20)
    with pytest.raises(Refused, match="behind the log"):
        time_must_go_on(town.kernel)
