"""The demonstrations of the audits, on published figures: a risk instrument, matchers by group, a vendor's map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from peelian.demos.decisions import read_and_decide
from peelian.errors import sentence
from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs.decision_checks import is_exposing
from peelian.operations.office import Office

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
MOST_SENTENCES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One audit of a demonstration: the capability, its parameters, its example files by role with their formats."""

    capability: str
    title: str  # what the public call the case: the instrument, its vendor, the place
    files: Mapping[str, tuple[str, str, Mapping[str, str]]]
    source: str
    titles: tuple[str, ...]  # of the files, in order
    params: Mapping[str, Any]
    statement: str = "An audit of published figures."
    reason: str  # why the board decided as it did, as the public reads it


RISK = (
    Shown(
        capability="risk.audit",
        title="COMPAS, Broward County, Florida",
        files={"tally": ("compas_two_year_tally.csv", "auto", {})},
        titles=("COMPAS scores, Broward County, two-year follow-up",),
        source="Counts of ProPublica's COMPAS cohort (propublica/compas-analysis); no person is in them",
        reason="What a score promises does not happen in one of the groups, and two groups are too small to tell.",
        params={},
    ),
)
FACES = (
    Shown(
        capability="faces.published",
        title="Face recognition algorithms, NIST FRVT 1:1, 2020",
        files={"rates": ("frvt_11_gender_race.csv", "auto", {})},
        titles=("NIST FRVT 1:1, false matches by sex and race",),
        source="NIST, false match rates by sex and race of 240 algorithms, October 2020",
        reason="Most of the algorithms falsely match Black women at least ten times as often as white men.",
        params={},
    ),
    Shown(
        capability="faces.audit",
        title="Fingerprint matcher of pyeer, in place of a face matcher",
        files={
            "scores": ("pyeer_exp1_true.txt.gz", "pyeer-scores", {"kind": "genuine"}),
            "more_scores": ("pyeer_exp1_false.txt.gz", "pyeer-scores", {"kind": "impostor"}),
        },
        titles=("Fingerprint matcher of pyeer, genuine pairs", "Fingerprint matcher of pyeer, impostor pairs"),
        source="Score files of the pyeer package (MIT)",
        reason="The trial is too small to set a threshold. It has no groups, so it shows nothing about any.",
        params={},
        statement="An audit of published figures. The scores are a fingerprint matcher's, "
        "not a face matcher's. The audit is the same.",
    ),
)
VENDOR = tuple(
    Shown(
        capability="mapping.vendor",
        title=f"PredPol predictions, {town}",
        files={"predictions": (f"predpol/{file}", "auto", {})},
        titles=(f"PredPol predictions, {town}",),
        source=sentence(
            "PredPol's predictions for %(town)s by census block group (The Markup, 2021; BSD 3-Clause)", town=town
        ),
        reason=reason,
        params={"group": "black_or_latino"},
    )
    for town, file, reason in (
        (
            "Elgin, Illinois",
            "elgin.geojson",
            "Where more Black or Latino people live there are five times as many predictions per resident.",
        ),
        (
            "Jacksonville, Texas",
            "jacksonville_tx.geojson",
            "Where more Black or Latino people live there are more than three times as many predictions per resident.",
        ),
        (
            "Los Angeles",
            "los_angeles.csv",
            "No difference between the halves of the city is shown. Nobody tested whether the predictions were right.",
        ),
    )
)


def risk(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """The audit of a risk instrument from its published counts."""
    return _walk("risk", RISK, office, people, say=say, progress=progress)


def faces(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """What a published table says of 240 matchers, and the audit of one from its score files."""
    return _walk("faces", FACES, office, people, say=say, progress=progress)


def vendor(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """Whom a vendor's predictions pointed at in three cities, per head."""
    return _walk("mapping", VENDOR, office, people, say=say, progress=progress)


def _walk(
    technology: str,
    audits: tuple[Shown, ...],
    office: Office,
    people: Mapping[str, Operator],
    *,
    say: Say,
    progress: Progress,
) -> dict[str, Any]:
    cases = []
    for shown in audits:
        capability = office.kernel.capability(shown.capability)
        title, source = sentence(capability.title), sentence(shown.source)
        say(sentence("\n%(title)s\n   %(source)s", title=title, source=source))
        data = _admitted(office, people["auditor"], technology, shown, progress)
        params = capability.asks.params(**shown.params, title=shown.title)
        permit = verbs.ask(
            office.kernel, people["auditor"], shown.capability, purpose=Purpose.AUDIT, params=params, datasets=data
        )
        evidence, found = verbs.run(office.kernel, people["auditor"], permit, progress=progress)
        for note in found.notes[:MOST_SENTENCES]:
            say(sentence("   %(kind)s: %(text)s", kind=sentence(note.kind), text=sentence(note.text, **note.values)))
        decision = read_and_decide(
            office.kernel,
            people["board"],
            evidence,
            choice=capability.asks.choices[-1],
            reasons=shown.reason,
            also={"public_reason": shown.reason} | ({"exposure": shown.reason} if is_exposing(found) else {}),
            other_evidence="study: the vendor's brochure and the literature on this kind of instrument.",
        )
        verbs.publish(office.kernel, people["clerk"], decision, statement=shown.statement)
        cases.append(decision.case)
    return {"cases": cases}


def _admitted(office: Office, by: Operator, technology: str, shown: Shown, progress: Progress) -> dict[str, str]:
    data = {}
    with resources.as_file(resources.files(f"peelian.technologies.{technology}") / "examples") as folder:
        for (role, (name, format, options)), title in zip(shown.files.items(), shown.titles, strict=True):
            declaration = Declaration(
                title=title,
                purposes=(str(Purpose.AUDIT),),
                legal_basis="published figures",
                minimisation="counts and scores only",
                retention_days=365,
                source=str(shown.source),
            )
            admission = office.admit(
                by, Path(folder) / name, declaration, format=format, options=options, progress=progress
            )
            data[role] = admission.dataset
    return data
