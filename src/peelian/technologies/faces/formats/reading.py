"""Reading text columns of score files: numbers, labels and words, with errors that name row and column."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.faces.declared import CANDIDATES
from peelian.technologies.faces.formats.identity import NOTHING, encoded, pseudonyms, refuse_identifying_columns
from peelian.technologies.faces.measure.scores import Digests, Flags, Floats

YES = frozenset({"1", "1.0", "yes", "true", "y", "t"})
NO = frozenset({"", "0", "0.0", "no", "false", "n", "f"})


def numbers(text: Table, column: str, *, accepted: str, hint: str = "") -> Floats:
    """The column as float64, nan for empty cells; InputError at the first cell that holds no number. O(rows).

    `hint` is added where not even the first row holds a number: most often the columns are in another order.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if text[column].dtype.kind == "f":  # the reader took them as numbers already
        return np.asarray(text[column], dtype=np.float64)
    raw = pc.utf8_trim_whitespace(pa.array(text[column], type=pa.string()))
    filled = pc.if_else(pc.equal(raw, ""), pa.scalar(None, pa.string()), raw)
    try:
        cast = pc.cast(filled, pa.float64())
    except pa.ArrowInvalid:
        return _one_by_one(text, column, accepted, hint)
    values: Floats = np.asarray(cast.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values


def _one_by_one(text: Table, column: str, accepted: str, hint: str) -> Floats:
    values = np.full(len(text), math.nan)
    for at, word in enumerate(text[column].tolist()):
        try:
            values[at] = float(word) if word.strip() else math.nan
        except ValueError:
            wrong = sentence("text of %(n)d characters is not a number", n=len(word))
            if re.fullmatch(r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*", word):
                wrong = sentence("number with a decimal comma")
                accepted = "a decimal point: 0.5, not 0,5"
            if hint and at == 0:
                wrong = sentence("%(what)s. %(hint)s", what=wrong, hint=sentence(hint))
            raise InputError(wrong, row=row_of(text, at), column=column, accepted=accepted) from None
    return values


def refuse_where(text: Table, wrong: Flags, says: str, *, column: str = "", accepted: str) -> None:
    """InputError at the first row that is wrong."""
    if wrong.any():
        raise InputError(says, row=row_of(text, int(wrong.argmax())), column=column, accepted=accepted)


def finite_scores(text: Table, scores: Floats, failed: Flags, column: str) -> None:
    """InputError at the first score that is infinite, or missing without being marked as a failure."""
    wrong = np.flatnonzero(~np.isfinite(scores) & ~failed)
    if wrong.size:
        at = int(wrong[0])
        what = "score missing or not a number" if np.isnan(scores[at]) else "score is infinite"
        raise InputError(
            what,
            row=row_of(text, at),
            column=column,
            accepted="a finite score, or no score and failure_to_enrol = 1",
        )


def finite(text: Table, column: str, *, accepted: str, hint: str = "") -> Floats:
    """The column as finite scores; InputError at any other cell. O(rows)."""
    score = numbers(text, column, accepted=accepted, hint=hint)
    finite_scores(text, score, np.zeros(len(text), dtype=np.bool_), column)
    return score


def refuse_contradictions(text: Table, genuine: Flags, probe: Digests, ref: Digests) -> None:
    """InputError at the first row without subjects, or marked genuine though they differ (or impostor though not)."""
    nobody = (probe == NOTHING) | (ref == NOTHING)
    refuse_where(text, nobody, "subject missing", accepted="a pseudonym on both sides")
    wrong = np.flatnonzero((probe == ref) != genuine)
    if wrong.size:
        says = "genuine, but subjects differ" if genuine[wrong[0]] else "impostor, but subjects are the same"
        says = sentence("row marked %(what)s", what=sentence(says))
        accepted = "genuine for one subject, impostor for two"
        raise InputError(says, row=row_of(text, int(wrong[0])), column="kind", accepted=accepted)


def candidates(
    text: Table,
    names: Mapping[str, str],
    options: Mapping[str, str],
    dropped: tuple[Dropped, ...],
    **more: tuple[Kind, Values],
) -> Admitted:
    """Candidate lists without mates: `names` are the columns of search, candidate and score, `more` other columns."""
    admissible(text)
    score = finite(text, names["score"], accepted="a score in the last column", hint="Check the column order")
    search, candidate = pseudonyms(text, names["search"]), pseudonyms(text, names["candidate"])
    made = {"search": (Kind.PSEUDONYM, search), "candidate": (Kind.PSEUDONYM, candidate), "score": (Kind.AMOUNT, score)}
    facts = {"searches": len(np.unique(search))}
    if options.get("gallery", "").strip():
        facts["gallery"] = gallery_size(options["gallery"])
    return Admitted(table=table(CANDIDATES, {**made, **more}), facts=facts, dropped=dropped)


def yes_or_no(text: Table, column: str) -> Flags:
    """The column as booleans (1/0, yes/no, true/false; empty is no); InputError at anything else. O(rows)."""
    words, index = encoded(text, column)
    lowered = [word.lower() for word in words]
    for i, word in enumerate(lowered):
        if word not in YES and word not in NO:
            at = int(np.flatnonzero(index == i)[0])
            says = sentence("text of %(n)d characters is neither yes nor no", n=len(word))
            raise InputError(says, row=row_of(text, at), column=column, accepted="1 or 0")
    return np.array([word in YES for word in lowered], dtype=np.bool_)[index] if words else np.zeros(0, dtype=np.bool_)


def one_of(text: Table, column: str, choices: Mapping[str, int]) -> NDArray[np.int8]:
    """The column as the numbers that `choices` gives its words; InputError names the accepted words. O(rows)."""
    words, index = encoded(text, column)
    for i, word in enumerate(words):
        if word.lower() not in choices:
            at = int(np.flatnonzero(index == i)[0])
            says = sentence("text of %(n)d characters is not one of the accepted words", n=len(word))
            raise InputError(says, row=row_of(text, at), column=column, accepted=", ".join(choices))
    numbered = np.array([choices[word.lower()] for word in words], dtype=np.int8)
    return numbered[index] if words else np.zeros(0, dtype=np.int8)


def whole(text: Table, column: str, *, least: int, accepted: str) -> NDArray[np.int64]:
    """The column as whole numbers of at least `least`; InputError at anything else. O(rows)."""
    values = numbers(text, column, accepted=accepted, hint="Check the column order")
    wrong = ~np.isfinite(values) | (values != np.floor(values)) | (values < least)
    says = sentence("not a whole number of %(least)d or more", least=least)
    refuse_where(text, wrong, says, column=column, accepted=accepted)
    return values.astype(np.int64)


def option(options: Mapping[str, str], name: str, choices: Sequence[str], default: str = "") -> str:
    """An option of the admission; InputError where it is none of `choices` or missing without a default."""
    given = options.get(name, default).strip().lower()
    if given not in choices:
        says = sentence("option %(name)s missing or unknown", name=name)
        raise InputError(says, accepted=f"{name} = {' | '.join(choices)}")
    return given


def gallery_size(given: str) -> int:
    """The size of a gallery that an option declares; InputError where it is none."""
    if not given.strip().isdecimal() or not 1 <= int(given.strip()[:12]) < 10**11:
        raise InputError("option gallery is not a whole number", accepted="gallery = number of people enrolled")
    return int(given)


def without(text: Table, keep: Flags, why: str) -> tuple[Table, tuple[Dropped, ...]]:
    """The rows to keep, and what to say about those dropped."""
    gone = np.flatnonzero(~keep)
    if not gone.size:
        return text, ()
    return text.take(keep), (Dropped(why=why, n=int(gone.size), first_row=row_of(text, int(gone[0]))),)


HEADER = "Header line"
HEADINGS = frozenset(
    {
        "label", "labels", "score", "scores", "similarity", "distance", "probe", "gallery", "query", "template", "id",
        "search", "candidate", "rank", "claimed", "real", "model", "reference", "ref", "subject", "identity", "true",
        "mate", "genuine", "impostor", "kind", "image", "file", "path", "name", "count", "n",
    }
)  # fmt: skip


def without_header(text: Table) -> tuple[Table, tuple[Dropped, ...]]:
    """The rows without a first line that names columns; the formats called by column number have none.

    A line is a header if every word of every cell is one that names a column.
    """
    columns = [name for name in text.names if name != "row"]
    if not len(text) or row_of(text, 0) != 1:
        return text, ()
    cells = [str(text[name][0]).strip().lower() for name in columns]
    words = [word for cell in cells for word in re.split(r"[\W_]+", cell) if word]
    if not words or any(word not in HEADINGS for word in words):
        return text, ()
    return without(text, np.arange(len(text)) > 0, HEADER)


def row_of(text: Table, at: int) -> int:
    """The row's number in its file."""
    return int(text["row"][at]) if "row" in text else at + 1


def admissible(text: Table) -> None:
    """InputError where a file has no rows, or a column that identifies a person."""
    refuse_identifying_columns(text)
    if not len(text):
        raise InputError("file has no rows", accepted="at least one comparison")


def texts(values: Values) -> list[str]:
    """A column's words, stripped."""
    return [str(value).strip() for value in values.tolist()]
