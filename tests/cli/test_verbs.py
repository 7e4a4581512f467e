"""A whole case typed at the terminal: admitted, refused, proven, adopted, run, decided, published, reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from assessing import assessed
from invented import areas_geojson, incidents_csv
from terminal import Done, peelian

PEOPLE = (("ana", "analyst"), ("bo", "board"), ("co", "council"), ("pri", "privacy_officer"), ("mo", "commander"),
          ("cle", "clerk"), ("aud", "auditor"))  # fmt: skip
WHY = ["--reasons", "The bars were met.", "--other-evidence", "statement:what residents told us"]
TRIVIAL = ["--reasons", "ok ok ok", "--other-evidence", "none"]
ADMIT = ["--purpose", "proof", "--purpose", "advice", "--legal-basis", "test", "--minimisation", "columns",
         "--source", "invented", "--as", "custodian", "--json"]  # fmt: skip
SAME = ["--category", "break_and_enter", "--as", "ana", "--json"]


def _ok(done: Done) -> dict[str, object]:
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _corrected(do: Callable[..., Done], case: str, asked: Sequence[str]) -> None:
    """Correct a published case by another one of the same request."""
    itself = do("case", "correct", case, case, "--reason", "It was wrong.", "--as", "cle")
    assert itself.returncode == 2 and "published later" in itself.stderr
    newer = str(_ok(do(*asked))["case"])
    _ok(do("run", newer, "--as", "ana", "--json"))
    _ok(do("case", "report", newer, "--as", "mo", "--json"))
    _ok(do("decide", newer, "--choice", "decline", *WHY, "--as", "mo", "--json"))
    _ok(do("publish", newer, "--as", "cle", "--json"))
    _ok(do("case", "correct", case, newer, "--reason", "The week was wrong.", "--as", "cle", "--json"))
    assert f"corrected by {newer}" in do("case", "list", "--published").stdout
    told = {one["case"]: one["corrected_by"] for one in json.loads(do("case", "list", "--published", "--json").stdout)}
    assert told == {case: newer, newer: ""}


def test_a_case_from_the_file_to_the_register(tmp_path: Path) -> None:
    def do(*words: str) -> Done:
        return peelian(*words, cwd=tmp_path)

    do("office", "office", "--name", "Town")
    for short, role in PEOPLE:
        agree = () if short in ("ana", "bo") else ("--with", "bo")
        assert (
            do("people", "enrol", short, "--name", short, "--unit", f"unit {role}", "--role", role, *agree).returncode
            == 0
        )
    incidents_csv(tmp_path / "i.csv")
    areas_geojson(tmp_path / "a.geojson")
    proposed = _ok(
        do("data", "vocabulary", "a.geojson", "--source", "a census", "--propose", "areas of the census", "--json")
    )
    assert do("proposals", "approve", str(proposed["proposal"]), "--as", "co").returncode == 0
    data = ["--data", f"incidents={_ok(do('admit', 'i.csv', '--title', 'Incidents', *ADMIT))['dataset']}"]
    areas = _ok(do("admit", "a.geojson", "--title", "Areas", "--option", "groups=renters", *ADMIT))
    data += ["--data", f"areas={areas['dataset']}"]
    forecast = ["ask", "mapping.forecast", "--purpose", "advice", "--start-day", "2023-12-04", *data, *SAME]
    assert do(*forecast).returncode == 3
    for authorization, who, serves, purpose in (
        ("council_approval", "co", "mapping.*", "advice"),
        ("acceptance_criteria", "bo", "mapping.backtest", "proof"),
    ):
        body = ["--body", "min_hit_rate_5=0.1"] if authorization == "acceptance_criteria" else []
        _ok(
            do(
                "authorization",
                "issue",
                authorization,
                "--serves",
                serves,
                "--purpose",
                purpose,
                "--as",
                who,
                "--json",
                *body,
            )
        )
    assessed(do, "mapping.forecast", tmp_path, "--category", "break_and_enter", "--start-day", "2023-12-04")
    proof = ["--origins", "30", "--models", "long_run,decayed", "--offsets", "1"]
    case = str(_ok(do("ask", "mapping.backtest", "--purpose", "proof", *data, *proof, *SAME))["case"])
    _ok(do("run", case, "--as", "ana", "--json"))
    assert do("decide", case, "--choice", "adopt", *WHY, "--as", "ana").returncode == 3
    assert "too short" in do("decide", case, "--choice", "adopt", *TRIVIAL, "--as", "bo").stderr
    refused = [f["case"] for f in json.loads(do("case", "list", "--json").stdout) if f["state"] == "refused"]
    assert case not in refused, "a slip is no refusal"
    assert "has not opened these findings" in do("decide", case, "--choice", "adopt", *WHY, "--as", "bo").stderr
    assert do("case", "report", case, "--as", "bo").returncode == 0
    assert _ok(do("decide", case, "--choice", "adopt", *WHY, "--as", "bo", "--json"))["became"]
    case = str(_ok(do(*forecast))["case"])
    assert do("run", case, "--as", "bo").returncode == 2
    _ok(do("run", case, "--as", "ana", "--json"))
    assert do("run", case, "--as", "ana").returncode == 2
    early = do("case", "export", case, "--as", "custodian", "--to", "early.geojson")
    assert early.returncode == 2 and "No decision yet" in early.stderr and not (tmp_path / "early.geojson").exists()
    _ok(do("case", "report", case, "--as", "mo", "--json"))
    _ok(do("decide", case, "--choice", "decline", *WHY, "--as", "mo", "--json"))
    told = do("--lang", "fr", "publish", case, "--statement", "Call 416-555-0199.", "--as", "cle")
    assert told.returncode == 2 and "un numéro de téléphone dans un texte qui est publié" in told.stderr
    _ok(do("publish", case, "--as", "cle", "--json"))
    assert [c["case"] for c in json.loads(do("case", "list", "--published", "--json").stdout)] == [case]
    _corrected(do, case, forecast)
    _ok(do("case", "report", case, "--out", "pages", "--language", "fr", "--json"))
    assert (tmp_path / "pages" / f"{case}-fr.html").read_text(encoding="utf-8").count("<table") > 3
    places = _ok(do("case", "export", case, "--as", "custodian", "--to", "map.geojson", "--json"))["places"]
    features = json.loads((tmp_path / "map.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == places and {f["properties"]["case"] for f in features} == {case}
    assert do("case", "export", case, "--as", "custodian", "--to", "map.geojson").returncode == 2
    _ok(do("case", "report", case, "--out", "pages", "--kind", "pdf", "--json"))
    assert (tmp_path / "pages" / f"{case}-en.pdf").read_bytes().startswith(b"%PDF-")
    assert do("case", "report", case, "--kind", "doc").returncode == 2
    assert _ok(do("verify", "office", "--json"))["holds"] is True


def test_files_come_in_by_partitions_and_are_combined(tmp_path: Path) -> None:
    def do(*words: str) -> Done:
        return peelian(*words, cwd=tmp_path)

    do("office", "office", "--name", "Town")
    assert do("people", "enrol", "ana", "--name", "ana", "--unit", "u", "--role", "analyst").returncode == 0
    incidents_csv(tmp_path / "i.csv")
    at = ["--option", "centre=-79.38,43.7", "--partitions"]
    one, two = (_ok(do("admit", "i.csv", "--title", "Incidents", *at, *ADMIT)) for _ in range(2))
    assert one["digest"] == two["digest"] and int(str(one["partitions"])) > 10
    both = ("data", "combine", str(one["dataset"]), str(two["dataset"]), "--title", "Both", "--as", "custodian")
    made = _ok(do(*both, "--json"))
    assert made["rows"] == 2 * int(str(one["rows"])) and made["partitions"] == 2 * int(str(one["partitions"]))
    assert made["combined"] == {one["dataset"]: one["digest"], two["dataset"]: two["digest"]}
    assert "Réunis\u00a0: " in do("--lang", "fr", *both).stdout
    alone = do("data", "combine", str(one["dataset"]), "--title", "One", "--as", "custodian")
    assert alone.returncode == 2 and "two or more" in alone.stderr
