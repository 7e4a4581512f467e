"""Compare two matchers: sentences, tables, what the public sees, and made-up scores as an example."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Panels, Say
from peelian.technologies.faces.compare.declared import DIFFERENCES, OPERATING, CompareParams
from peelian.technologies.faces.compare.page import figures
from peelian.technologies.faces.declared import LEAST_SUBJECTS, PAIRS, SCORES
from peelian.technologies.faces.example import dataset, example_datasets
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.measure.paired import HIGHER, LOWER, NO_DIFFERENCE, Comparison, Difference, compared
from peelian.technologies.faces.measure.price import one_in
from peelian.technologies.faces.measure.scores import EVERYBODY, Scores, built, oriented
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.shown import told_first
from peelian.technologies.faces.small_counts import SMALLEST, blanked, hidden_rates, keys

FIRST, SECOND = "first matcher", "second matcher"

AT = (
    "Both matchers stand at a false match rate of about 1 in %(target)d: the first at 1 in %(fmr)d, the second at 1 in "
    "%(fmr_2)d."
)
DIFFERS = (
    "The second matcher misses %(rate_2).2f%% of genuine comparisons, the first %(rate).2f%%: a difference of "
    "%(difference).2f percentage points (95%% interval %(low).2f to %(high).2f), %(verdict)s."
)
NOT_FOUND = (
    "No difference in missed comparisons was found: %(rate).2f%% with the first matcher, %(rate_2).2f%% with the "
    "second "
    "(difference %(difference).2f points, 95%% interval %(low).2f to %(high).2f). A difference of %(would).2f points "
    "or "
    "more would have been found in 80%% of such trials."
)
UNDETERMINED = (
    "Whether one matcher misses more is undetermined: %(rate).2f%% with the first, %(rate_2).2f%% with the second, and "
    "they differ on %(subjects)d %(subjects:subject|subjects) only. Ten are needed."
)
GROUP_DIFFERS = (
    "%(measure)s, %(group)s: %(rate).3f%% with the first matcher, %(rate_2).3f%% with the second, %(verdict)s."
)
NO_GROUP_DIFFERS = (
    "No difference was found within any group (%(n)d compared). Differences from %(least).2f to %(most).2f percentage "
    "points, by group and rate, would have been found in 80%% of such trials."
)
METHOD = (
    "Thresholds were set on these comparisons. The intervals allow for that, for repeated subjects and for pairing "
    "(jackknife over subjects)."
)
HOLM = (
    "%(n)d %(n:difference was|differences were) looked at. Chance would state one or more in at most 3%% of trials "
    "(Holm's correction). So a single interval may leave out 0 without a verdict."
)
PEOPLE = "%(subjects)d subjects with %(genuine)d genuine and %(impostor)d impostor comparisons."
GROUPS = "Largest change of a group: %(measure)s of %(group)s, %(difference).3f percentage points (%(verdict)s)."
NO_GROUPS = "No groups are given: whom a change of matcher affects is not known."
OTHER_RATES = "At another false match rate the order of the matchers may differ."
TIES = "Equal scores keep the two false match rates apart. Part of a difference may be due to that."
SMALL_GROUPS = "%(n)d %(n:group is|groups are) too small to be shown."
CORPUS = "Figures hold only for similar images and people. Other cameras, lighting, ages or years change them."
NO_USE = "This comparison does not authorize use of either matcher."

WHOM = frozenset({PEOPLE, GROUPS, NO_GROUPS})
MESSAGES = frozenset(
    {
        AT, DIFFERS, NOT_FOUND, UNDETERMINED, GROUP_DIFFERS, NO_GROUP_DIFFERS, METHOD, HOLM, PEOPLE, GROUPS, NO_GROUPS,
        OTHER_RATES, TIES, SMALL_GROUPS, CORPUS, NO_USE,
    }
)  # fmt: skip
VOCABULARY = frozenset({FIRST, SECOND, FMR, FNMR, LOWER, HIGHER, NO_DIFFERENCE, NOT_DETERMINABLE, EVERYBODY})
MOST_SAID = 6
APART = 0.1  # of the target: false match rates further apart than that are not called equal


def run(params: CompareParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Compare two matchers: see `compare.compared`."""
    context.progress("Reading comparisons", 0.0)
    pairs = datasets["pairs"].table
    subjects = datasets["subjects"].table if "subjects" in datasets else None
    first, second = (_scores(pairs, name, subjects, params) for name in (("score", "failed"), ("score_2", "failed_2")))
    context.progress("Counting errors", 0.4)
    found = compared(first, second, params.target_fmr)
    genuine = int(first.genuine.sum())
    facts: dict[str, Scalar] = {
        "target_fmr": found.target, "subjects": first.subjects, "genuine": genuine, "impostor": len(first) - genuine,
    }  # fmt: skip
    notes = (*_answers(found), *_how_sure(found), *_whom(found, facts), *_unknown(found, first))
    return Findings(tables=(_operating(found), _differences(found)), notes=notes, facts=facts)


