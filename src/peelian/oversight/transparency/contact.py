"""The office's public contact: where anybody can ask or object. A signed record; the newest is in force."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from peelian.errors import InputError
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import keep, latest
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

LONGEST = 200
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TELEPHONE = re.compile(r"[+0-9][0-9 ().-]{4,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How the public reaches the office; what is "" is not offered."""

    postal: str = ""
    telephone: str = ""
    email: str = ""


def contact_of(kernel: Kernel) -> Contact | None:
    """The contact in force; None where none was stated. One decryption."""
    made = latest(kernel, "contact")
    return Contact(**{name: str(made.body.get(name, "")) for name in Contact.__slots__}) if made else None


@act
def state_contact(kernel: Kernel, by: Operator, contact: Contact) -> str:
    """Keep and log the public contact; returns the record's digest. InputError where it is none."""
    given = {name: text.strip() for name, text in asdict(contact).items()}
    if not any(given.values()):
        raise InputError("no contact given", accepted="a postal address, a telephone number or an e-mail address")
    for name, text in given.items():
        if len(text) > LONGEST or not text.isprintable():
            raise InputError("not one line of text", column=name, accepted="at most 200 printable characters")
    if given["email"] and not _EMAIL.fullmatch(given["email"]):
        raise InputError("not an e-mail address", column="email", accepted="such as register@town.example")
    if given["telephone"] and not _TELEPHONE.fullmatch(given["telephone"]):
        raise InputError("not a telephone number", column="telephone", accepted="such as +1 416 555 0199")
    return keep(kernel, by, "contact", given)
