"""Verify a receipt: a page whose own script checks it in the browser; without one, the office answers for itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import check_receipt, read_checkpoint, read_receipt
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.log.merkle import Head
from peelian.kernel.log.signed_note import NoteKey, read_key
from peelian.operations.log_key import check_office_receipt
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of
from peelian.web.cases import content
from peelian.web.pages import LANGUAGES

Entry = Annotated[int | None, Query(ge=0, le=1 << 60)]
FIELDS = ("receipt", "entry", "key")
PROOF = "c2sp.org/"  # how a receipt begins, and a checkpoint alone does not


def add_receipt_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The page in both languages, and each entry in the letters that a receipt proves."""

    @app.get("/data/log/{index}/entry")
    def entry_text(index: int) -> Response:
        """A log entry exactly as it is hashed: canonical JSON."""
        return Response(_entry(office, index), media_type="application/json")

    @app.get("/{language}/receipt", include_in_schema=False)
    def page(request: Request, language: str, entry: Entry = None, checkpoint: bool = False) -> Response:
        filled = {"receipt": "", "entry": ""} | ({} if checkpoint else {"key": ""})
        if checkpoint:
            filled["receipt"] = content.proven(office).checkpoint().decode()
        if entry is not None:
            receipt = content.proven(office).receipt(entry) if _entry(office, entry) else b""
            filled = {"receipt": receipt.decode(), "entry": _entry(office, entry).decode()}
        return _page(office, request, show, language, filled)

    @app.post("/{language}/receipt", include_in_schema=False)
    async def checked_here(request: Request, language: str) -> Response:
        given = await form_of(request)
        filled = {name: given.get(name, "").replace("\r\n", "\n") for name in FIELDS}
        say = office.say(language if language in LANGUAGES else "en")
        told = {"answer": answer_of(filled, say, partial(check_office_receipt, office))}
        return await run_in_threadpool(lambda: _page(office, request, show, language, filled, **told))


def answer_of(
    filled: dict[str, str], say: Say, proves: Callable[[bytes, bytes, NoteKey], Head] = check_receipt
) -> dict[str, Any]:
    """What the office's own check of a receipt finds: whether it holds, and a sentence."""
    receipt, entry = filled["receipt"].strip("\n") + "\n", filled["entry"].strip()
    try:
        if not entry and not receipt.startswith(PROOF):
            _, head = read_checkpoint(receipt.encode(), read_key(filled["key"]))
            return {"good": True, "says": say("This key signed the checkpoint of %(size)d entries.", size=head.size)}
        head = proves(receipt.encode(), entry.encode(), read_key(filled["key"]))
        index = read_receipt(receipt.encode()).index
    except InputError:
        return {"good": False, "says": say("The key is not a log key (name+id+key).")}
    except IntegrityError:
        says = (
            "This receipt does not prove this entry under this key."
            if entry
            else "This key did not sign this checkpoint."
        )
        return {"good": False, "says": say(says)}
    return {"good": True, "says": say("Entry %(n)d is in the log of %(size)d entries.", n=index, size=head.size)}


def _page(
    office: Office, request: Request, show: Callable[..., Response], language: str, filled: dict[str, str], **told: Any
) -> Response:
    if language not in LANGUAGES:
        raise HTTPException(404)
    say, own = office.say(language), content.log_key(office)
    more = {"title": say("Verify a receipt"), "filled": {"key": own, **filled}, "own_key": own, "answer": None}
    return show(request, "receipt.html", **(more | told))


def _entry(office: Office, index: int) -> bytes:
    """An entry under the newest checkpoint, as it is hashed; 404 where there is none."""
    if not 0 <= index < content.checkpoint_says(office)[0]:
        raise HTTPException(404)
    return encode_entry(office.kernel.stores.log.entry(index))
