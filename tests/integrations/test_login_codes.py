"""Passes from the terminal: taken once, in time, from a private folder; damaged ones are none."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, OutOfOrder
from peelian.integrations.login_codes import FilePasses, leave_pass, pass_at
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.people import signature_holds

KEY = Ed25519PrivateKey.generate()


def now() -> datetime:
    return datetime.now(UTC)


def test_a_pass_is_signed_over_this_run_of_these_pages_and_taken_once(tmp_path: Path) -> None:
    passes = FilePasses(tmp_path / "desk", "office-key")
    code = passes.leave("clerk", KEY)
    (left,) = (tmp_path / "desk").glob("*.pass")
    assert code.replace("-", "") not in left.read_text() + left.name
    assert stat.S_IMODE(left.stat().st_mode) == 0o600 and stat.S_IMODE(left.parent.stat().st_mode) == 0o700
    taken = passes.take(code, now())
    assert taken is not None and taken.short == "clerk"
    text = pass_text("office-key", passes.nonce, taken.hashed, taken.at)
    assert signature_holds(KEY.public_key().public_bytes_raw().hex(), taken.signature, text)
    assert passes.take(code, now()) is None and not list((tmp_path / "desk").glob("*.pass"))


def test_of_many_who_know_a_code_one_has_its_pass(tmp_path: Path) -> None:
    passes = FilePasses(tmp_path / "desk", "k")
    code, found = passes.leave("clerk", KEY), []
    threads = [threading.Thread(target=lambda: found.append(passes.take(code, now()))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in found if one is not None]) == 1


def test_a_pass_of_an_earlier_run_too_old_or_from_the_future_is_none(tmp_path: Path) -> None:
    passes = FilePasses(tmp_path / "desk", "k")
    code = passes.leave("clerk", KEY)
    assert passes.take(code, now() + timedelta(minutes=3)) is None
    code = passes.leave("clerk", KEY)
    assert passes.take(code, now() - timedelta(minutes=1)) is None
    code = passes.leave("clerk", KEY)
    assert FilePasses(tmp_path / "desk", "k").take(code, now()) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"short": 1}', b"null", b"{" * 100_000])
def test_a_damaged_pass_is_none(tmp_path: Path, content: bytes) -> None:
    passes = FilePasses(tmp_path / "desk", "k")
    code = passes.leave("clerk", KEY)
    (left,) = (tmp_path / "desk").glob("*.pass")
    left.write_bytes(content)
    assert passes.take(code, now()) is None


def test_a_pass_whose_time_is_none_is_none(tmp_path: Path) -> None:
    passes = FilePasses(tmp_path / "desk", "k")
    for at in ("yesterday", "2026-01-01", ""):
        code = passes.leave("clerk", KEY)
        (left,) = (tmp_path / "desk").glob("*.pass")
        left.write_text(json.dumps(json.loads(left.read_text()) | {"at": at}))
        assert passes.take(code, now()) is None


def test_where_no_pages_are_served_no_code_is_made(tmp_path: Path) -> None:
    passes = FilePasses(tmp_path / "desk", "k")
    passes.close()
    with pytest.raises(OutOfOrder, match="peelian serve"):
        leave_pass(tmp_path / "desk", "clerk", KEY)
    (tmp_path / "desk" / "challenge").write_bytes(b"x")
    (tmp_path / "desk" / "challenge").chmod(0o600)
    with pytest.raises(InputError, match="damaged"):
        leave_pass(tmp_path / "desk", "clerk", KEY)


@pytest.mark.parametrize("short", ["", "../log", "a/b", "A", "x" * 60, "\n"])
def test_a_short_name_is_no_path(tmp_path: Path, short: str) -> None:
    with pytest.raises(InputError, match="not a short name"):
        pass_at(tmp_path, short)
