"""What serves until Ctrl-C, at the terminal: the gateway of the watches; the broker's files, where they lack."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from broker import free_port, until
from standing_office import message, meter, office_at, stands
from terminal import peelian


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    office, town = office_at(tmp_path / "office")
    with office:
        stands(office, town, sensors={"meter-1": "square"}, exercise=True)
        meter(town, "meter-1")
    return tmp_path


def test_the_gateway_runs_until_it_is_stopped_and_takes_readings_by_http(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "peelian", "watch", "serve", "--http-port", str(port)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline().startswith(f"Watches running: 1. Listening to http://127.0.0.1:{port}")
            at = f"http://127.0.0.1:{port}/readings/meter-1"
            assert until(lambda: _answer(at) == 401), "the door is there, for a sensor with its key"
            key = peelian("watch", "key", "meter-1", cwd=folder).stdout.split()[-1]
            now = datetime.now(UTC).replace(microsecond=0)
            assert _answer(at, key, message(now, 61.7)) == 204
            serving.send_signal(signal.SIGINT)
            assert serving.wait(20) == 0
        finally:
            serving.kill()  # a failure above leaves nothing that is waited for
    assert peelian("watch", "list", "--as", "commander", cwd=folder).returncode == 0
    done = peelian("watch", "serve", cwd=folder)
    assert done.returncode == 2 and "no source of readings" in done.stderr


@pytest.mark.parametrize("words", [("watch", "serve"), ("sensors", "listen")])
def test_a_file_of_the_broker_that_is_not_there_is_said(folder: Path, words: tuple[str, ...]) -> None:
    done = peelian(*words, "--host", "localhost", "--authority", "nowhere.pem", cwd=folder)
    assert done.returncode == 2 and "nowhere.pem: no such file" in done.stderr
    (folder / "ca.pem").write_text("no certificate")
    done = peelian(*words, "--host", "localhost", "--authority", "ca.pem", cwd=folder)
    assert done.returncode == 2 and "certificates cannot be read" in done.stderr


def _answer(address: str, key: str = "of-another", body: bytes = b"{}") -> int:
    try:
        return httpx.post(address, content=body, headers={"authorization": f"Bearer {key}"}).status_code
    except httpx.HTTPError:
        return 0
