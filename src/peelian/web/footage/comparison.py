"""A redacted copy beside its original: two frames, their sound, and what is still to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.pictures.panels import Say


def add_comparison(app: FastAPI, review: Callable[[Request, str], Any], base: str) -> None:
    """Frames and sound of the original, below the address of a review; `review` gives the open one of a case."""

    def comparison(request: Request, case: str) -> Any:
        found = review(request, case)
        if found.template != "comparison.html":
            raise HTTPException(404)
        return found

    @app.get(base + "/original/{number}.jpg", include_in_schema=False)
    def original(request: Request, case: str, number: int) -> Response:
        found = comparison(request, case)
        if not 0 <= number < found.plan.pictures:
            raise HTTPException(404)
        return Response(found.original(number), media_type="image/jpeg")

    @app.get(base + "/original/{number}.wav", include_in_schema=False)
    def original_sound(request: Request, case: str, number: int) -> Response:
        found = comparison(request, case)
        return heard(found, found.original_sound, number)


def heard(review: Any, sound: Callable[[int], bytes], number: int) -> Response:
    """A few seconds of sound from a frame on; 404 where there is no such frame or no sound."""
    found = sound(number) if 0 <= number < review.plan.pictures else b""
    if not found:
        raise HTTPException(404)
    return Response(found, media_type="audio/wav")


def compared(review: Any, say: Say, base: str, asked: str) -> dict[str, Any]:
    """Everything `comparison.html` shows at the frame that was asked for; at the first where none was."""
    last = review.plan.pictures - 1
    at = min(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0, last)
    review.picture(at)  # what the page shows counts at once
    steps = (
        (say("One second back"), "PageUp", max(0, at - review.rate)),
        (say("Previous frame"), ",", max(0, at - 1)),
        (say("Next frame"), ".", min(last, at + 1)),
        (say("One second on"), "PageDown", min(last, at + review.rate)),
        (say("Next to look at"), "n", review.left if review.left >= 0 else at),
    )
    return {
        "title": say("Redacted copy and original"),
        "section": "/cases",
        "base": base,
        "review": review,
        "at": at,
        "seconds": say("%(number).2f", number=review.milliseconds(at) / 1000),
        "steps": steps,
    }
