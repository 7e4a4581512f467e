"""Proves that the guide to people and authorizations works as it stands: its commands, played in a fresh office."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from labels import areas_csv
from sensing import a_sensor
from terminal import peelian

from peelian.kernel.model.sensors import body_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "people-and-authorizations.md").read_text("utf-8")
BEFORE = """
peelian office office --name Town
peelian people enrol bo --name "Bo Ard" --unit board --role board
peelian people enrol council --name "Co Uncil" --unit council --role council --with bo
peelian people enrol privacy --name "Pri Vacy" --unit privacy --role privacy_officer --with bo
"""
TRAINED = f"{datetime.now(UTC).year + 2}-06-30"  # the guide's day passes one day


def commands(page: str) -> Iterator[str]:
    """What a reader of the page types, in its order. But for a court's exception, which needs a case of what is
    suspended (`tests/limits/test_suspension.py`)."""
    for line in re.findall(r"^peelian (?!proposals court-exception).+$", page, re.MULTILINE):
        dated = re.sub(r"--(issued|ends) \S+", rf"--\1 {datetime.now(UTC):%Y-%m-%d}", line)
        yield re.sub(r"--until \S+", f"--until {TRAINED}", dated)


def registered(folder: Path) -> str:
    """The number of a meter that is registered in an adopted area."""
    (folder / "areas.csv").write_text(areas_csv(Centre=5_000), "utf-8")
    facts = body_of(a_sensor(kind="energy_meter", purpose="enforcement", personal_data=True, format="green-button"))
    facts = {name: one for name, one in facts.items() if name not in ("id", "drawn")} | {"ends": TRAINED}
    (folder / "meter.json").write_text(json.dumps(facts), "utf-8")
    (folder / "order.pdf").write_bytes(b"%PDF-1.7 an order")
    (folder / "application.pdf").write_bytes(b"%PDF-1.7 an application")
    said = ""
    for line in (
        "data vocabulary areas.csv --propose 'they are new' --source census --as custodian",
        "proposals approve DIGEST --as bo",
        "sensors register meter.json --as custodian",
    ):
        done = peelian(*shlex.split(line.replace("DIGEST", said)), cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        said = next(iter(re.findall(r"\b(?:[0-9a-f]{64}|s\d{7})\b", done.stdout)), "")
    return said


def test_the_commands_of_the_guide_work_in_a_fresh_office(tmp_path: Path) -> None:
    digest, meter, played = "", "", []
    for line in [*commands(BEFORE), *commands(PAGE)]:
        if line.startswith("peelian oversight bylaws"):
            (bylaw,) = re.findall(r"^@id.+?;$", PAGE, re.MULTILINE | re.DOTALL)
            (tmp_path / "office" / "bylaws").mkdir(exist_ok=True)
            (tmp_path / "office" / "bylaws" / "weekend.cedar").write_text(bylaw, encoding="utf-8")
        if line.startswith("peelian warrant record"):
            meter = meter or registered(tmp_path)
        done = peelian(*shlex.split(line.replace("DIGEST", digest).replace("METER", meter))[1:], cwd=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        digest = next(
            iter(re.findall(r"^(?:Proposed|Issued \w+|Recorded warrant): (\w{64})$", done.stdout, re.MULTILINE)), digest
        )
        played.append(" ".join(line.split()[1:3]))
    assert {
        "people forget",
        "authorization revoke",
        "warrant read",
        "warrant confirm",
        "warrant refuse",
        "oversight bylaws",
        "authorization suspend",
        "authorization explain-suspension",
    } <= set(played)
