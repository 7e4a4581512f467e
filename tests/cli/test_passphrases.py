"""At a real terminal people type their own passphrase, unseen and once in a command; without one it is said."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from own_keys import credentials

PROGRAM = (sys.executable, "-c", "from peelian.cli import main; main()")
MINE, THEIRS = "the custodian's phrase", "phrase de la présidente"


def _typed(cwd: Path, words: list[str], *lines: str) -> tuple[int, str, str]:
    """Run a command at a terminal and type a line at each prompt: exit code, what the terminal showed, and stdout."""
    master, slave = pty.openpty()
    command = subprocess.Popen(
        [*PROGRAM, *words], cwd=cwd, stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)), env=_bare(),
    )  # fmt: skip
    os.close(slave)
    shown, left = b"", list(lines)
    while True:
        ready, _, _ = select.select([master], [], [], 60)
        try:
            piece = os.read(master, 4_096) if ready else b""
        except OSError:  # nobody is at the other end any more
            break
        if not piece:
            break
        shown += piece
        if left and shown.rstrip(b" ").endswith(b":"):
            os.write(master, left.pop(0).encode() + b"\n")
            shown += b"\n"
    out = command.communicate(timeout=60)[0]
    os.close(master)
    return command.returncode, shown.decode(), out.decode()


def _bare(**more: str) -> dict[str, str]:
    """The environment without a credential."""
    return {name: value for name, value in os.environ.items() if name != "CREDENTIALS_DIRECTORY"} | more


OFFICE = ["office", "office", "--name", "Town"]
CUSTODIAN = ["--as", "custodian"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    code, shown, _ = _typed(folder, OFFICE, MINE, MINE)
    assert code == 0, shown
    return folder / "office"


@pytest.fixture
def town(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "office")
    return tmp_path


def test_each_person_of_a_two_person_act_types_their_own(town: Path) -> None:
    bo = ["enrol", "bo", "--name", "Bo", "--unit", "board", "--role", "board"]
    code, shown, _ = _typed(town, bo, MINE, THEIRS, THEIRS)
    assert code == 0 and "bo enrolled" not in shown
    aud = ["enrol", "aud", "--name", "Au", "--unit", "audit", "--role", "auditor", "--with", "bo", "--json"]
    code, shown, out = _typed(town, aud, MINE, THEIRS, "somebody else's phrase", "somebody else's phrase")
    assert code == 0 and json.loads(out)["short"] == "aud", shown
    prompts = [line for line in shown.splitlines() if "assphrase" in line]
    assert [next(who for who in ("custodian", "bo", "aud", "again") if who in line) for line in prompts] == [
        "custodian", "bo", "aud", "again",
    ]  # fmt: skip
    for one in (MINE, THEIRS, "somebody else's"):
        assert one not in shown and one not in out, "nothing that is typed is shown"
    code, shown, out = _typed(town, [*aud[:1], "aud2", *aud[2:]], MINE, MINE)
    assert code == 2 and "wrong passphrase" in out and "aud2.pem" not in os.listdir(town / "office/keys/operators")


def test_it_is_asked_once_in_a_command(town: Path) -> None:
    for words in (["backup", "data", "--keys", "keys"], ["contact", *CUSTODIAN, "--email", "a@town.example"]):
        code, shown, _ = _typed(town, words, MINE)
        assert code == 0 and shown.count("Passphrase of the signing key of custodian: ") == 1, shown


def test_a_wrong_passphrase_and_a_damaged_file_are_two_errors(town: Path) -> None:
    contact = ["contact", *CUSTODIAN, "--email", "a@town.example"]
    code, shown, _ = _typed(town, contact, "a wrong passphrase")
    assert code == 2 and "wrong passphrase" in shown and "a wrong" not in shown
    file = town / "office" / "keys" / "operators" / "custodian.pem"
    file.write_bytes(file.read_bytes()[:-20])
    code, shown, _ = _typed(town, contact, MINE)
    assert code == 2 and "key file damaged" in shown


@pytest.mark.parametrize(
    ("typed", "says"),
    [(("short", "short"), "too short or too long"), ((MINE, f"{MINE}."), "the two passphrases differ")],
)
def test_nothing_is_made_under_a_passphrase_that_nobody_could_repeat(
    tmp_path: Path, typed: tuple[str, ...], says: str
) -> None:
    code, shown, _ = _typed(tmp_path, OFFICE, *typed)
    assert code == 2 and says in shown and not (tmp_path / "office").exists()


def test_without_a_terminal_a_service_s_credential_gives_it(town: Path, tmp_path: Path) -> None:
    contact = [*PROGRAM, "contact", *CUSTODIAN, "--email", "a@town.example"]

    def run(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            contact, cwd=town, capture_output=True, text=True, env=_bare(**more), start_new_session=True,
            input=f"{MINE}\n", timeout=60,
        )  # fmt: skip

    alone = run()
    assert alone.returncode == 2 and "systemd credential peelian-custodian" in alone.stderr, (
        "nothing is read from a pipe"
    )
    held = credentials(tmp_path / "credentials", "custodian")
    assert "wrong passphrase" in run(**held).stderr
    (tmp_path / "credentials" / "peelian-custodian").write_text(f"{MINE}\n")
    assert run(**held).returncode == 0
