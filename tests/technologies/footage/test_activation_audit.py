"""The audit says its rule and its limits, hides small groups in public; the sample can be drawn again by anybody."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context
from peelian.technologies.footage.activation.case import public
from peelian.technologies.footage.activation.declared import ACTIVATION, ActivationParams
from peelian.technologies.footage.sample.declared import SAMPLE, SampleParams

CONTEXT = Context(seed=7, progress=lambda says, share: None)


def test_the_example_is_counted_whole() -> None:
    made = ACTIVATION.arithmetic().example()
    found = ACTIVATION.arithmetic().run(made.params, made.datasets, CONTEXT)
    first = next(iter(found.table("activation").rows()))
    assert first[:2] == ("all", "all") and first[2] == 60 and sum(first[3:8]) == 60
    assert (found.facts["covered"], found.facts["calls"]) == (40, 60)


def test_in_public_no_count_from_one_to_ten_stands() -> None:
    made = ACTIVATION.arithmetic().example()
    shown = public(ACTIVATION.arithmetic().run(made.params, made.datasets, CONTEXT))
    for table in shown.tables:
        for column in table.columns:
            if column.kind == "count":
                assert not ((column.values > 0) & (column.values < 11)).any()


def test_a_sample_depends_on_its_seed_alone_and_draws_nothing_twice() -> None:
    made = SAMPLE.arithmetic().example()
    params = SampleParams(month="2026-03", size=12)
    drawn = [SAMPLE.arithmetic().run(params, made.datasets, CONTEXT).table("sample")["row"].tolist() for _ in range(2)]
    other = (
        SAMPLE.arithmetic()
        .run(params, made.datasets, dataclasses.replace(CONTEXT, seed=8))
        .table("sample")["row"]
        .tolist()
    )
    assert drawn[0] == drawn[1] != other and len(set(drawn[0])) == 12
    with pytest.raises(NotEnoughData):
        SAMPLE.arithmetic().run(SampleParams(month="1999-01"), made.datasets, CONTEXT)


@pytest.mark.parametrize("wrong", [{"month": "March"}, {"month": "2026"}, {"month": "2026-03", "size": 0}])
def test_settings_without_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        SAMPLE.asks.check(SampleParams(**wrong))  # type: ignore[arg-type]
    with pytest.raises(InputError):
        ACTIVATION.asks.check(ActivationParams(grace=-1))
