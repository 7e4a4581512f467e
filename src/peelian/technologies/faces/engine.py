"""Run a vendor's matcher on a benchmark set, only on images named in a signed consent manifest.

No engine is included. A vendor's package calls `trial_of(engine)` and exports the resulting capability. The engine
gets two images and returns a score. It gets no gallery, no labels and no way to ask for more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from peelian.errors import InputError, NotEnoughData, Reason, Refused, sentence
from peelian.kernel.model.capability import (
    AuthorizationKind,
    Capability,
    Context,
    Dataset,
    Example,
    Findings,
    Need,
    Read,
    Scalar,
)
from peelian.kernel.model.parameters import REQUIRED, day, number, text
from peelian.measure.canonical import canonical_digest
from peelian.measure.table import Table
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.case import AUDIT_ARITHMETIC
from peelian.technologies.faces.audit.declared import AUDIT, DIGEST, AuditParams
from peelian.technologies.faces.audit.sentences import findings_of
from peelian.technologies.faces.declared import SUBJECTS
from peelian.technologies.faces.formats.shapes import BENCHMARK, CONSENT, ScoreColumns, admitted_scores
from peelian.technologies.faces.measure.scores import Digests, built, oriented


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialParams(AuditParams):
    """Parameters of a trial that runs a vendor's matcher on a benchmark set with a signed consent manifest."""

    manifest: str = text(REQUIRED, "Digest of the consent manifest, as stated in its authorization", form=DIGEST)
    until: str = day(REQUIRED, "Last day of the authorization, YYYY-MM-DD. No consent may end earlier")
    most_pairs: int = number(100_000, "Maximum number of impostor pairs", 1, unit="pairs")


RULE = "only_images_with_consent_are_compared"


class Engine(Protocol):
    """A vendor's matcher: two images in, one score out. nan says that one of them could not be used."""

    def compare(self, a: bytes, b: bytes) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """Images that may be compared, and the digest of each one's subject."""

    images: tuple[bytes, ...]
    subject: Digests


def manifest_digest(consent: Table) -> str:
    """The digest of a consent manifest, whatever the order of its rows: what the signed authorization must state.

    O(images log images).
    """
    rows = zip(consent["sha256"].tolist(), consent["consent_ref"].tolist(), _days(consent), strict=True)
    return canonical_digest([list(row) for row in sorted(rows)])


def with_consent(benchmark: Table, consent: Table, *, manifest: str, until: str) -> Consented:
    """The benchmark's images, if every one of them is in the manifest and consented to until the authorization ends.

    Refused, with every reason: the manifest differs from the signed one; images whose digest it does not name;
    consents that end before `until`; images whose bytes do not have the digest stated. O(bytes).
    """
    reasons = []
    if manifest_digest(consent) != manifest:
        reasons.append(_no("consent manifest differs from the signed one", "Admit the signed manifest."))
    images = [_decoded(text, row) for row, text in enumerate(benchmark["image"].tolist(), start=2)]
    found = [hashlib.sha256(image).hexdigest() for image in images]
    altered = sum(a != b for a, b in zip(found, benchmark["sha256"].tolist(), strict=True))
    if altered:
        reasons.append(
            _no(
                sentence("%(altered)d images do not match their stated digest", altered=altered),
                "Admit the unaltered images.",
            )
        )
    days = dict(zip(consent["sha256"].tolist(), _days(consent), strict=True))
    missing = sum(one not in days for one in found)
    if missing:
        reasons.append(
            _no(
                sentence("%(missing)d images are not in the consent manifest", missing=missing),
                "Remove them from the set.",
            )
        )
    ended = sum(one in days and days[one] < until for one in found)
    if ended:
        reasons.append(
            _no(
                sentence("The consent to %(ended)d images ends before the authorization does.", ended=ended),
                "Remove them from the set.",
            )
        )
    if reasons:
        raise Refused(reasons)
    return Consented(images=tuple(images), subject=benchmark["subject"])


