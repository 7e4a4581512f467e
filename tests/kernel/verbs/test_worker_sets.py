"""A set of openings is logged for partitions of the run's dataset and true keys only."""

from __future__ import annotations

import pytest
from worker_runs import Run
from worker_runs import run as run

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.verbs.worker_sets import Wanted, opens_set


@pytest.mark.parametrize("objects", [(), ("0" * 32,), ("",), ("..",)])
def test_a_set_of_what_is_no_partition_is_not_logged(run: Run, objects: tuple[str, ...]) -> None:
    n = run.town.kernel.stores.log.size()
    with pytest.raises((OutOfOrder, InputError)):
        run.logged(*objects)
    with pytest.raises((OutOfOrder, InputError)):
        run.logged(run.listed[0], run.listed[0])
    with pytest.raises(OutOfOrder):
        run.logged(run.data.object)  # the manifest
    for worker in ("", "0" * 63, "zz" * 32, "AB" * 32):
        with pytest.raises(InputError, match="worker's key"):
            wanted = (Wanted(object=run.listed[0], worker=worker),)
            opens_set(run.town.kernel, *run.of, run.data.dataset, wanted=wanted)
    assert run.town.kernel.stores.log.size() == n
