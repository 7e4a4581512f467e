"""Proves that the guide's client works as it stands: it asks for a case, runs and reads it, and tells of a refusal."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import toy
from authentication import logged_on, send
from browser import served
from desk import desk

from peelian.oversight.transparency.register import case_record
from peelian.web.app import make_app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "use-the-api.md"


def test_the_client_of_the_guide_runs_a_case_and_tells_why_one_is_refused(tmp_path: Path) -> None:
    ((name, text),) = re.findall(r"```python file=(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / name).write_text(text, encoding="utf-8")
    town = desk((toy.TOY,))
    ((role, table),) = toy.PROVE.arithmetic().example().datasets.items()
    dataset = town.admit(table, toy.PROVE.asks.purposes, toy.PROVE.reads[0].shape).dataset
    app, asker = make_app(town.office), town.asker(toy.PROVE)
    page = send(logged_on(app, town.office, asker), "/en/desk/tokens", role=asker.replace("-", "_"), days="1").text
    token = page.partition("<code>")[2].partition("</code>")[0]

    def client(address: str, deepest: int = 20) -> Any:
        command = [sys.executable, name, toy.PROVE.id, f"{role}={dataset}", f"deepest={deepest}"]
        known = {"PEELIAN_ADDRESS": address}
        return subprocess.run(
            command, env=known | {"PEELIAN_TOKEN": token}, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    with served(app) as address:
        refused = client(address)
        assert refused.returncode == 1 and "Refused" in refused.stderr and "acceptance criteria" in refused.stderr
        town.authorizations(toy.PROVE)
        wrong, done = client(address, deepest=0), client(address)
    assert wrong.returncode == 1 and "deepest: out of range. Expected: 1 to 1,000" in wrong.stderr
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"c-\w+ ran\nLook at the findings: http://\S+/en/cases/c-\w+\n", done.stdout), done.stdout
    assert case_record(town.kernel, done.stdout.split()[0]).request.params["deepest"] == 20
