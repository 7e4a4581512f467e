"""How a back-test's parts fan out, and how a worker opens partitions: two Dask workers against one, kills, used leaves.

Scheduler and workers are processes of their own, with one thread each. The city is made up and seeded. Every way must
give the same figures to the last bit.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import shapely
from used_openings import of_sets

from figures import Figure, at_least, at_most, finish, flags, plain, show
from mapping_backtest import SIDE_METRES, WEEK, city
from peelian.integrations.part_workers import Cluster, Processes
from peelian.kernel.model.fan_out import Each, InProcess
from peelian.kernel.verbs.worker_sets import Wanted, opens_set, tickets
from peelian.measure.folds import rolling_origins
from peelian.measure.grid import offset_grids
from peelian.storage.key_store import KeyStore
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import Plan, back_test

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from bits import bits
from clusters import running

NAMES = ("uniform", "long_run", "moving", "density", "decayed", "retrospective", "kernel_time", "prospective")
KILLS = 20


def tried(each: Each, n: int, origins: int) -> tuple[str, float]:
    """Digest of every figure of a back-test on four grids, and its seconds."""
    incidents = city(n, 0.6)
    grids = offset_grids(shapely.box(0, 0, SIDE_METRES, SIDE_METRES), 250.0, 4)
    folds = rolling_origins((0.0, incidents.until_hour), window_hours=WEEK, origins=origins)
    started = time.perf_counter()
    trial = back_test(incidents, grids, Plan(folds=folds, seed=1), {name: MODELS[name] for name in NAMES}, each=each)
    seconds = time.perf_counter() - started
    return hashlib.sha256(repr(bits(trial)).encode()).hexdigest(), seconds


def processor(ids: Sequence[int]) -> list[float]:
    """Processor seconds that these processes have used so far."""
    told = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in ids]
    return [(int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") for words in told]


def quickest(each: Each, n: int, origins: int) -> tuple[str, float]:
    """The digest, and the seconds of the quicker of two."""
    found, seconds = zip(*(tried(each, n, origins) for _ in range(2)), strict=True)
    return found[0] if len(set(found)) == 1 else "", min(seconds)


def on_cluster(workers: int, n: int, origins: int) -> tuple[str, float, float]:
    """The same on a cluster that has been used once, and the processor seconds of its busiest worker in each of two."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), workers) as made:
        each = Cluster(address=made.address)
        tried(each, 20_000, 8)  # loads the program in each worker
        ids = [worker.pid for worker in made.workers]
        before = processor(ids)
        found, seconds = quickest(each, n, origins)
        used = max(after - begun for after, begun in zip(processor(ids), before, strict=True))
    return found, seconds, used / 2


def with_kills(n: int, origins: int, kills: int) -> tuple[str, int]:
    """The digest where two workers are killed again and again, and how many were."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), 2) as made:
        each, chance, over, killed = Cluster(address=made.address), random.Random(9), threading.Event(), [0]
        tried(each, 20_000, 8)

        def killing() -> None:
            while killed[0] < kills and not over.wait(chance.uniform(0.5, 3.0)):
                made.kill_one(chance)
                killed[0] += 1

        killer = threading.Thread(target=killing)
        killer.start()
        found, _ = tried(each, n, origins)
        over.set()
        killer.join()
    return found, killed[0]


def fan_out(n: int, origins: int, kills: int) -> Iterator[Figure]:
    """Seconds of each way, and whether all figures are equal."""
    yield plain("origins_load_before", os.getloadavg()[0], "processes")
    here, seconds = tried(InProcess(), n, origins)  # in a new process, as a run's is
    yield plain(f"origins_{n}_in_one_process", seconds, "s")
    joblib, apart = quickest(Processes(jobs=2), n, origins)
    yield plain(f"origins_{n}_joblib_2_processes", apart, "s")
    yield at_most("origins_joblib_2_against_one_process", apart / seconds, "times", 1)
    one, alone, used_alone = on_cluster(1, n, origins)
    yield plain(f"origins_{n}_dask_1_worker", alone, "s")
    two, both, used_each = on_cluster(2, n, origins)
    yield plain(f"origins_{n}_dask_2_workers", both, "s")
    yield at_least("origins_dask_2_workers_against_1", alone / both, "times", 1.7)
    yield plain("origins_processor_1_worker", used_alone, "s")
    yield plain("origins_processor_busier_of_2_workers", used_each, "s")
    yield plain("origins_processor_1_worker_against_busier_of_2", used_alone / used_each, "times")
    yield plain("origins_load_after", os.getloadavg()[0], "processes")
    yield at_most("origins_ways_that_differ", sum(found != here for found in (joblib, one, two)), "of 3", 0)
    equal, killed = True, 0
    while killed < kills and equal:
        found, more = with_kills(n, origins, kills - killed)
        equal, killed = found == here, killed + more
    yield at_least("origins_kills_that_changed_nothing", killed if equal else -1, "kills", kills)


def openings(months: int) -> Iterator[Figure]:
    """A plan of four partitions a month, opened by two workers of an office on disk; one reply in ten is lost, and what
    it was for is logged and opened again. Unwraps are counted where the key ring is used."""
    from own_keys import give_passphrases
    from worker_runs import running_over

    give_passphrases()
    unwraps, unwrapped = [0], KeyStore.unwrapped

    def counted(store: KeyStore, name: str) -> bytes:
        unwraps[0] += " " not in name  # documents and names of people have a blank in theirs
        return unwrapped(store, name)

    rows = [
        (f"{2000 + k // 12}-{1 + k % 12:02d}-{1 + n:02d}", (-1) ** n * 9, (-1) ** (n // 2) * 9, "North")
        for k in range(months)
        for n in range(8)
    ]
    chance, lost, read = random.Random(4), 0, 0
    with tempfile.TemporaryDirectory() as folder, running_over(Path(folder), rows) as run:
        KeyStore.unwrapped = counted
        started, waiting = time.perf_counter(), [(one, k % 2) for k, one in enumerate(run.listed)]
        while waiting:
            wanted = tuple(Wanted(object=one, worker=run.workers[k].public_key) for one, k in waiting)
            intent = opens_set(run.town.kernel, *run.of, run.data.dataset, wanted=wanted)
            again = []
            for ticket, (one, k) in zip(tickets(run.town.kernel, intent), waiting, strict=True):
                if chance.random() < 0.1:
                    run.workers[k].data_key(ticket)
                    again.append((one, 1 - k))  # its reply was lost: the other worker takes over
                    continue
                with run.workers[k].opens(ticket, run.objects) as file:
                    read += file.read(4) == b"PAR1"
            waiting, lost = again, lost + len(again)
        seconds = time.perf_counter() - started
        used, sets = of_sets(run.keys), run.town.kinds().count("OPENED_SET")
        KeyStore.unwrapped = unwrapped
    yield at_least("openings_partitions_read", read, "partitions", 100)
    yield plain("openings_replies_lost", lost, "replies")
    yield plain("openings_sets_logged", sets, "entries")
    yield plain("openings_milliseconds_each", 1000 * seconds / used, "ms")
    yield at_most("openings_unwraps_beside_used_leaves", abs(unwraps[0] - used), "openings", 0)
    yield at_most("openings_used_leaves_beside_read_and_lost", abs(used - read - lost), "openings", 0)


def main() -> None:
    options = flags(__doc__ or "").parse_args()
    n, origins, kills = (100_000, 12, 4) if options.quick else (400_000, 26, KILLS)
    figures = [show(one) for one in openings(30)] + [show(one) for one in fan_out(n, origins, kills)]
    finish(figures, options.json)


if __name__ == "__main__":
    main()
