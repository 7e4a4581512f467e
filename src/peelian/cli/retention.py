"""`peelian retention run`: what the serving program does every day by itself."""

from __future__ import annotations

from peelian.cli.command import command
from peelian.cli.frame import HERE, OfficeOption, Printed, opened
from peelian.cli.words import say
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended


@command(
    "retention run",
    Enters.NOTHING,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    whom=MACHINE,
    terminal="is what the serving program does every day by itself",
    why="it destroys what is due",
)
def run(office: OfficeOption = HERE) -> Printed:
    """Run the daily job: queue what is due, destroy what was queued 7 days ago, destroy expired partitions.

    An office that is served does this itself. Otherwise run it from a timer. After more than 31 days without it, or
    when the clock jumped, it waits one day first.
    """
    from peelian.kernel.retention.expiry_job import has_jumped, sweep

    with opened(office) as town:
        done, gone = sweep(town.kernel)
        waited = has_jumped(town.kernel)
    queued, destroyed = f"{say('queued'):<10}", f"{say('destroyed'):<10}"
    lines = [*(f"{queued} {name}" for name in done.queued), *(f"{destroyed} {name}" for name in done.destroyed)]
    lines += [f"{destroyed} {say('retention partition %(name)s', name=partition)}" for partition in gone.partitions]
    if gone.partitions:
        counts = {"gone": gone.documents, "carried": gone.carried}
        lines.append(say("Documents destroyed: %(gone)d. Still needed and carried over: %(carried)d.", **counts))
    if waited:
        lines.append(say("The clock jumped %(days)d days since the last job. Nothing is destroyed today.", days=waited))
        lines.append(say("Check the clock. If it is right, run this again after 24 hours. See `peelian doctor`."))
    archive = {"partitions": gone.partitions, "documents": gone.documents, "carried": gone.carried}
    record = {"queued": done.queued, "destroyed": done.destroyed, "archive": archive, "waited": waited}
    return record, lines or [say("Nothing was due.")]
