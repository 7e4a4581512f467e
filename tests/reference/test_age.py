"""Exports are opened by the age program that a third party has, not only by the library that made them."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from peelian.integrations.age_exports import sealed_for

pytest.importorskip("pyrage", reason="the extra `exports` is not installed")
AGE, KEYGEN, SSH_KEYGEN = (shutil.which(name) for name in ("age", "age-keygen", "ssh-keygen"))
PLAIN = bytes(range(256)) * 1000


@pytest.mark.skipif(not AGE or not KEYGEN, reason="the program age is not installed (apt install age)")
def test_the_age_program_opens_an_export(tmp_path: Path) -> None:
    assert AGE and KEYGEN
    subprocess.run([KEYGEN, "-o", tmp_path / "key"], check=True, capture_output=True)  # the oracle
    public = (tmp_path / "key").read_text().split("public key: ")[1].split()[0]
    sealed_for([public], io.BytesIO(PLAIN), tmp_path / "x.age")
    opened = subprocess.run(  # the oracle
        [AGE, "-d", "-i", tmp_path / "key", tmp_path / "x.age"], check=True, capture_output=True
    )
    assert opened.stdout == PLAIN


@pytest.mark.skipif(not AGE or not SSH_KEYGEN, reason="age or ssh-keygen is not installed")
def test_the_age_program_opens_an_export_to_an_ssh_key(tmp_path: Path) -> None:
    assert AGE and SSH_KEYGEN
    make = [SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", tmp_path / "key"]
    subprocess.run(make, check=True)  # the oracle
    sealed_for([(tmp_path / "key.pub").read_text()], io.BytesIO(PLAIN), tmp_path / "x.age")
    opened = subprocess.run(  # the oracle
        [AGE, "-d", "-i", tmp_path / "key", tmp_path / "x.age"], check=True, capture_output=True
    )
    assert opened.stdout == PLAIN
