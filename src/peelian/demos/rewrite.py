"""A rewrite that is caught: a copy of an office's log is written anew with its own key, and its witness refuses it.

This is what an administrator can do who has the office's account. It is done on a copy; the office is not changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.demos.witness import Board, cosigned
from peelian.errors import IntegrityError, Objection, OutOfOrder, sentence
from peelian.integrations.witness_client import ask_witness
from peelian.kernel.log.checkpoints import sign_checkpoint
from peelian.kernel.log.entry_schema import encode_entry, known_entry
from peelian.kernel.log.key_handover import KeyHandover
from peelian.kernel.log.merkle import (
    TILE,
    Head,
    TileAt,
    Tree,
    bundle_bytes,
    leaf_hash,
    read_bundle,
    tile_bytes,
    tiles_between,
)
from peelian.kernel.log.signed_note import NoteKey
from peelian.operations.office import Office
from peelian.oversight.verification.verifier import verify_log
from peelian.pictures.panels import Paragraph
from peelian.storage.operator_keys import load_key
from peelian.web.pages import LANGUAGES
from peelian.web.report import report
from peelian.wording.errors import translated
from peelian.wording.labels import KINDS

COPY = "rewritten-log"
TITLE = "Could an administrator rewrite this log?"
LIMIT = (
    "Here one machine runs both. A witness stops an administrator only if somebody else runs it, on another machine."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrittenLog:
    """A log that was written anew and signed with the log's own key. Answers `Witnessed`."""

    tree: Tree
    signed: bytes

    def checkpoint(self) -> bytes:
        """Its checkpoint."""
        return self.signed

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The best proof it has: it leads to another root than the one that was cosigned."""
        return self.tree.consistency(old, new)

    def handovers(self) -> Sequence[KeyHandover]:
        """None: its key is the log's own."""
        return ()

    def keep_witnessed(self, cosigned: bytes, witnesses: Sequence[NoteKey]) -> None:
        """IntegrityError: a witness was deceived."""
        raise IntegrityError("A witness cosigned a rewritten log.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """How a rewrite ended: who watched, the copy, its size, and what each check says of it."""

    witness: str

    copy: Path
    entries: int
    own_key: bool  # the copy passes with the office's own key
    refused: str  # by the witness
    with_witness: str  # what the verifier says with the witness's key
    steps: tuple[str, ...]  # told to people

    @property
    def record(self) -> dict[str, object]:
        """The same for a program."""
        return {
            "witness": self.witness,
            "copy": str(self.copy),
            "passes_with_own_key": self.own_key,
            "witness_says": self.refused,
            "fails_with_its_key": self.with_witness,
        }


def entries_in(log: Path, size: int) -> list[bytes]:
    """The entries of a published log of `size` entries. O(size)."""
    entries: list[bytes] = []
    for number in range(-(-size // TILE)):
        tile = TileAt(level=0, number=number, width=min(TILE, size - number * TILE))
        entries += read_bundle((log / tile.entries_path).read_bytes())
    return entries


def rewrite(log: Path, entries: Sequence[bytes], origin: str, key: Ed25519PrivateKey) -> RewrittenLog:
    """Publish `entries` in the folder `log` in place of what is there, signed with the log's own key. O(entries)."""
    shutil.rmtree(log / "tile")
    (log / "checkpoint.witnessed").unlink(missing_ok=True)
    tree = Tree()
    tree.extend(b"".join(leaf_hash(entry) for entry in entries))
    for tile in tiles_between(0, tree.size):
        files = {tile.path: tile_bytes(tree, tile)}
        if tile.level == 0:
            start = tile.number * TILE
            files[tile.entries_path] = bundle_bytes(entries[start : start + tile.width])
        for name, data in files.items():
            (log / name).parent.mkdir(parents=True, exist_ok=True)
            (log / name).write_bytes(data)
    signed = sign_checkpoint(origin, Head(size=tree.size, root=tree.root()), key).data
    (log / "checkpoint").write_bytes(signed)
    return RewrittenLog(tree=tree, signed=signed)


def caught(office: Office, board: Board) -> Caught:
    """Have a copy of the log rewritten without a refusal, and say who notices; the office is asked again at the end."""
    if office.path is None:
        raise OutOfOrder("An office in memory has no log to verify.")
    first = cosigned(office)
    copy = office.path / COPY
    shutil.copytree(office.path / "log", copy)
    entries = entries_in(copy, first.size)
    known = [known_entry(entry) for entry in entries]
    at = next((i for i, entry in enumerate(known) if entry["kind"] == "REFUSED"), len(known) // 2)
    beat = {"v": 1, "t": known[at]["t"], "kind": "HEARTBEAT", "entries": at}
    late = {"v": 1, "t": known[-1]["t"], "kind": "HEARTBEAT", "entries": len(known)}
    changed = [*entries[:at], encode_entry(beat), *entries[at + 1 :], encode_entry(late)]
    log = rewrite(copy, changed, board.log.partition("+")[0], load_key(office.path / "keys" / "log.pem"))
    own = verify_log(copy, key=board.log)
    try:
        refused = ask_witness(log, board.witness).says
    except Objection as objection:
        refused = objection.args[0]
    outside = verify_log(copy, key=board.log, witnesses=[board.witness.key.text])
    again, kind, name = cosigned(office), str(known[at]["kind"]), board.witness.key.name
    steps = (
        sentence(
            "Witness %(name)s runs with a key of its own in the folder %(folder)s. It cosigned %(n)d entries.",
            name=name,
            folder=board.folder.name,
            n=first.size,
        ),
        sentence(
            "In a copy, %(folder)s, somebody with the office's own key replaces entry %(index)d (%(kind)s) and signs.",
            folder=COPY,
            index=at,
            kind=sentence(KINDS.get(kind, kind)),
        ),
        sentence("With the office's own key the copy passes: %(says)s.", says=own.says),
        sentence("The witness refuses the copy: %(says)s", says=refused),
        sentence("With the witness's key the copy fails: %(says)s.", says=outside.says),
        sentence("The office's own log is as it was. The witness cosigned it again: %(n)d entries.", n=again.size),
    )
    return Caught(
        witness=name,
        copy=copy,
        entries=len(changed),
        own_key=own.ok,
        refused=refused,
        with_witness="" if outside.ok else outside.says,
        steps=steps,
    )


def shown(office: Office, board: Board, say: Callable[[str], None]) -> tuple[Caught, list[Path]]:
    """Do it and tell it, at the terminal and on a page in each language; (what came of it, the pages)."""
    say(sentence("\n%(title)s", title=sentence(TITLE)))
    found = caught(office, board)
    for n, step in enumerate(found.steps, start=1):
        say(sentence("  %(n)d. %(what)s", n=n, what=step))
    say(sentence("  %(line)s", line=sentence(LIMIT)))
    key = board.witness.key.text
    for command in (
        f"verify {found.copy}",
        f"verify {found.copy} --witness '{key}'",
        f"witness run {board.folder} --name {board.witness.key.name} --log '{board.log}' --port {board.port}",
    ):
        say(f"    peelian {command}")
    return found, [_page(office, found, language) for language in LANGUAGES]


def _page(office: Office, found: Caught, language: str) -> Path:
    say, folder = office.say(language), found.copy.parent / "pages"
    told = [Paragraph(text=f"{n}. {translated(step, say)}") for n, step in enumerate(found.steps, start=1)]
    facts = [(say("Office"), office.kernel.office.name)]
    body = [*told, Paragraph(text=say(LIMIT), tone="limit")]
    folder.mkdir(exist_ok=True)
    page = folder / f"rewrite-{language}.html"
    page.write_text(report(say(TITLE), body, language=language, facts=facts, say=say), encoding="utf-8")
    return page
