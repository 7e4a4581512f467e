"""`peelian footage review` says at once what is wrong, and gives an address whose key nobody can guess."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from desk import entitle
from own_keys import credentials
from terminal import peelian

from peelian.operations.office import open_office
from peelian.technologies.footage.example import example_clip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("review")
    made = peelian("office", "office", "--name", "A town", cwd=where)
    assert made.returncode == 0, made.stderr
    return where


def test_an_unknown_person_and_an_unknown_case_are_told(place: Path) -> None:
    for case, by in (("c-0000000000", "nobody"), ("c-0000000000", "custodian")):
        done = peelian("footage", "review", case, "--as", by, cwd=place)
        assert done.returncode == 2 and done.stderr.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_review_that_a_signal_ends_has_not_failed(place: Path, number: signal.Signals) -> None:
    """What was open is closed, the command ends well, and the case waits for its review as before."""
    clerk = f"clerk-{number.name.lower()}"
    (place / "clip.mp4").write_bytes(example_clip())
    enrol = ("enrol", clerk, "--name", clerk, "--unit", "records", "--role", "clerk", "--as", "custodian")
    assert peelian(*enrol, cwd=place).returncode == 0
    with open_office(place / "office") as office:
        entitle(office.kernel, office.operator(clerk))
    keep = (
        "footage",
        "keep",
        "clip.mp4",
        "--recorded-at",
        "2026-11-01T10:00:00Z",
        "--people-not-known",
        "--as",
        clerk,
        "--json",
    )
    item = json.loads(peelian(*keep, cwd=place).stdout)["dataset"]
    suggested = peelian("footage", "suggest", item, "--as", clerk, "--json", cwd=place)
    (one,) = json.loads(suggested.stdout)["recordings"]
    port = str(_free_port())
    command = [sys.executable, "-m", "peelian", "review", one["case"], "--as", clerk, "--port", port]
    held = os.environ | credentials(place / f"credentials-{clerk}", clerk)
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True, env=held) as serving:
        try:
            assert serving.stdout is not None
            address = serving.stdout.readline().split()[1]
            transport = httpx.HTTPTransport(retries=20)
            with httpx.Client(transport=transport, timeout=60) as reader:
                assert reader.get(f"{address}/picture/0.jpg").status_code == 200, "the recording is open"
            serving.send_signal(number)
            assert serving.wait(30) == 0
        finally:
            serving.kill()
    listed = json.loads(peelian("case", "list", "--json", cwd=place).stdout)
    assert next(case["state"] for case in listed if case["case"] == one["case"]) == "ran"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
