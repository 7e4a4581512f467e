"""An impact assessment typed at the terminal, from the draft to the signed authorization."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from labels import areas_csv
from terminal import Done


def assessed(do: Callable[..., Done], capability: str, folder: Path, *settings: str) -> str:
    """Draft, submit (pri), review (aud), approve (mo) and sign; the answers are those of the demonstration."""
    draft = folder / "draft.json"
    serves = f"{capability.partition('.')[0]}.*"
    done = do("assess", "new", "draft.json", "--serves", serves, "--use", capability, *settings)
    assert done.returncode == 0, done.stderr
    told = json.loads((resources.files("peelian.demos") / "assessments" / "mapping.json").read_text(encoding="utf-8"))
    made = json.loads(draft.read_text(encoding="utf-8"))
    made |= {"answers": told["answers"], "explanation": told["explanation"]}
    draft.write_text(json.dumps(made), encoding="utf-8")
    submitted = do("assess", "submit", "draft.json", "--as", "pri", "--json")
    assert submitted.returncode == 0, submitted.stderr + submitted.stdout
    digest = str(json.loads(submitted.stdout)["digest"])
    assert do("assess", "sign", digest, "--purpose", "advice", "--as", "pri").returncode == 3
    finding = "the weights were recomputed and agree"
    for act in (
        ("review", digest, "--qualified-as", "city auditor", "--finding", finding, "--as", "aud"),
        ("approve", digest, "--reasons", "it is needed here", "--as", "mo"),
        ("sign", digest, "--purpose", "advice", "--as", "pri"),
    ):
        done = do("assess", *act)
        assert done.returncode == 0, done.stderr
    return digest


def adopted_areas(do: Callable[..., Done], folder: Path, *names: str) -> None:
    """Have the custodian propose areas and a council clerk, enrolled for that, approve them."""
    done = do("enrol", "adopter", "--name", "adopter", "--unit", "council", "--role", "council")
    assert done.returncode == 0, done.stderr
    (folder / "labels.csv").write_text(areas_csv(**dict.fromkeys(names, 5_000)), encoding="utf-8")
    done = do("vocabulary", "labels.csv", "--source", "a census", "--propose", "areas of the census", "--json")
    assert done.returncode == 0, done.stderr
    done = do("approve", str(json.loads(done.stdout)["proposal"]), "--as", "adopter")
    assert done.returncode == 0, done.stderr
