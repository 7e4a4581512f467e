"""The clerk's commands of docs/how-to/redact-a-recording.md; the package is opened with other people's programs."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import c2pa
import pytest
from desk import entitle
from starlette.testclient import TestClient
from terminal import Done, peelian

from peelian.demos.footage import look_through
from peelian.operations.office import open_office
from peelian.technologies.footage.example import example_clip
from peelian.web.app import make_app
from peelian.web.footage.review import ReviewDesk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "redact-a-recording.md"
NAMED = {
    "ITEM": r"Stored as (footage-\w+):",
    "CASE": r"Permitted: case (c-\w+),",
    "COPY": r"New dataset \(redacted\): (\S+)",
    "PLAN": r"(redaction_plan-\w+)",
}
"""What the page writes in capitals, and how the programs say it."""


def commands() -> Iterator[str]:
    """Every command of the page's chain, in order."""
    section = PAGE.read_text(encoding="utf-8").split("## The clerk's commands\n")[1].split("\n## ")[0]
    for block in re.findall(r"```console\n(.*?)```", section, re.S):
        yield from (line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ "))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An office as a custodian leaves it for a clerk, a recording, and a requester's key."""
    peelian("office", "office", "--name", "Town", cwd=tmp_path)
    for short, role in (("clerk", "clerk"), ("privacy", "privacy_officer")):
        done = peelian(
            "people", "enrol", short, "--name", short, "--unit", f"unit-{short}", "--role", role, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
    bylaw = ("--days", "36000", "--reason", "as the council's bylaw says", "--as", "privacy")
    assert peelian("retention", "define", "traffic-stop", *bylaw, cwd=tmp_path).returncode == 0
    (tmp_path / "clip.mp4").write_bytes(example_clip())
    with open_office(tmp_path / "office") as office:
        entitle(office.kernel, office.operator("clerk"))
    return tmp_path


def reviewed(folder: Path, case: str) -> Done:
    """What a person does on the page that `peelian footage review` serves: say to have looked, and keep the plan."""
    with open_office(folder / "office") as office:
        review = ReviewDesk(office, office.operator("clerk"))
        client = TestClient(make_app(office, review=review), base_url="http://127.0.0.1")
        shown = client.post(f"/en/review/{review.key}/{case}", data={"looked": "yes", "method": "fill"})
        review.close()
    return Done(returncode=int(shown.status_code != 200), stdout=shown.text, stderr="")


def published(folder: Path) -> str:
    """What a recipient fetches from the public pages as the page of the docs says: the certificates, the entry of the
    delivery, and the log's key."""
    (index,) = re.findall(r"^index (\d+)$", (folder / "for-her.zip.age.receipt").read_text(), re.M)
    with open_office(folder / "office") as office:
        public = TestClient(make_app(office), base_url="http://127.0.0.1")
        for name, at in (("provenance.json", "provenance.json"), ("entry.json", f"log/{index}/entry")):
            (folder / name).write_bytes(public.get(f"/data/{at}").raise_for_status().content)
        return str(public.get("/data/log/key").text).splitlines()[0]


def test_the_clerks_commands_word_for_word(desk: Path) -> None:
    keygen, age = shutil.which("age-keygen"), shutil.which("age")
    if keygen is None or age is None:
        pytest.skip("age and age-keygen are not installed (Debian's package age)")
    subprocess.run([keygen, "-o", str(desk / "her-key.txt")], check=True, capture_output=True)
    public = re.search(r"public key: (age1\w+)", (desk / "her-key.txt").read_text())
    assert public is not None
    known = {"RECIPIENT": public[1]}
    for command in commands():
        if "--certificates" in command:
            known["KEY"] = published(desk)
        words = [_filled(word, known) for word in shlex.split(command)]
        if words[:3] == ["peelian", "footage", "review"] and words[-1] != "clerk":  # the decider looks through the copy
            with open_office(desk / "office") as office:
                look_through(office.kernel, office.operator(words[-1]), words[3])
            continue
        if words[:3] == ["peelian", "footage", "review"]:
            done = reviewed(desk, words[3])
        elif words[0] == "peelian":
            done = peelian(*words[1:], cwd=desk)
        else:
            ran = subprocess.run(words, cwd=desk, capture_output=True, text=True, check=False)
            done = Done(returncode=ran.returncode, stdout=ran.stdout, stderr=ran.stderr)
        assert done.returncode == 0, f"{command}: {done.stderr or done.stdout[-500:]}"
        known |= {name: found[1] for name, shape in NAMED.items() if (found := re.search(shape, done.stdout))}
    assert (desk / "history.pdf").read_bytes().startswith(b"%PDF")
    assert (desk / "clip.mp4").read_bytes() == example_clip()
    opened_by_other_programs(desk / "package.zip")


def _filled(word: str, known: dict[str, str]) -> str:
    return re.sub(r"[A-Z]{3,}", lambda found: known.get(found[0], found[0]), word)


def opened_by_other_programs(package: Path) -> None:
    """The copy's manifest by a C2PA reader, the list by SHA-256 of each file."""
    with zipfile.ZipFile(package) as file:
        copy, listed = file.read("redacted.mp4"), json.loads(file.read("package.json"))
        assert set(listed["files"]) <= set(file.namelist())
    with c2pa.Reader("video/mp4", io.BytesIO(copy)) as reader:
        found = json.loads(reader.json())
    manifest = found["manifests"][found["active_manifest"]]
    told = [a["data"]["actions"] for a in manifest["assertions"] if a["label"].startswith("c2pa.actions")]
    acts = [act["action"] for actions in told for act in actions]
    assert acts[0] == "c2pa.opened" and "c2pa.edited" in acts
    assert manifest["ingredients"][0]["relationship"] == "parentOf"
    assert "thumbnail" not in json.dumps(found)
