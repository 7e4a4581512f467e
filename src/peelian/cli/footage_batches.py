"""Recordings, several at once: `peelian footage suggest` and `redact`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, progress_bar, stoppable, tell
from peelian.cli.verbs import PARAMETERS
from peelian.cli.words import say

ItemsArgument = Annotated[list[str] | None, typer.Argument(help="Numbers of recordings. None: all that you may use.")]
CategoryOption = Annotated[str, typer.Option(help="Only recordings of this retention category.")]
PurposeOption = Annotated[str, typer.Option(help="Purpose of the use.")]


def add_to(room: typer.Typer) -> None:
    """Register these commands under `peelian footage`."""
    room.command(context_settings=PARAMETERS)(suggest)
    room.command(context_settings=PARAMETERS)(redact)


def suggest(
    context: typer.Context,
    as_: AsOption,
    item: ItemsArgument = None,
    category: CategoryOption = "",
    purpose: PurposeOption = "disclosure",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Suggest redactions of several recordings. Those done before are skipped: stop and start it as you like."""
    _batch("footage.propose", context, as_, item, category, purpose, office, as_json=as_json)


def redact(
    context: typer.Context,
    as_: AsOption,
    item: ItemsArgument = None,
    category: CategoryOption = "",
    purpose: PurposeOption = "disclosure",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Make the redacted copies of all recordings with a reviewed plan. Those done before are skipped."""
    _batch("footage.redact", context, as_, item, category, purpose, office, as_json=as_json)


def _batch(
    capability: str,
    context: typer.Context,
    as_: str,
    item: list[str] | None,
    category: str,
    purpose: str,
    office: Any,
    *,
    as_json: bool,
) -> None:
    from peelian.forms import from_flags
    from peelian.operations import batches

    named, flags = _parted([*(item or ()), *context.args])
    so_far, done, failed = [say("The same command goes on from there.")], [], 0
    with opened(office) as town, stoppable(so_far):
        by = town.operator(as_)
        params = from_flags(town.kernel.capability(capability).asks.params, flags)
        chosen = batches.recordings(town.kernel, by.person, named=named, category=category)
        uses = batches.uses_of(town.kernel, capability, chosen)
        batch = batches.Batch(capability=capability, purpose=purpose, params=params, uses=uses)
        with progress_bar(quiet=as_json) as progress:
            told = batches.ran(town, by, batch, progress=lambda says, share: progress("Recordings", share))
            for one in told:
                done.append(one)
                failed += one.error is not None
                if not as_json:
                    typer.echo(_line(one))
    left_out = len(chosen) - len(uses)
    lines = [say("Recordings: %(n)d. Failed: %(failed)d.", n=len(done), failed=failed)]
    lines += [say("Without a reviewed plan, left out: %(n)d.", n=left_out)] if left_out else []
    record = {"recordings": [_record(one) for one in done], "left_out": left_out}
    tell(record, lines, as_json=as_json)
    if failed:
        raise typer.Exit(1)


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
    from peelian.web.error_words import error_said

    if one.error is not None:
        return say("%(item)s: failed. %(why)s", item=one.of, why=error_said(one.error, say))
    made = ", ".join(one.made.values())
    if one.earlier:
        return say("%(item)s: done before, case %(case)s: %(made)s", item=one.of, case=one.case, made=made)
    return say("%(item)s: case %(case)s: %(made)s", item=one.of, case=one.case, made=made)


def _record(one: Any) -> dict[str, Any]:
    error = type(one.error).__name__ if one.error is not None else ""
    return {"item": one.of, "case": one.case, "made": dict(one.made), "earlier": one.earlier, "error": error}
