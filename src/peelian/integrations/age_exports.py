"""Age exports: a stream encrypted to the recipients' own keys, which any age tool opens."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.storage.durable_files import sync_folder
from peelian.storage.private_files import PARTIAL, in_plain_words

MOST_RECIPIENTS = 20
T = TypeVar("T")


def sealed_for(recipients: Sequence[str], source: BinaryIO, target: Path) -> int:
    """Encrypt `source` to every recipient (`age1…` or `ssh-ed25519 …` public keys) into the new file `target`.

    The plaintext streams through 64 KiB pieces and never touches the disk; `target` appears whole or not at all.
    Returns the size of the age file in bytes. Format: age-encryption.org/v1 (C2SP `age`), by the library pyrage.
    """
    library = _pyrage()
    known = [_recipient(library, text, number) for number, text in enumerate(recipients, start=1)]
    if not 1 <= len(known) <= MOST_RECIPIENTS:
        says = sentence("%(n)d recipients", n=len(known))
        raise InputError(says, accepted=sentence("1 to %(most)d public keys", most=MOST_RECIPIENTS))
    if target.exists():
        raise OutOfOrder("A file with this name already exists. Exports never overwrite files.")
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        with in_plain_words("the export was not made"), open(unfinished, "xb", opener=_for_the_owner) as out:
            _encrypt(library, known, source, out)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
            os.rename(unfinished, target)
            sync_folder(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return size


def must_be_recipients(recipients: Sequence[str]) -> None:
    """InputError where one of them is no public key: nothing is opened or written to find that out."""
    library = _pyrage()
    for number, text in enumerate(recipients, start=1):
        _recipient(library, text, number)


class _Witnessed:
    """A file that remembers what went wrong: the library turns every error into one of its own."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return self._try(self._file.read, size)

    def write(self, data: bytes) -> int:
        return self._try(self._file.write, data)

    def flush(self) -> None:
        self._try(self._file.flush)

    def _try(self, verb: Callable[..., T], *with_: Any) -> T:
        try:
            return verb(*with_)
        except BaseException as error:
            self.error = error
            raise


def _encrypt(library: Any, recipients: Sequence[Any], source: BinaryIO, target: BinaryIO) -> None:
    reading, writing = _Witnessed(source), _Witnessed(target)
    try:
        library.encrypt_io(reading, writing, recipients)
    except library.EncryptError as error:
        raise (reading.error or writing.error or error) from None


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _recipient(library: Any, text: str, number: int) -> Any:
    kind = library.ssh.Recipient if text.startswith("ssh-") else library.x25519.Recipient
    try:
        return kind.from_str(text.strip())
    except library.RecipientError:
        says = sentence("recipient %(n)d is not a public key", n=number)
        raise InputError(says, accepted="age1… or ssh-ed25519 …") from None


def _pyrage() -> Any:
    try:
        import pyrage  # an extra: only when something is exported
    except ImportError:
        raise InputError("exports need the extra `exports`", accepted="pip install 'peelian[exports]'") from None
    return pyrage
