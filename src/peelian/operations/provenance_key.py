"""Replacing the key of the office's provenance certificate: the log says so first, then the pair is exchanged.

The key before signs nothing any more. A package that it signed counts where the log has its delivery before that entry;
who checks one shows the delivery's receipt.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from peelian.errors import OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import provenance_replaced
from peelian.operations.office import Office
from peelian.oversight.verification.packages import Certificates, Earlier, fingerprint_of, signer_of
from peelian.storage.provenance_keys import make_next

_RAW = Encoding.Raw, PublicFormat.Raw


def replace_provenance(office: Office, by: Operator) -> Certificates:
    """Replace it, as a custodian; the certificates as they are then. One that was cut short is begun again, and nothing
    was replaced; one that was logged is finished by whoever signs next. OutOfOrder: the office is in memory."""
    kernel = office.kernel
    present = kernel.release.provenance()
    if not isinstance(office.path, Path) or present is None:
        raise OutOfOrder("An office in memory has no key files.")
    with kernel.lock:
        new = make_next(office.path / "keys", office=kernel.office.name, now=kernel.now())
        old = signer_of(present.certificates).public_bytes(*_RAW).hex()
        provenance_replaced(kernel, by, old=old, new=new, certificate=fingerprint_of(present.certificates))
    return certificates_of(office)


def certificates_of(office: Office) -> Certificates:
    """The certificate that signs now, and each before it with the entry of the log at which it gave way."""
    present = office.kernel.release.provenance()
    replaced = office.kernel.stores.log.read(kinds=["PROVENANCE_REPLACED"])
    return Certificates(
        present=fingerprint_of(present.certificates) if present else "",
        earlier=tuple(Earlier(fingerprint=str(e["certificate"]), entry=i, at=str(e["t"])) for i, e in replaced),
    )
