"""What serves until Ctrl-C, at the terminal: a console at a secret address; the broker's files, where they lack."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from broker import free_port, until
from own_keys import credentials
from standing_office import office_at, stands
from terminal import peelian


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    office, town = office_at(tmp_path / "office")
    with office:
        stands(office, town, sensors={"meter-1": "square"}, exercise=True)
    return tmp_path


def test_a_console_is_served_at_its_secret_address_until_it_is_stopped(folder: Path) -> None:
    words = ["watch", "serve", "--as", "dispatcher", "--port", str(free_port())]
    command = [sys.executable, "-m", "peelian", *words]
    held = os.environ | credentials(folder / "credentials", "dispatcher")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=held) as serving:
        try:
            assert serving.stdout is not None
            said = serving.stdout.readline()
            address = said.rpartition(" ")[2].strip()
            assert said.startswith("Console of dispatcher, private: http://127.0.0.1:")
            page = _read(address)
            assert "No alarms waiting" in page and "dispatcher" in page
            assert peelian("retire", "dispatcher", "--as", "custodian", cwd=folder).returncode == 0
            gone = httpx.get(address)
            assert gone.status_code == 409, "what another process did counts here at once"
            serving.send_signal(signal.SIGINT)
            serving.wait(20)
        finally:
            serving.kill()  # a failure above leaves nothing that is waited for
    assert peelian("watch", "list", cwd=folder).returncode == 0


@pytest.mark.parametrize("words", [("watch", "serve", "--as", "dispatcher"), ("sensors", "listen")])
def test_a_file_of_the_broker_that_is_not_there_is_said(folder: Path, words: tuple[str, ...]) -> None:
    done = peelian(*words, "--host", "localhost", "--authority", "nowhere.pem", cwd=folder)
    assert done.returncode == 2 and "nowhere.pem: no such file" in done.stderr
    (folder / "ca.pem").write_text("no certificate")
    done = peelian(*words, "--host", "localhost", "--authority", "ca.pem", cwd=folder)
    assert done.returncode == 2 and "certificates cannot be read" in done.stderr


def _read(address: str) -> str:
    found: list[str] = []

    def answers() -> bool:
        try:
            found.append(httpx.get(address).text)
        except httpx.HTTPError:
            return False
        return True

    assert until(answers)
    return found[0]
