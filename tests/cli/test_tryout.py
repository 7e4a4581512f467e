"""The first minutes at the terminal: try and demo."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from broker import until
from invented import incidents_csv
from terminal import peelian


def test_try_writes_two_reports_and_says_what_came_in(tmp_path: Path) -> None:
    incidents_csv(tmp_path / "i.csv")
    words = ["try", "mapping", "i.csv", "--out", "out", "--models", "long_run,decayed", "--json"]
    words += ["--offsets", "1", "--origins", "24"]
    record = json.loads(peelian(*words, cwd=tmp_path).stdout)
    assert record["rows"] == {"incidents": 4000}
    assert {"mapping.html", "mapping.json"} <= {p.name for p in (tmp_path / "out").iterdir()}


def test_try_says_what_is_wrong(tmp_path: Path) -> None:
    incidents_csv(tmp_path / "i.csv", n=40, weeks=4)
    for words, code in (
        (["try", "drones", "i.csv", "--out", "out"], 2),
        (["try", "mapping", "nothing.csv", "--out", "out"], 2),
        (["try", "mapping", "i.csv", "--out", "out"], 2),
        (["try", "mapping", "i.csv", "--out", "out", "--groups", "renters"], 2),
        (["try", "mapping", "i.csv", "--out", "out", "--cell-metres", "wide"], 2),
        (["try", "mapping", "i.csv", "--out", "out", "--language", "de"], 2),
    ):
        done = peelian(*words, cwd=tmp_path)
        assert done.returncode == code and done.stderr.strip(), words
    assert not (tmp_path / "out").exists()


def test_demonstrations_are_listed_and_unknown_ones_named(tmp_path: Path) -> None:
    assert "mapping" in json.loads(peelian("demo", "--list", "--json", cwd=tmp_path).stdout)
    assert peelian("demo", "--only", "drones", cwd=tmp_path).returncode == 2
    listed = peelian("demo", "--list", cwd=tmp_path).stdout.splitlines()
    assert listed and all(line.endswith(".") and len(line) <= 80 for line in listed), "each says what it shows"


def test_the_town_is_served_to_be_played_and_the_command_line_works_meanwhile(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "peelian", "demo", "--only", "risk", "--serve", "--port", str(port)]
    with (tmp_path / "told").open("w") as told, subprocess.Popen(words, cwd=tmp_path, stdout=told) as running:
        try:
            while running.poll() is None and not (home := _got(f"http://localhost:{port}/en/")):
                time.sleep(0.1)
            assert "choose who you are" in home and "people and acts are played" in home
            assert (
                "Demonstration auditor"
                in peelian("people", "list", "--as", "custodian", "--office", "demo-office", cwd=tmp_path).stdout
            )
            own = incidents_csv(tmp_path / "i.csv", n=40, weeks=4)
            admit = [
                "admit",
                str(own),
                "--title",
                "Own",
                "--purpose",
                "proof",
                "--legal-basis",
                "law",
                "--minimisation",
                "no",
            ]
            refused = peelian(*admit, "--source", "us", "--as", "custodian", "--office", "demo-office", cwd=tmp_path)
            assert refused.returncode == 2 and "no data of its own" in refused.stderr, refused.stderr
            assert "are played" in peelian("verify", "demo-office", cwd=tmp_path).stdout
        finally:
            running.send_signal(signal.SIGINT)
    assert "Choose who you are" in (tmp_path / "told").read_text(encoding="utf-8")


def _got(address: str) -> str:
    """The page at an address; nothing where nobody answers yet."""
    try:
        return httpx.get(address).text
    except httpx.HTTPError:
        return ""


def test_try_takes_further_files_by_role_and_picks_the_audit_that_fits(tmp_path: Path) -> None:
    from importlib import resources

    with resources.as_file(resources.files("peelian.technologies.faces") / "examples") as here:
        scores = [
            "try",
            "faces",
            str(here / "pyeer_exp1_true.txt.gz"),
            "--format",
            "pyeer-scores",
            "--option",
            "kind=genuine",
        ]
        more = ["--more", f"more_scores={here / 'pyeer_exp1_false.txt.gz'}", "--format", "more_scores=pyeer-scores"]
        both = [*scores, *more, "--option", "more_scores.kind=impostor", "--out", "a", "--json"]
        rows = json.loads(peelian(*both, cwd=tmp_path).stdout)["rows"]
        assert set(rows) == {"scores", "more_scores"}
        table = ["try", "faces", str(here / "frvt_11_gender_race.csv"), "--out", "b", "--json"]
        assert set(json.loads(peelian(*table, cwd=tmp_path).stdout)["rows"]) == {"rates"}
    stray = peelian(*scores, "--option", "nothing.kind=impostor", "--out", "c", cwd=tmp_path)
    assert stray.returncode == 2 and "role" in stray.stderr


@pytest.mark.parametrize(
    ("number", "wait"), [(signal.SIGTERM, "report"), (signal.SIGINT, "report"), (signal.SIGINT, "")]
)
def test_a_trial_that_is_killed_leaves_whole_files_and_says_what_they_hold(
    tmp_path: Path, number: signal.Signals, wait: str
) -> None:
    incidents_csv(tmp_path / "i.csv", n=40_000, weeks=200)
    words = [sys.executable, "-m", "peelian", "try", "mapping", "i.csv", "--out", "out"]
    with subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        assert running.stderr is not None
        heard = [next(line for line in running.stderr if "so far" in line)] if wait else []
        assert until(lambda: (_is_at_work if wait else _hears_sigterm)(running.pid))
        os.killpg(running.pid, number)  # as a terminal does: every process of the trial hears it
        heard.append(running.stderr.read())
    told = "".join(heard)
    assert running.returncode == 128 + number and "Traceback" not in told and "Stopped." in told, told
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*")} if wait else {}
    assert not [name for name in files if name.endswith(".part")]
    assert (
        bool(files) == bool(wait)
        and ("Still to come" if wait else "No report was written") in told.split("Stopped.")[1]
    )
    if wait:
        assert json.loads(files["mapping.json"])["waiting"]
        assert files["mapping.html"].rstrip().endswith(b"</html>") and b"not complete" in files["mapping.html"]
        assert files["mapping.pdf"].rstrip().endswith(b"%%EOF")
        again = peelian("try", "mapping", "i.csv", "--out", "out", *QUICK, cwd=tmp_path)
        assert again.returncode == 0 and "starts anew" in again.stderr
        assert not json.loads((tmp_path / "out" / "mapping.json").read_text(encoding="utf-8"))["waiting"]


def _is_at_work(pid: int) -> bool:
    """Whether its next run has begun in a process apart, which came so far that it works with numbers."""
    begun = [one for each in Path(f"/proc/{pid}/task").glob("*/children") for one in each.read_text().split()]
    with contextlib.suppress(OSError):  # one that ended meanwhile
        runs = [one for one in begun if b"multiprocessing.connection" in Path(f"/proc/{one}/cmdline").read_bytes()]
        return bool(runs) and all("numpy" in Path(f"/proc/{one}/maps").read_text() for one in runs)
    return False


def _hears_sigterm(pid: int) -> bool:
    """Whether the process has come so far that it catches SIGTERM."""
    caught = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").split("SigCgt:")[1].split()[0]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


QUICK = ["--category", "assault", "--models", "decayed", "--offsets", "1", "--origins", "26"]


def test_a_file_that_police_found_is_refused_with_what_would_be_accepted(tmp_path: Path) -> None:
    path = incidents_csv(tmp_path / "i.csv", n=600)
    path.write_text(path.read_text().replace("Assault", "Drugs").replace("Break and Enter", "Drugs"), encoding="utf-8")
    for language, words in (
        ("en", ("depends on where they look", "that people report")),
        ("fr", ("des lieux où elle", "que les gens")),
    ):
        done = peelian("--lang", language, "try", "mapping", "i.csv", "--out", "out", cwd=tmp_path)
        assert done.returncode == 3 and not (tmp_path / "out").exists()
        assert all(word in done.stderr for word in words), done.stderr
