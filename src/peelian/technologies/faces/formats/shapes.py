"""Table shapes of admitted files: scores, subjects, histogram, candidates, mates, published rates."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.coded import Coded, in_order
from peelian.measure.persons import are_homes, are_names
from peelian.measure.table import Kind, Values, table
from peelian.measure.vocabularies import is_age_band
from peelian.technologies.faces.declared import ATTRIBUTES, SCORES, SUBJECTS
from peelian.technologies.faces.measure.scores import JOIN, Digests

BENCHMARK, CONSENT = "face_benchmark", "face_consent"

MOST_LABELS = 50  # different values of one attribute; more are no audit groups but properties of persons
SEXES = {
    "female": "female", "f": "female", "woman": "female", "women": "female", "femme": "female",
    "male": "male", "m": "male", "man": "male", "men": "male", "homme": "male",
    "another": "another", "other": "another", "x": "another", "nonbinary": "another", "non-binary": "another",
    "unknown": "unknown", "": "unknown", "u": "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreColumns:
    """The columns of admitted comparisons; `probe` and `ref` are digests of pseudonyms, None where not given."""

    score: NDArray[np.float64]
    genuine: NDArray[np.bool_]
    failed: NDArray[np.bool_]
    probe: Digests | None = None
    ref: Digests | None = None
    probe_group: Coded | None = None
    ref_group: Coded | None = None
    covariates: Mapping[str, NDArray[np.int8]] = field(default_factory=dict)

    def take(self, keep: NDArray[np.bool_]) -> ScoreColumns:
        """Only the rows marked."""
        probe, ref = (None if values is None else values[keep] for values in (self.probe, self.ref))
        probe_group, ref_group = (
            None if made is None else in_order(made.words, made.codes[keep])
            for made in (self.probe_group, self.ref_group)
        )
        return ScoreColumns(
            score=self.score[keep],
            genuine=self.genuine[keep],
            failed=self.failed[keep],
            probe=probe,
            ref=ref,
            probe_group=probe_group,
            ref_group=ref_group,
            covariates={name: codes[keep] for name, codes in self.covariates.items()},
        )


def admitted_scores(
    columns: ScoreColumns, *, dropped: tuple[Dropped, ...] = (), notes: tuple[Note, ...] = ()
) -> Admitted:
    """Comparisons ready to be sealed. O(rows).

    Columns: `score` (AMOUNT), `genuine` and `failed` (COUNT 0/1), and where known `probe`, `ref` (PSEUDONYM: 64-bit
    digests), `probe_group`, `ref_group` (GROUP) and covariates by the numbers of their bins (-1: not known).
    """
    made: dict[str, tuple[Kind, Values | Coded]] = {
        "score": (Kind.AMOUNT, columns.score),
        "genuine": (Kind.COUNT, columns.genuine.astype(np.int8)),
        "failed": (Kind.COUNT, columns.failed.astype(np.int8)),
    }
    if columns.probe is not None and columns.ref is not None:
        made |= {"probe": (Kind.PSEUDONYM, columns.probe), "ref": (Kind.PSEUDONYM, columns.ref)}
    facts: dict[str, Scalar] = {"comparisons": len(columns.score), "genuine": int(columns.genuine.sum())}
    if columns.probe_group is not None and columns.ref_group is not None:
        made |= {"probe_group": (Kind.GROUP, columns.probe_group), "ref_group": (Kind.GROUP, columns.ref_group)}
        labels = {str(label) for part in (columns.probe_group, columns.ref_group) for label in part.words}
        refuse_case_variants(labels, "probe_group")
        facts["groups"] = labels_as_fact(sorted(labels))
    for name, codes in columns.covariates.items():
        made[name] = (Kind.COUNT, codes)
    return Admitted(table=table(SCORES, made), facts=facts, dropped=dropped, notes=notes)


def admitted_subjects(subject: Digests, attributes: Mapping[str, Sequence[str]]) -> Admitted:
    """Subjects with their audit labels; `facts["groups"]` lists every label and crossed label that occurs.

    InputError: a subject named twice, a label that is none, no attribute at all. O(subjects).
    """
    if not attributes:
        raise InputError("no audit label in the subjects file", accepted="at least one of sex, age_band, group")
    if len(np.unique(subject)) < len(subject):
        raise InputError("subject listed twice", column="subject", accepted="one row per subject")
    made: dict[str, tuple[Kind, Values]] = {"subject": (Kind.PSEUDONYM, subject)}
    kinds = {"sex": Kind.GENDER, "age_band": Kind.AGE_BAND, "group": Kind.GROUP}
    for name, words in attributes.items():
        refuse_case_variants(words, name)
        made[name] = (kinds[name], np.array(words, dtype=object))
    facts: dict[str, Scalar] = {"subjects": len(subject), "groups": labels_as_fact(crossed_labels(attributes))}
    return Admitted(table=table(SUBJECTS, made), facts=facts)


def crossed_labels(attributes: Mapping[str, Sequence[str]]) -> list[str]:
    """Every label that occurs, alone and crossed in every way, each once.

    >>> crossed_labels({"sex": ["female", "male"], "group": ["a", "a"]})
    ['a', 'female', 'female / a', 'male', 'male / a']
    """
    names = [name for name in ATTRIBUTES if name in attributes]
    found: set[str] = set()
    for size in range(1, len(names) + 1):
        for chosen in itertools.combinations(names, size):
            found |= {JOIN.join(parts) for parts in zip(*(attributes[name] for name in chosen), strict=True)}
    return sorted(found)


def refuse_case_variants(labels: Iterable[str], column: str) -> None:
    """InputError where two labels differ only in capitals or blanks: one group would be audited as two."""
    known: dict[str, str] = {}
    for label in labels:
        plain = re.sub(r"[\W_]+", "", label.casefold()) if re.search(r"[^\W\d_]", label) else label
        if known.setdefault(plain, label) != label:
            says = "labels differ only in capitals, blanks or punctuation"
            raise InputError(says, column=column, accepted="one spelling per group")


def labels_as_fact(labels: Sequence[str]) -> str:
    """Labels as one fact: parted by commas, which no label may hold."""
    return ",".join(labels)


def sex(word: str) -> str:
    """The label of a sex or gender; InputError where it is none of the accepted words."""
    if word.strip().lower() not in SEXES:
        says = sentence("text of %(n)d characters is not a sex label", n=len(word))
        raise InputError(says, column="sex", accepted="female, male, another, unknown")
    return SEXES[word.strip().lower()]


def age_band(word: str) -> str:
    """An age band; InputError where it is none: an exact age or a date of birth is never read."""
    given = word.strip().replace("–", "-") or "unknown"
    if not is_age_band(given):
        says = sentence("text of %(n)d characters is not an age band", n=len(word))
        accepted = "bands such as 18-24, 65+ or <18, not an age or date of birth"
        raise InputError(says, column="age_band", accepted=accepted)
    return given


def group_labels(words: Sequence[str], column: str) -> list[str]:
    """Audit labels as given, blanks as "unknown"; InputError where they are too many or too long to be groups."""
    labels = [word.strip() or "unknown" for word in words]
    different = set(labels)
    if len(different) > MOST_LABELS:
        says = sentence("too many labels (%(n)d)", n=len(different))
        raise InputError(says, column=column, accepted=sentence("at most %(most)d labels", most=MOST_LABELS))
    if are_names(different) or are_homes(different):
        says = "labels look like names of people or addresses"
        raise InputError(says, column=column, accepted="group labels")
    if any("," in label or JOIN in label or len(label) > 40 for label in different):
        raise InputError(
            "label has a comma or spaced slash, or over 40 characters",
            column=column,
            accepted="short labels without commas",
        )
    return labels
