"""Warrants at the terminal: what a paper, its law or the registers do not bear is told with what is accepted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from labels import areas_csv
from sensing import a_sensor
from terminal import Done, peelian

from peelian.kernel.model.sensors import body_of
from peelian.kernel.records.owed_notices import notices
from peelian.kernel.verbs.warrant_recording import unconfirmed_warrants
from peelian.operations.office import open_office

TODAY = datetime.now(UTC).date()
FACTS = {
    "status": "confirmed", "reference": "2026-CR-17", "court": "Superior Court", "judge": "B. Invented",
    "issued": str(TODAY), "ends": str(TODAY + timedelta(days=30)),
    "operations": "energy-single-meter", "cells": "Centre", "count": "3",
}  # fmt: skip


def do(office: Path, *words: str) -> Done:
    return peelian(*words, "--office", str(office), cwd=office.parent)


def said(done: Done, what: str) -> str:
    assert done.returncode == 0, done.stderr
    return str(re.findall(what, done.stdout)[0])


def refused(done: Done, says: str) -> bool:
    """Whether it was refused in these words, and printed nothing else."""
    return done.returncode not in (0, 1) and not done.stdout and says in " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def meter(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An office with a registered meter, and its number."""
    folder = tmp_path_factory.mktemp("warrants")
    office = folder / "office"
    assert peelian("office", str(office), "--name", "Town", cwd=folder).returncode == 0
    for short, role, agree in (("board", "board", ()), ("privacy", "privacy_officer", ("--with", "board"))):
        assert do(office, "enrol", short, "--name", short, "--unit", short, "--role", role, *agree).returncode == 0
    (folder / "areas.csv").write_text(areas_csv(Centre=5_000), "utf-8")
    facts = body_of(a_sensor(kind="energy_meter", purpose="enforcement", personal_data=True, format="green-button"))
    facts = {name: one for name, one in facts.items() if name not in ("id", "drawn")}
    (folder / "meter.json").write_text(json.dumps(facts | {"ends": str(TODAY + timedelta(days=300))}), "utf-8")
    (folder / "order.pdf").write_bytes(b"%PDF-1.7 an order")
    (folder / "letter.txt").write_bytes(b"a letter")
    new = ("--propose", "they are new", "--source", "census", "--as", "custodian")
    proposal = said(do(office, "vocabulary", str(folder / "areas.csv"), *new), r"\b[0-9a-f]{64}\b")
    assert do(office, "approve", proposal, "--as", "board").returncode == 0
    return office, said(do(office, "sensors", "register", str(folder / "meter.json"), "--as", "custodian"), r"s\d{7}")


def recorded(meter: tuple[Path, str], paper: str = "order.pdf", **change: str) -> Done:
    office, sensor = meter
    facts = {"sensors": sensor, **FACTS, **change}
    flags = {"sensors": "sensor", "cells": "cell"}
    body = [word for name, value in facts.items() for word in (f"--{flags.get(name, name)}", value)]
    given = ("--serves", "sensors.*", "--purpose", "audit", "--as", "privacy")
    return do(office, "warrant", "record", str(office.parent / paper), *given, *body)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"paper": "missing.pdf"}, "cannot read the file"),
        ({"paper": "letter.txt"}, "a PDF, PNG, JPEG or TIFF file"),
        ({"cells": "Nowhere"}, "Expected: adopted areas of the town"),
        ({"sensors": "s0000000"}, "Expected: sensors of the register"),
        ({"issued": str(TODAY - timedelta(days=9)), "ends": str(TODAY - timedelta(days=1))}, "today or a later day"),
        ({"ends": str(TODAY + timedelta(days=61))}, "at most 60 days after it was issued"),
        ({"count": "1000000"}, "1 to 10,000"),
    ],
)
def test_what_is_wrong_with_a_warrant_is_told_with_what_is_accepted(
    meter: tuple[Path, str], change: dict[str, str], says: str
) -> None:
    assert refused(recorded(meter, **change), says)


def test_nobody_proposes_a_warrant_without_its_paper_or_issues_it(meter: tuple[Path, str]) -> None:
    by = ("--as", "privacy")
    assert refused(
        do(meter[0], "proposals", "propose", "warrant", "--reason", "as it says", *by), "peelian warrant record"
    )
    issued = do(meter[0], "issue", "warrant", "--serves", "sensors.*", "--purpose", "audit", "--days", "9", *by)
    assert refused(issued, "recorded with its paper")
    with open_office(meter[0]) as town:
        assert not town.kernel.state.authorizations and not tuple(unconfirmed_warrants(town.kernel))


def test_a_confirmed_one_is_withdrawn_and_its_notice_recorded_once_it_is_owed(meter: tuple[Path, str]) -> None:
    office, sensor = meter
    order = said(recorded(meter), r"\b[0-9a-f]{64}\b")
    assert refused(recorded(meter), "recorded already")
    confirm = ("warrant", "confirm", order[:8], "--reference", "2026-CR-17", "--as")
    assert refused(do(office, *confirm, "board"), "Read the court's paper first")
    paper = office.parent / "read.pdf"
    assert do(office, "warrant", "read", order, "--to", str(paper), "--as", "board").returncode == 0
    assert paper.read_bytes() == b"%PDF-1.7 an order"
    assert refused(do(office, *confirm, "privacy"), "Ask someone else")
    wrong = do(office, "warrant", "confirm", order, "--reference", "2026-CR-71", "--as", "board")
    assert refused(wrong, "as on the court's paper")
    warrant = said(do(office, *confirm, "board"), r"\b[0-9a-f]{64}\b")
    with open_office(office) as town:
        town.kernel.append("COLLECTED", warrant=warrant, sensor=sensor, readings=1)
    notify = ("warrant", "notify", warrant, "--as", "privacy")
    sent = ("--how", "by mail", "--sent")
    assert refused(do(office, *notify, *sent, str(TODAY)), "still in force")
    assert (
        do(office, "warrant", "refuse", warrant, "--reason", "the court withdrew it", "--as", "privacy").returncode == 0
    )
    assert refused(recorded(meter), "refused or withdrew")
    with open_office(office) as town:
        (owed,) = notices(town.kernel)
    (listed,) = json.loads(do(office, "warrant", "notices", "--json").stdout)
    assert (listed["warrant"], listed["serves"], listed["due"]) == (warrant, "sensors.*", f"{owed.due}")
    until = ("--reference", "2026-CR-18", "--until", str(TODAY + timedelta(days=400)))
    assert "Postponement recorded" in do(office, *notify, *until).stdout
    assert "deferred by a court" in do(office, "warrant", "notices").stdout
    assert "Notice recorded." in do(office, *notify, *sent, str(owed.ends.date())).stdout
    assert do(office, "warrant", "notices").stdout.rstrip().endswith("  sent")
