"""Recordings, several at once: `peelian footage suggest` and `redact`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from peelian.cli.command import TAKES_PARAMETERS, command
from peelian.cli.frame import (
    HERE,
    AsOption,
    OfficeOption,
    Printed,
    in_json,
    opened,
    progress_bar,
    stoppable,
)
from peelian.cli.words import say
from peelian.kernel.model.doors import Suspended

ItemsArgument = Annotated[list[str] | None, typer.Argument(help="Numbers of recordings. None: all that you may use.")]
CategoryOption = Annotated[str, typer.Option(help="Only recordings of this retention category.")]
PurposeOption = Annotated[str, typer.Option(help="Purpose of the use.")]


def _over_recordings(name: str, capability: str, about: str) -> Callable[..., Printed]:
    """The command of this name: one capability, used for several recordings."""

    def over_recordings(
        context: typer.Context,
        as_: AsOption,
        item: ItemsArgument = None,
        category: CategoryOption = "",
        purpose: PurposeOption = "disclosure",
        office: OfficeOption = HERE,
    ) -> Printed:
        from peelian.forms import from_flags
        from peelian.operations import batches

        named, flags = _parted([*(item or ()), *context.args])
        so_far, done = [say("The same command goes on from there.")], []
        with opened(office) as town, stoppable(so_far):
            by = town.operator(as_)
            params = from_flags(town.kernel.capability(capability).asks.params, flags)
            chosen = batches.recordings(town.kernel, by.person, named=named, category=category)
            uses = batches.uses_of(town.kernel, capability, chosen)
            batch = batches.Batch(capability=capability, purpose=purpose, params=params, uses=uses)
            with progress_bar() as progress:
                for one in batches.ran(town, by, batch, progress=lambda says, share: progress("Recordings", share)):
                    done.append(one)
                    if not in_json():
                        typer.echo(_line(one))
        failed, left_out = sum(one.error is not None for one in done), len(chosen) - len(uses)
        lines = [say("Recordings: %(n)d. Failed: %(failed)d.", n=len(done), failed=failed)]
        lines += [say("Without a reviewed plan, left out: %(n)d.", n=left_out)] if left_out else []
        return {"recordings": [_record(one) for one in done], "left_out": left_out}, lines, int(failed > 0)

    over_recordings.__name__, over_recordings.__doc__ = name, about
    return over_recordings


for _name, _capability, _about in (
    (
        "suggest",
        "footage.propose",
        "Suggest redactions of several recordings. Those done before are skipped: stop and start it as you like.",
    ),
    (
        "redact",
        "footage.redact",
        "Make the redacted copies of all recordings with a reviewed plan. Those done before are skipped.",
    ),
):
    command(f"footage {_name}", suspended=Suspended.STOPS, page="POST /batch", settings=TAKES_PARAMETERS)(
        _over_recordings(_name, _capability, _about)
    )


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """Numbers of recordings, and the parameters among them with their values.

    >>> _parted(["footage-1", "--threshold", "0.05", "footage-2", "--every=1"])
    (['footage-1', 'footage-2'], ['--threshold', '0.05', '--every=1'])
    """
    named: list[str] = []
    flags: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            named.append(word)
        else:
            flags += [word] if "=" in word else [word, *([value] if (value := next(rest, "")) else [])]
    return named, flags


def _line(one: Any) -> str:
    from peelian.wording.errors import error_said

    if one.error is not None:
        return say("%(item)s: failed. %(why)s", item=one.of, why=error_said(one.error, say))
    made = ", ".join(one.made.values())
    if one.earlier:
        return say("%(item)s: done before, case %(case)s: %(made)s", item=one.of, case=one.case, made=made)
    return say("%(item)s: case %(case)s: %(made)s", item=one.of, case=one.case, made=made)


def _record(one: Any) -> dict[str, Any]:
    error = type(one.error).__name__ if one.error is not None else ""
    return {"item": one.of, "case": one.case, "made": dict(one.made), "earlier": one.earlier, "error": error}
