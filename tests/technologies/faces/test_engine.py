"""Proves the path of a vendor's matcher on a set with consent, with a toy that compares made-up noise patterns."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import math

import numpy as np
import pytest
from desk import desk

from peelian.errors import InputError, NotEnoughData, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Dataset, Example
from peelian.kernel.model.technology import Technology
from peelian.measure.table import Column, Kind, Table, table
from peelian.technologies.faces import TECHNOLOGY
from peelian.technologies.faces.engine import TrialParams, compared, manifest_digest, trial_of, with_consent
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.formats.shapes import BENCHMARK, CONSENT, admitted_subjects

UNTIL = "2027-06-30"


class NoiseMatcher:
    """Compares two 64-byte noise patterns by correlation. There is no face in it."""

    calls = 0

    def compare(self, a: bytes, b: bytes) -> float:
        self.calls += 1
        x, y = (np.frombuffer(part, dtype=np.uint8).astype(float) for part in (a, b))
        return float(np.corrcoef(x, y)[0, 1]) if x.std() and y.std() else math.nan


def noise(subjects: int = 40, each: int = 2) -> tuple[Table, Table]:
    """A benchmark set of noise patterns and its consent manifest."""
    rng = np.random.default_rng(0)
    own = rng.integers(0, 256, (subjects, 64))
    images = [
        np.clip(own[i] + rng.integers(-40, 41, 64), 0, 255).astype(np.uint8).tobytes()
        for i in range(subjects)
        for _ in range(each)
    ]
    digests = [hashlib.sha256(image).hexdigest() for image in images]
    benchmark = table(
        BENCHMARK,
        {
            "subject": (Kind.PSEUDONYM, np.repeat(np.arange(1, subjects + 1), each)),
            "sha256": (Kind.DIGEST, digests),
            "image": (Kind.PERSONAL, [base64.b64encode(image).decode() for image in images]),
        },
    )
    consent = table(
        CONSENT,
        {
            "sha256": (Kind.DIGEST, digests),
            "consent_ref": (Kind.PSEUDONYM, np.arange(len(images))),
            "until": (Kind.TIME, np.array(["2027-12-31"] * len(images), dtype="datetime64[D]")),
        },
    )
    return benchmark, consent


def changed(made: Table, **columns: object) -> Table:
    return Table(
        name=made.name,
        columns=tuple(
            Column(name=c.name, kind=c.kind, values=np.asarray(columns.get(c.name, c.values))) for c in made.columns
        ),
    )


def held(benchmark: Table, consent: Table, **how: str):
    return with_consent(benchmark, consent, **({"manifest": manifest_digest(consent), "until": UNTIL} | how))


def test_images_with_consent_are_handed_on():
    benchmark, consent = noise(5)
    assert len(held(benchmark, consent).images) == 10
    shuffled = consent.take(np.arange(10)[::-1])
    assert manifest_digest(shuffled) == manifest_digest(consent)


def test_an_image_outside_the_manifest_refuses_the_whole_set():
    benchmark, consent = noise(5)
    less = consent.take(np.arange(9))
    with pytest.raises(Refused, match="1 images are not in the consent manifest"):
        held(benchmark, less)


def test_another_manifest_than_the_signed_one_is_refused():
    benchmark, consent = noise(5)
    with pytest.raises(Refused, match="differs from the signed one"):
        held(benchmark, consent, manifest="00" * 32)


def test_a_consent_that_ends_before_the_authorization_is_none():
    benchmark, consent = noise(5)
    days = consent["until"].copy()
    days[3] = np.datetime64("2027-06-29")
    with pytest.raises(Refused, match="The consent to 1 images ends"):
        held(benchmark, changed(consent, until=days))


def test_altered_bytes_are_noticed_and_text_that_is_no_image_is_named():
    benchmark, consent = noise(5)
    images = benchmark["image"].copy()
    images[0] = base64.b64encode(b"something else").decode()
    with pytest.raises(Refused) as refused:
        held(changed(benchmark, image=images), consent)
    assert len(refused.value.reasons) == 2, "altered, and not in the manifest"
    images[0] = "not base64!"
    with pytest.raises(InputError, match="not an image in base64") as error:
        held(changed(benchmark, image=images), consent)
    assert error.value.row == 2


def test_pairs_are_compared_once_and_what_cannot_be_compared_is_a_failure():
    benchmark, consent = noise(12)
    engine = NoiseMatcher()
    made = compared(engine, held(benchmark, consent), most_pairs=30, seed=1)
    assert engine.calls == len(made) == 12 + 30
    assert made["genuine"].sum() == 12
    assert made["score"][made["genuine"] == 1].mean() > 0.7 > made["score"][made["genuine"] == 0].max()
    blank = dataclasses.replace(held(benchmark, consent), images=(bytes(64),) * 24)
    assert compared(engine, blank, most_pairs=5, seed=1)["failed"].all()
    with pytest.raises(NotEnoughData):
        compared(engine, dataclasses.replace(blank, subject=np.arange(24)), most_pairs=5, seed=1)


def example() -> Example:
    benchmark, consent = noise(60)
    manifest = manifest_digest(consent)
    labels = {"sex": [("female", "male")[i % 2] for i in range(60)]}
    people = admitted_subjects(np.arange(1, 61), labels)
    files = {
        "benchmark": dataset("b", "peelian-benchmark", benchmark, {}),
        "consent": dataset("c", "peelian-consent", consent, {}),
        "subjects": dataset("s", "peelian-subjects", people.table, dict(people.facts)),
    }
    params = TrialParams(manifest=manifest, until=UNTIL, by=("sex",), thresholds=(0.3,), replicates=0)
    return Example(
        params=params,
        datasets=files,
        authorizations={AuthorizationKind.CONSENT_MANIFEST: {"manifest": manifest, "until": UNTIL}},
    )


def plugged() -> tuple[Technology, NoiseMatcher]:
    engine = NoiseMatcher()
    capability = trial_of(engine, example=example)
    return dataclasses.replace(TECHNOLOGY, capabilities=(*TECHNOLOGY.capabilities, capability)), engine


def test_a_plugged_in_matcher_runs_under_a_consent_manifest_and_never_without():
    technology, engine = plugged()
    capability = technology.capabilities[-1]
    town = desk((technology,))
    with pytest.raises(Refused, match="consent manifest"):
        town.ask(capability)
    town.authorization(AuthorizationKind.CONSENT_MANIFEST, capability, {"manifest": "00" * 32, "until": UNTIL})
    with pytest.raises(Refused, match="scope does not match"):
        town.ask(capability)
    assert engine.calls == 0
    town.authorizations(capability)
    permit = town.ask(capability)
    _, found = verbs.run(town.kernel, town.people[town.asker(capability)], permit)
    assert engine.calls == 60 + 60 * 59 // 2
    assert found.facts["genuine"] == 60
    assert found.table("trials")["group"].tolist()[:3] == ["all", "female", "male"]


def test_a_manifest_that_lacks_an_image_stops_the_run():
    technology, engine = plugged()
    capability = technology.capabilities[-1]
    town = desk((technology,))
    town.authorizations(capability)
    whole = example()
    less: Dataset = dataclasses.replace(
        whole.datasets["consent"], table=whole.datasets["consent"].table.take(np.arange(5))
    )
    files = {**whole.datasets, "consent": less}
    data = {role: town.admit(one, capability.asks.purposes).dataset for role, one in files.items()}
    permit = town.ask(capability, datasets=data)
    with pytest.raises(PeelianError):
        verbs.run(town.kernel, town.people[town.asker(capability)], permit)
    assert engine.calls == 0


def test_no_engine_ships():
    assert not [c.id for c in TECHNOLOGY.capabilities if c.id.endswith(".trial")]