def _scores(pairs: Table, names: tuple[str, str], subjects: Table | None, params: CompareParams) -> Scores:
    """One matcher's side of the pairs, oriented as similarities."""
    score, failed = names
    kept = ("genuine", "probe", "ref", "probe_group", "ref_group")
    columns = {name: (pairs.column(name).kind, pairs[name]) for name in kept if name in pairs}
    columns |= {"score": (Kind.AMOUNT, pairs[score]), "failed": (Kind.COUNT, pairs[failed])}
    made = built([table(SCORES, columns)], subjects, by=params.by, least=LEAST_SUBJECTS)
    return oriented(made, params.direction)


def _operating(found: Comparison) -> Table:
    sides = found.operating
    rows = {name: [getattr(s, name) for s in sides] for name in OPERATING.columns if name not in ("matcher", "target")}
    return OPERATING.of({"matcher": [FIRST, SECOND], "target": [found.target] * 2, **rows})


def _differences(found: Comparison) -> Table:
    ds = found.differences
    same = ("measure", "group", "n", "subjects", "errors", "errors_2", "low", "high", "p_holm", "would_see", "verdict")
    rows = {name: [getattr(d, name) for d in ds] for name in same}
    rows |= {
        "rate": [d.errors / d.n for d in ds],
        "rate_2": [d.errors_2 / d.n for d in ds],
        "difference": [d.value for d in ds],
    }
    return DIFFERENCES.of(rows)


def _answers(found: Comparison) -> list[Note]:
    one, two = found.operating
    made = [Note(text=AT, values={"target": one_in(found.target), "fmr": one_in(one.fmr), "fmr_2": one_in(two.fmr)})]
    overall = next((d for d in found.differences if (d.measure, d.group) == (FNMR, EVERYBODY)), None)
    if overall is not None:
        made.append(_overall(overall))
    groups = [d for d in found.differences if d.group != EVERYBODY and math.isfinite(d.p_holm)]
    apart = sorted((d for d in groups if d.verdict in (LOWER, HIGHER)), key=lambda d: d.p_holm)
    made += [
        Note(text=GROUP_DIFFERS, values={"measure": d.measure, "group": d.group, **_values(d, "rate", "rate_2")})
        for d in apart[:MOST_SAID]
    ]
    if groups and not apart:
        would = [100 * d.would_see for d in groups]
        made.append(Note(text=NO_GROUP_DIFFERS, values={"n": len(groups), "least": min(would), "most": max(would)}))
    return made


def _overall(one: Difference) -> Note:
    if one.verdict == NOT_DETERMINABLE:
        values = _values(one, "rate", "rate_2")
        del values["verdict"]
        return Note(text=UNDETERMINED, values={**values, "subjects": one.discordant})
    values = _values(one, "rate", "rate_2", "difference", "low", "high")
    if one.verdict == NO_DIFFERENCE:
        del values["verdict"]
        return Note(text=NOT_FOUND, values={**values, "would": 100 * one.would_see})
    return Note(text=DIFFERS, values=values)


def _values(one: Difference, *names: str) -> dict[str, Scalar]:
    shares = {
        "rate": one.errors / one.n, "rate_2": one.errors_2 / one.n, "difference": one.value, "low": one.low,
        "high": one.high,
    }  # fmt: skip
    return {**{name: 100 * shares[name] for name in names}, "verdict": one.verdict}


