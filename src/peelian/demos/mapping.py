"""The demonstration of predictive mapping on Toronto's published incidents, 2014-2021."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from math import isinf, isnan
from pathlib import Path
from typing import Any

from peelian.demos.assessment import assessed
from peelian.demos.decisions import read_and_decide
from peelian.demos.labels import adopt
from peelian.demos.streets import bring_streets
from peelian.errors import Refused, sentence
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Findings, Purpose
from peelian.kernel.model.documents import Authorization, Declaration, Evidence
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs.authorizations import issue
from peelian.operations.office import Office
from peelian.operations.vocabularies import read_vocabulary
from peelian.oversight.assessment.scoring import LEVELS

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
AREAS = "neighbourhoods_140.geojson"
TITLES = {"incidents": "Toronto, reported incidents 2014–2021", "areas": "Toronto, 140 neighbourhoods, 2016 census"}
CATEGORY = "break_and_enter"
HELD_OUT_MONDAY, NEXT_MONDAY = "2021-03-01", "2021-03-08"
FIRST_ORIGIN = "2020-01-06"  # a Monday: 52 weekly origins, all before 2021
SETTINGS: Mapping[str, Any] = {"category": CATEGORY, "cell_metres": 250, "window_days": 7, "model": "decayed"}
TESTED: Mapping[str, Any] = {
    "models": ("uniform", "long_run", "moving", "density", "decayed"),
    "origins": 52,
    "first_origin": FIRST_ORIGIN,
    "offsets": 1,
}
TRIED: Mapping[str, Any] = {"category": "robbery", "cell_metres": 500, "window_days": 7, "model": "decayed"}
TRIED_FORECAST: Mapping[str, Any] = {**TRIED, "start_day": "2022-01-03"}
TRIED_BACKTEST: Mapping[str, Any] = {**TRIED, "offsets": 1}
"""What a visitor asks for next: a category that nobody tested so far, in cells whose test takes some seconds."""
WEIGHED = "Lights and locks for them, no extra patrol."
DROPPED = "New locks were fitted in this block last month."
CRITERIA: Mapping[str, Any] = {"min_bits_against_long_run": -0.005, "min_hit_rate_5": 0.15, "min_origins": 52}


def walk(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """Refused, proven on held-out weeks, adopted by somebody else, run, decided, published."""
    data = _admitted(office, people, say, progress)
    bring_streets(office, people["custodian"], say, progress)
    forecast = office.kernel.capability("mapping.forecast").asks.params(**SETTINGS, start_day=HELD_OUT_MONDAY)
    say("\n1. The analyst requests a forecast of next week. The office answers:")
    refused = _refusal(office, people["analyst"], forecast, data)
    for line in refused:
        say(line)
    say("\n2. Council approves the use, the privacy officer signs the assessment, the board sets acceptance criteria:")
    assessment = _authorizations(office, people, forecast)
    says = "   Assessment: %(n)d of 167 points, level %(level)s. Reviewed, explained in public, approved and signed."
    say(sentence(says, n=assessment.body["score"], level=LEVELS[int(assessment.body["level"])]))
    say("   " + ", ".join(f"{name} {value}" for name, value in CRITERIA.items()))
    say("\n3. Back-test: every model against the long-run average, on 52 held-out weeks of 2020:")
    proof = _proven(office, people, data, say, progress)
    say(sentence("\n5. The same request again, for the held-out week of %(day)s:", day=HELD_OUT_MONDAY))
    evidence = _forecast(office, people, data, forecast, say=say, progress=progress)
    _decided(office, people, evidence, say)
    say(sentence("\n8. A forecast of the week of %(day)s waits for the commander's decision.", day=NEXT_MONDAY))
    later = office.kernel.capability("mapping.forecast").asks.params(**SETTINGS, start_day=NEXT_MONDAY)
    waiting = _forecast(office, people, data, later, say=lambda line: None, progress=progress)
    told = {"refused": [str(line) for line in refused], "proof": proof}
    return {**told, "case": evidence.case, "waiting": waiting.case}


def _authorizations(office: Office, people: Mapping[str, Operator], forecast: Any) -> Authorization:
    both, proof = (Purpose.ADVICE, Purpose.PROOF), (Purpose.PROOF,)
    issue(
        office.kernel,
        people["council"],
        AuthorizationKind.COUNCIL_APPROVAL,
        serves="mapping.*",
        purposes=both,
        days=365,
    )
    tried = office.kernel.capability("mapping.forecast").asks.params(**TRIED_FORECAST)
    uses = (("mapping.forecast", forecast), ("mapping.forecast", tried))
    assessment = assessed(office, people, "mapping", uses=uses, purposes=(Purpose.ADVICE,))
    board, kind = people["board"], AuthorizationKind.ACCEPTANCE_CRITERIA
    issue(office.kernel, board, kind, serves="mapping.backtest", purposes=proof, days=90, body=CRITERIA)
    return assessment


def _proven(
    office: Office, people: Mapping[str, Operator], data: Mapping[str, str], say: Say, progress: Progress
) -> dict[str, Any]:
    kernel, analyst = office.kernel, people["analyst"]
    proof = kernel.capability("mapping.backtest").asks.params(**SETTINGS, **TESTED)
    permit = verbs.ask(kernel, analyst, "mapping.backtest", purpose=Purpose.PROOF, params=proof, datasets=data)
    evidence, found = verbs.run(kernel, analyst, permit, progress=progress)
    _sentences(found, say)
    say("\n4. A board member, not the analyst, adopts the accuracy report.")
    adopted = read_and_decide(
        kernel,
        people["board"],
        evidence,
        choice="adopt",
        reasons="All acceptance criteria were met on the held-out weeks.",
        also={"public_reason": "All acceptance criteria were met on the held-out weeks.", "exposure": WEIGHED},
        other_evidence="study: the long-run average's figures and the deployment history of the divisions.",
    )
    verbs.publish(kernel, people["clerk"], adopted, statement="The accuracy report of the forecast.")
    return dict(found.facts)


def _forecast(
    office: Office,
    people: Mapping[str, Operator],
    data: Mapping[str, str],
    forecast: Any,
    *,
    say: Say,
    progress: Progress,
) -> Evidence:
    kernel, analyst = office.kernel, people["analyst"]
    permit = verbs.ask(kernel, analyst, "mapping.forecast", purpose=Purpose.ADVICE, params=forecast, datasets=data)
    evidence, found = verbs.run(kernel, analyst, permit, progress=progress)
    _sentences(found, say)
    say("\n6. Exposure by group:")
    say(_exposure(found))
    return evidence


def _decided(office: Office, people: Mapping[str, Operator], evidence: Evidence, say: Say) -> None:
    kernel = office.kernel
    say("\n7. A commander decides and gives reasons. The clerk publishes what can be public.")
    found = unpack(kernel.stores.archive.get(evidence.findings))
    decision = read_and_decide(
        kernel,
        people["commander"],
        evidence,
        choice="change",
        changes=({"place": str(found.table("advice")["place"][1]), "instead": "", "reason": DROPPED},),
        reasons="Lighting and locks first; no extra patrols.",
        also={"public_reason": "Lighting and locks first; no extra patrols.", "exposure": WEIGHED},
        other_evidence="statement: residents' requests of the last month.",
    )
    verbs.publish(kernel, people["clerk"], decision, statement="Advice was changed: prevention first.")


def _admitted(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, str]:
    folder = resources.files("peelian.technologies.mapping") / "examples" / "toronto"
    legal = "Open data published by the Toronto Police Service; Open Government Licence - Toronto"
    data = {}
    with resources.as_file(folder) as here:
        census = {"demographics": str(Path(here) / "neighbourhood_indicators_2016.csv")}
        areas = read_vocabulary(
            Path(here) / AREAS, LabelKind.AREA, "City of Toronto, 2016 census", office.kernel.technologies,
            format="auto", options=census,
        )  # fmt: skip
        adopt(office, people, areas, words="the neighbourhoods of the census")
        say(sentence("   Two people adopt %(n)d areas into the public register.", n=len(areas.labels)))
        for role, name, options in (
            ("incidents", "toronto_mci_2014_2021.parquet", {}),
            ("areas", AREAS, census),
        ):
            declaration = Declaration(
                title=TITLES[role],
                purposes=(str(Purpose.PROOF), str(Purpose.ADVICE)),
                legal_basis=legal,
                minimisation="only category, time, point and neighbourhood are read; points are snapped",
                retention_days=365,
                source="Contains information licensed under the Open Government Licence - Toronto",
            )
            admission = office.admit(
                people["custodian"], Path(here) / name, declaration, options=options, progress=progress
            )
            data[role] = admission.dataset
            say(sentence("   %(n)d %(what)s admitted and encrypted.", n=admission.rows, what=sentence(role)))
    return data


def _refusal(office: Office, by: Operator, params: Any, data: Mapping[str, str]) -> list[str]:
    try:
        verbs.ask(office.kernel, by, "mapping.forecast", purpose=Purpose.ADVICE, params=params, datasets=data)
    except Refused as refused:
        parts = [{"says": sentence(r.says), "remedy": sentence(r.remedy)} for r in refused.reasons]
        return ["   Refused.", *(sentence("   - %(says)s\n     remedy: %(remedy)s", **part) for part in parts)]
    raise AssertionError("a forecast without papers was permitted")


def _sentences(found: Findings, say: Say) -> None:
    for note in found.notes:
        say(sentence("   %(kind)s: %(text)s", kind=sentence(note.kind), text=sentence(note.text, **note.values)))


def _exposure(found: Findings) -> str:
    table = next((t for t in found.tables if t.name == "exposure"), None)
    if table is None:
        return "   (no areas with population were given)"
    rows = [" | ".join(_figure(value) for value in row) for row in table.rows()]
    return "\n".join(f"   {line}" for line in (" | ".join(table.names), *rows))


def _figure(value: object) -> str:
    """A cell of a table in the terminal; a dash where there is no figure; infinity where an interval has no end."""
    if isinstance(value, float):
        return "–" if isnan(value) else "∞" if isinf(value) else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
