"""`peelian footage review`: the pages to review suggested redactions, served on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, LanguageOption, OfficeOption, language_of, opened
from peelian.cli.words import say
from peelian.kernel.model.doors import Enters, Leaves, Suspended


@command(
    "footage review",
    Enters.WORDS,
    Leaves.RECORDING,
    Suspended.STOPS,
    page="POST /cases/{case}/review",
)
def review(
    case: Annotated[str, typer.Argument(help="A case of footage.propose or footage.redact that has run.")],
    by: AsOption,
    office: OfficeOption = HERE,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8182,
    language: LanguageOption = "",
) -> None:
    """Review suggested redactions and sign the plan, or look through a redacted copy."""
    from peelian.kernel.verbs.redaction_review import latest_evidence, must_go_on
    from peelian.web.app import make_app
    from peelian.web.footage.review import ReviewDesk
    from peelian.web.serving import serve_pages, taken_port

    with taken_port(port) as at, opened(office) as town:
        desk = ReviewDesk(town, town.operator(by))
        must_go_on(town.kernel, case)
        latest_evidence(town.kernel, case)  # says at once where there is nothing to review
        where = f"http://127.0.0.1:{port}/{language_of(language)}/review/{desk.key}/{case}"
        typer.echo(say("Review: %(address)s  (stop with Ctrl-C)", address=where))
        typer.echo(say("Anyone with this address can review as you. Keep it private."))
        try:
            serve_pages(make_app(town, review=desk), at=at)
        finally:
            desk.close()