def _how_sure(found: Comparison) -> list[Note]:
    n = sum(math.isfinite(d.p_holm) for d in found.differences)
    return [Note(text=METHOD, kind="explanation"), Note(text=HOLM, values={"n": n}, kind="explanation")]


def _whom(found: Comparison, facts: Mapping[str, Scalar]) -> list[Note]:
    made = [Note(text=PEOPLE, values={name: facts[name] for name in ("subjects", "genuine", "impostor")})]
    groups = [d for d in found.differences if d.group != EVERYBODY]
    if not groups:
        return [*made, Note(text=NO_GROUPS)]
    able = [d for d in groups if math.isfinite(d.p_holm)]
    if not able:
        return made
    most = max(able, key=lambda d: abs(d.value) / math.sqrt(d.variance))
    return [
        *made,
        Note(text=GROUPS, values={"measure": most.measure, "group": most.group, **_values(most, "difference")}),
    ]


def _unknown(found: Comparison, scores: Scores) -> list[Note]:
    made = [Note(text=OTHER_RATES, kind="caveat")]
    if any(abs(side.fmr - found.target) > APART * found.target for side in found.operating):
        made.append(Note(text=TIES, kind="caveat"))
    if scores.suppressed:
        made.append(Note(text=SMALL_GROUPS, values={"n": len(scores.suppressed)}, kind="caveat"))
    return [*made, Note(text=CORPUS, kind="caveat"), Note(text=NO_USE, kind="caveat")]


def public_compare(findings: Findings) -> Findings:
    """The findings without rates that rest on 1 to 10 errors, without the counts of errors, and without such notes."""
    rows = findings.table("differences")
    gone = hidden_rates(rows) | hidden_rates(rows, "errors_2")
    few = np.array([key in gone for key in keys(rows)], dtype=np.bool_)
    hidden = {(measure, group) for _, measure, group, _ in gone}
    shown = blanked(rows, few, ("rate", "rate_2", "difference", "low", "high"), ("errors", "errors_2"))
    operating = findings.table("operating")
    misses = operating["fnmr"] * operating["fnmr_n"]
    few_misses = np.asarray((misses > 0) & (misses < SMALLEST - 0.5)) | ((FNMR, EVERYBODY) in hidden)
    notes = tuple(n for n in findings.notes if not _tells(n, hidden))
    return Findings(
        tables=(
            blanked(operating, few_misses, ("fnmr",), ("failed",)),
            shown.take((rows["n"] >= SMALLEST) & (rows["subjects"] >= SMALLEST)),
        ),
        notes=notes,
        facts=findings.facts,
    )


def _tells(note: Note, hidden: set[tuple[str, str]]) -> bool:
    if note.text in (DIFFERS, NOT_FOUND):
        return (FNMR, EVERYBODY) in hidden
    if note.text == UNDETERMINED:
        return True
    return (str(note.values.get("measure", "")), str(note.values.get("group", ""))) in hidden


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    return [*told_first(findings, say, WHOM, VOCABULARY), *figures(findings, say)]


def example_pairs(subjects: int = 240, seed: int = 9) -> dict[str, Dataset]:
    """The made-up comparisons of `example` with a second made-up matcher that knows people again better."""
    rng = np.random.default_rng(seed)
    given = example_datasets(subjects)
    one = given["scores"].table
    genuine = one["genuine"] == 1
    first = np.where(genuine, one["score"] - 0.9, one["score"])
    second = one["score"] + 0.4 * rng.standard_normal(len(one))
    columns = {c.name: (c.kind, first if c.name == "score" else c.values) for c in one.columns}
    columns |= {"score_2": (Kind.AMOUNT, np.round(second, 4)), "failed_2": (Kind.COUNT, one["failed"])}
    return {
        "pairs": dataset("example-pairs", "face-score-pair", table(PAIRS, columns), {}),
        "subjects": given["subjects"],
    }


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=CompareParams(by=("sex", "group")), datasets=example_pairs()),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public_compare,
    shows=Shows(view=view),
)