def compared(engine: Engine, held: Consented, *, most_pairs: int, seed: int) -> Table:
    """Scores of the engine: every two images of one subject, and at most `most_pairs` pairs of first images of two.

    Which impostor pairs are compared is drawn by `seed`. A score that is not finite counts as a failure.
    NotEnoughData: no pair of one kind. O(pairs), each one call of the engine.
    """
    genuine, impostor = _pairs(held.subject, most_pairs, np.random.default_rng(seed))
    if not genuine or not impostor:
        raise NotEnoughData(
            "too few images or subjects",
            accepted="at least two subjects with two images each",
        )
    pairs = [*genuine, *impostor]
    score = np.array([float(engine.compare(held.images[a], held.images[b])) for a, b in pairs], dtype=np.float64)
    failed = ~np.isfinite(score)
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    columns = ScoreColumns(
        score=np.where(failed, math.nan, score),
        genuine=np.arange(len(pairs)) < len(genuine),
        failed=failed,
        probe=held.subject[first],
        ref=held.subject[second],
    )
    return admitted_scores(columns).table


def trial_of(engine: Engine, *, example: Callable[[], Example], technology: str = "faces") -> Capability:
    """The capability that audits `engine` on a benchmark set: for a vendor's plug-in to export.

    It needs a consent manifest in force, which states the manifest's digest and its own last day.
    """

    def run(params: TrialParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
        held = with_consent(
            datasets["benchmark"].table, datasets["consent"].table, manifest=params.manifest, until=params.until
        )
        context.progress("Comparing images", 0.1)
        table = compared(engine, held, most_pairs=params.most_pairs, seed=context.seed)
        people = datasets["subjects"].table if "subjects" in datasets else None
        scores = oriented(built([table], people, by=params.by, least=params.min_subjects), params.direction)
        return findings_of(audited(params, scores, seed=context.seed))

    return replace(
        AUDIT,
        id=f"{technology}.trial",
        title="Face matcher trial with consent",
        about="Runs a vendor's matcher on images of consenting subjects and audits its scores.",
        asks=replace(AUDIT.asks, params=TrialParams),
        reads=(
            Read(role="benchmark", title="benchmark", shape=BENCHMARK),
            Read(role="consent", title="consent manifest", shape=CONSENT),
            Read(role="subjects", title="subjects", shape=SUBJECTS, optional=True),
        ),
        needs=(Need(kind=AuthorizationKind.CONSENT_MANIFEST, covers=_covers),),
        arithmetic=lambda: replace(AUDIT_ARITHMETIC, run=run, example=example),
    )


def _covers(params: TrialParams) -> dict[str, Scalar]:
    return {"manifest": params.manifest, "until": params.until}


def _pairs(
    subject: Digests, most: int, rng: np.random.Generator
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs of images: all of one subject; and of the first images of two subjects, `most` of them at random."""
    images: dict[int, list[int]] = {}
    for at, who in enumerate(subject.tolist()):
        images.setdefault(who, []).append(at)
    genuine = [pair for own in images.values() for pair in _couples(own)]
    impostor = list(_couples([own[0] for own in images.values()]))
    if len(impostor) > most:
        chosen = np.sort(rng.choice(len(impostor), size=most, replace=False))
        impostor = [impostor[i] for i in chosen.tolist()]
    return genuine, impostor


def _couples(items: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((a, b) for i, a in enumerate(items) for b in items[i + 1 :])


def _decoded(text: str, row: int) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        says = sentence("text of %(n)d characters is not an image in base64", n=len(text))
        raise InputError(says, row=row, column="image", accepted="base64") from None


def _days(consent: Table) -> list[str]:
    return [str(day) for day in consent["until"].astype("datetime64[D]").tolist()]


def _no(says: str, remedy: str) -> Reason:
    return Reason(rule=RULE, says=says, remedy=remedy)
