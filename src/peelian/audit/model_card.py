"""A model card made from an audit, in the sections of Mitchell et al., Model Cards for Model Reporting (FAT* 2019).

What only the maker of a model knows stays open, and the card says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from peelian.audit.documents import Document, Part, count, number, percent, say_for, sentences
from peelian.audit.figures import ALL, CROSSED, EVERYONE, by_group, having, own_groups, rows_of
from peelian.demos.trial import Attempt
from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Say

SOURCE = "Mitchell et al. 2019, doi:10.1145/3287560.3287596"
FMR, FNMR = "FMR", "FNMR"

Columns = tuple[tuple[str, str, Callable[[Any], str]], ...]


def model_card(made: Attempt) -> Document:
    """The card of the audited instrument or matcher. O(rows of the audit)."""
    say, findings = say_for(made), made.ran[0].findings
    parts = (
        _details(made, say),
        _intended(say),
        *_of_technology(made, findings, say),
        _training(say),
        *_last(made, say),
    )
    order = (
        "details",
        "use",
        "factors",
        "metrics",
        "evaluation",
        "training",
        "unitary",
        "crossed",
        "ethics",
        "caveats",
    )
    ordered = sorted(parts, key=lambda part: order.index(part.id))
    return Document(id="model-card", title=say("Model card"), source=SOURCE, parts=tuple(ordered), made=made, say=say)


def _details(made: Attempt, say: Say) -> Part:
    version = made.ran[0].evidence.version
    return Part(
        id="details",
        title=say("Model details"),
        says=(say("Audited with Peelian %(version)s: %(what)s.", version=version, what=say(made.capability.title)),),
        open=(say("Who made the model, its version and date, its kind, its licence and whom to write to."),),
    )


def _intended(say: Say) -> Part:
    return Part(
        id="use",
        title=say("Intended use"),
        says=(say("The audit authorizes no use."),),
        open=(say("What the model is meant for, by whom, and what it must not be used for."),),
    )


def _training(say: Say) -> Part:
    return Part(
        id="training",
        title=say("Training data"),
        open=(say("On which data the model was trained. An audit of scores does not see them."),),
    )


def _last(made: Attempt, say: Say) -> tuple[Part, Part]:
    ethics = Part(
        id="ethics",
        title=say("Ethical considerations"),
        says=(say("A person decides. Neither the audit nor a score does."),),
        open=(say("Which harm a wrong score does, to whom, and what was done against it."),),
    )
    caveats = Part(
        id="caveats",
        title=say("Caveats and recommendations"),
        says=sentences(made, "caveat"),
        open=(say("What the maker recommends."),),
    )
    return ethics, caveats


def _of_technology(made: Attempt, findings: Findings, say: Say) -> tuple[Part, ...]:
    return _of_risk(made, findings, say) if made.technology == "risk" else _of_faces(made, findings, say)


def _of_risk(made: Attempt, findings: Findings, say: Say) -> tuple[Part, ...]:
    rows, columns = risk_rows(findings), risk_columns(say)
    unitary = tuple(row for row in rows if row["axis"] != CROSSED)
    axes = dict.fromkeys(row["axis"] for row in unitary if row["axis"] != EVERYONE)
    groups = [row for row in unitary if row["axis"] != EVERYONE]
    cut = say("High is a score on the far side of the cut-off %(cut).6g.", cut=findings.facts["cut"])
    return (
        Part(
            id="factors",
            title=say("Factors"),
            says=(
                say("%(groups)d %(groups:group|groups) by %(axes)s.", groups=len(groups), axes=", ".join(axes) or "–"),
            ),
            open=(say("Which other groups and circumstances matter, and why they were not measured."),),
        ),
        Part(
            id="metrics",
            title=say("Metrics"),
            says=(
                cut,
                say("FPR, FNR and PPV at the cut-off, AUC, calibration slope, and observed over expected (O/E)."),
            ),
            open=(say("Why this cut-off is used."),),
        ),
        _evaluation(made, say, open_=say("How these people were chosen, and whom the data leave out.")),
        Part(
            id="unitary",
            title=say("Results by group"),
            says=sentences(made, "finding"),
            rows=unitary,
            columns=columns,
        ),
        Part(
            id="crossed",
            title=say("Results by crossed groups"),
            rows=tuple(row for row in rows if row["axis"] == CROSSED),
            columns=columns,
        ),
    )


def risk_rows(findings: Findings) -> list[dict[str, Any]]:
    """Axis, group, n, events, verdict, error rates at the cut-off, AUC and calibration: a row for each group."""
    rates, figures = rows_of(findings, "rates"), rows_of(findings, "figures")
    cut = float(findings.facts["cut"])
    at_cut = {name: by_group(rates, name, at=cut) for name in ("fpr", "fnr", "ppv", "high_share")}
    names = {"auc": "auc", "slope": "calibration_slope", "observed_over_expected": "observed_over_expected"}
    others = {name: by_group(figures, metric) for name, metric in names.items()}
    return [
        {name: row[name] for name in ("axis", "group", "n", "events", "verdict")}
        | {name: found.get((row["axis"], row["group"])) for name, found in (at_cut | others).items()}
        for row in rows_of(findings, "verdicts")
    ]


def risk_columns(say: Say) -> Columns:
    """How the rows of `risk_rows` are shown."""
    return (
        ("axis", say("Axis"), say),
        ("group", say("Group"), say),
        ("n", say("People"), count),
        ("events", say("With the outcome"), count),
        ("fpr", say("FPR"), percent),
        ("fnr", say("FNR"), percent),
        ("ppv", say("PPV"), percent),
        ("auc", say("AUC"), number),
        ("slope", say("Slope"), number),
        ("observed_over_expected", say("O/E"), number),
        ("verdict", say("Verdict"), say),
    )


def _of_faces(made: Attempt, findings: Findings, say: Say) -> tuple[Part, ...]:
    rows = face_rows(findings)
    groups = sum(row["group"] != ALL for row in rows)
    policy, threshold = findings.facts["headline"], findings.facts["headline_threshold"]
    return (
        Part(
            id="factors",
            title=say("Factors"),
            says=(say("%(groups)d %(groups:group|groups) of subjects.", groups=groups),),
            open=(say("Which other groups and circumstances matter, and why they were not measured."),),
        ),
        Part(
            id="metrics",
            title=say("Metrics"),
            says=(
                say("FMR and FNMR at threshold “%(policy)s” (%(threshold).6g).", policy=policy, threshold=threshold),
                say("FMR of a group is of two people of that group. A failure to enrol counts in FNMR."),
            ),
            open=(say("Which threshold is used in operation."),),
        ),
        _evaluation(made, say, open_=say("Which cameras and images, and whether the subjects consented.")),
        Part(
            id="unitary",
            title=say("Results by group"),
            says=sentences(made, "finding"),
            rows=tuple(rows),
            columns=face_columns(say),
        ),
    )


def face_rows(findings: Findings) -> list[dict[str, Any]]:
    """Group, subjects, FMR and FNMR at the headline threshold with intervals and comparisons: a row for each group."""
    rates = having(own_groups(rows_of(findings, "rates")), policy=findings.facts["headline"])
    found = {(row["group"], row["measure"]): row for row in rates}
    made = []
    for row in own_groups(rows_of(findings, "trials")):
        one: dict[str, Any] = {"group": row["group"], "subjects": row["subjects"]}
        for measure in (FMR, FNMR):
            rate = found.get((row["group"], measure), {})
            one |= {
                f"{measure.lower()}{ending}": rate.get(name)
                for ending, name in (("", "rate"), ("_low", "low"), ("_high", "high"), ("_n", "n"))
            }
            one[f"{measure.lower()}_adequacy"] = rate.get("adequacy", "")
        made.append(one)
    return made


def face_columns(say: Say) -> Columns:
    """How the rows of `face_rows` are shown."""
    return (
        ("group", say("Group"), say),
        ("subjects", say("Subjects"), count),
        ("fmr", FMR, _tiny),
        ("fmr_high", say("at most"), _tiny),
        ("fmr_n", say("Comparisons"), count),
        ("fmr_adequacy", say("Adequacy"), say),
        ("fnmr", FNMR, percent),
        ("fnmr_high", say("at most"), percent),
        ("fnmr_n", say("Comparisons"), count),
        ("fnmr_adequacy", say("Adequacy"), say),
    )


def _tiny(value: Any) -> str:
    return "–" if value is None else f"{value:.2e}"


def _evaluation(made: Attempt, say: Say, *, open_: str) -> Part:
    roles: Sequence[tuple[str, Any]] = tuple(made.admissions.items())
    title = made.capability.title_of
    says = [say("%(n)d %(n:row|rows) imported as %(role)s.", n=a.rows, role=made.say(title(role))) for role, a in roles]
    for _, admission in roles:
        says += [
            say("%(n)d %(n:row was|rows were) left out: %(why)s.", n=d["n"], why=made.say(d["why"]))
            for d in admission.dropped
        ]
    return Part(id="evaluation", title=say("Evaluation data"), says=tuple(says), open=(open_,))
