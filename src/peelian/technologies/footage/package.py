"""The package a recipient gets: the signed copy, its plan, its provenance, receipts, and a page that explains it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from peelian.governance.capability import Dataset
from peelian.governance.objects import Provenance
from peelian.measure.canonical import canonical
from peelian.technologies.footage.provenance import case_record

SCHEMA = "peelian-footage-package/1"
RECORDING, PLAN, CASE = "redacted.mp4", "plan.json", "provenance.case.jsonld"
LIST, SEAL, OFFICE, README = "package.json", "package.sig", "office.pem", "README.txt"
PIECE = 1 << 20
_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the package tells no time of its own

EXPLAINED = """ENGLISH (français ci-dessous)

What this is. A copy of a recording in which people who are not concerned were covered and their voices silenced. The
recording it was made from is kept, unchanged, by the office that sent it to you.

  redacted.mp4             the copy; it carries a C2PA manifest that says how it was made
  plan.json                what was covered and silenced, where, and that a person reviewed it; no picture, no name
  provenance.case.jsonld   the same history for forensic programs (CASE 1.4)
  receipts/                entries of the office's public log about this recording, each with a proof (C2SP tlog-proof)
  package.json, .sig       the SHA-256 of every file, and the office's signature (Ed25519) over that list
  office.pem               the office's certificate; compare its fingerprint with the one on the office's register

How to check it. Peelian:  peelian footage check PACKAGE.zip
Any C2PA program reads the manifest of redacted.mp4. It will say that it does not know who signed: compare office.pem.
`sha256sum` on each file gives what package.json lists.

What it cannot tell. A seal proves that nothing changed since the office kept the recording. It does not prove what
happened before, what the camera did not see, or that everybody who can be recognised was covered.

What you may do with it is what you were told when you asked. Please delete it when you no longer need it, and do not
try to undo what was covered.

FRANÇAIS

Ce que c’est. Une copie d’un enregistrement où les personnes non concernées ont été masquées et leurs voix coupées.
L’enregistrement d’origine est conservé, inchangé, par le bureau qui vous l’a envoyée.

  redacted.mp4             la copie ; elle porte un manifeste C2PA qui dit comment elle a été faite
  plan.json                ce qui a été masqué et coupé, où, et qu’une personne l’a vérifié ; aucune image, aucun nom
  provenance.case.jsonld   le même historique pour les logiciels d’expertise (CASE 1.4)
  receipts/                les entrées du registre public du bureau sur cet enregistrement, chacune avec sa preuve
  package.json, .sig       le SHA-256 de chaque fichier, et la signature du bureau (Ed25519) sur cette liste
  office.pem               le certificat du bureau ; comparez son empreinte à celle de son registre

Comment le vérifier. Peelian :  peelian footage check PAQUET.zip
Tout logiciel C2PA lit le manifeste de redacted.mp4. Il dira ne pas connaître le signataire : comparez office.pem.
`sha256sum` sur chaque fichier donne ce que liste package.json.

Ce qu’il ne peut pas dire. Un sceau prouve que rien n’a changé depuis que le bureau garde l’enregistrement. Il ne prouve
ni ce qui s’est passé avant, ni ce que la caméra n’a pas vu, ni que toute personne reconnaissable a été masquée.

Vous pouvez en faire ce qui vous a été dit lors de votre demande. Supprimez-le quand vous n’en avez plus besoin, et
n’essayez pas de défaire ce qui est masqué.
"""


@dataclass(slots=True)
class Packing:
    """A zip that is written from front to back, and the digest of everything in it."""

    zip: zipfile.ZipFile
    digests: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, content: bytes) -> None:
        """One small file."""
        self.zip.writestr(zipfile.ZipInfo(name, _DAY), content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def stream(self, name: str, source: BinaryIO) -> str:
        """One file of any length, from its start; its digest. Memory: one piece."""
        digest = hashlib.sha256()
        source.seek(0)
        with self.zip.open(zipfile.ZipInfo(name, _DAY), "w", force_zip64=True) as file:
            while piece := source.read(PIECE):
                file.write(piece)
                digest.update(piece)
        self.digests[name] = digest.hexdigest()
        return self.digests[name]


def packed(
    into: BinaryIO,
    copy: BinaryIO,
    datasets: Mapping[str, Dataset],
    *,
    facts: Mapping[str, Any],
    provenance: Provenance | None,
) -> dict[str, str]:
    """Write the package into `into` (no seeking needed); name → SHA-256 of every file. O(bytes), flat memory.

    `copy` is the signed copy; `datasets` are the item, its redacted copy (with its history) and the plan.
    """
    item, redacted, plan = datasets["item"], datasets["redacted"], datasets["plan"]
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        packing = Packing(file)
        signed = packing.stream(RECORDING, copy)
        if plan.stream is not None:
            packing.stream(PLAN, plan.stream)
        record = json.dumps(case_record(item, redacted, signed), ensure_ascii=False, indent=1, sort_keys=True)
        packing.put(CASE, record.encode())
        for name, content in _receipts(redacted):
            packing.put(name, content)
        packing.put(README, EXPLAINED.encode())
        if provenance is not None:
            packing.put(OFFICE, provenance.certificates)
        listed = {"schema": SCHEMA, "files": dict(packing.digests), **facts}
        content = canonical(listed)
        packing.put(LIST, content)
        if provenance is not None:
            packing.put(SEAL, provenance.sign(content).hex().encode())
        return packing.digests


def _receipts(redacted: Dataset) -> Iterator[tuple[str, bytes]]:
    for moment in redacted.history:
        yield f"receipts/{moment.index}.json", canonical(dict(moment.entry))
        if moment.receipt:
            yield f"receipts/{moment.index}.tlog-proof", moment.receipt
