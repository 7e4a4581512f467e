"""`peelian review`: the pages on which one person looks a proposal through, served on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, LanguageOption, OfficeOption, language_of, opened


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(review)


def review(
    case: Annotated[str, typer.Argument(help="A case of footage.propose that has run.")],
    by: AsOption,
    office: OfficeOption = HERE,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8182,
    language: LanguageOption = "en",
) -> None:
    """Review what is to be covered in a recording: look, move boxes, and keep the plan under your name."""
    import uvicorn

    from peelian.governance.reviewing import latest_evidence
    from peelian.web.app import make_app
    from peelian.web.review import ReviewDesk

    with opened(office) as house:
        desk = ReviewDesk(house, house.operator(by))
        latest_evidence(house.house, case)  # says at once where there is nothing to review
        where = f"http://127.0.0.1:{port}/{language_of(language)}/review/{desk.key}/{case}"
        typer.echo(f"Review: {where}\nThe address is the key: give it to nobody.  (stop with Ctrl-C)")
        try:
            uvicorn.run(make_app(house, review=desk), host="127.0.0.1", port=port, log_level="warning")
        finally:
            desk.close()
