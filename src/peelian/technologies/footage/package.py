"""Disclosure package: signed copy, plan, provenance, receipts and an explanation for the recipient."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.custody_declarations import Provenance
from peelian.measure.canonical import canonical
from peelian.technologies.footage.exemptions import log_of
from peelian.technologies.footage.plan_format import read_plan
from peelian.technologies.footage.provenance import case_record

SCHEMA = "peelian-footage-package/1"
RECORDING, PLAN, LOG, CASE = "redacted.mp4", "plan.json", "exemption-log.csv", "provenance.case.jsonld"
LIST, SEAL, OFFICE, README = "package.json", "package.sig", "office.pem", "README.txt"
PIECE = 1 << 20
_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the package tells no time of its own

EXPLAINED = """ENGLISH (français ci-dessous)

Contents. A redacted copy of a recording. Other people are covered and their voices silenced. The office that sent it
keeps the original, unchanged.

  redacted.mp4             redacted copy, with a C2PA manifest that states how it was made
  plan.json                redaction plan: what was covered and silenced, and where; it holds no picture and no name
  exemption-log.csv        each redaction, when it is, and the section of the access law that it rests on
  provenance.case.jsonld   chain of custody for forensic software (CASE 1.4)
  receipts/                public log entries about this recording, each with its proof (C2SP tlog-proof)
  package.json, .sig       SHA-256 of every file, and the office's signature (Ed25519) over that list
  office.pem               the office's certificate

How to check. Run:  peelian footage check PACKAGE.zip
Compare the fingerprint of office.pem with the one in the office's public register.
Any C2PA program reads the manifest of redacted.mp4. It reports an unknown signer: compare office.pem.
`sha256sum` of each file must match package.json.

Limits. The seal proves that nothing has changed since the office took custody of the recording. It does not prove what
happened before, what the camera did not see, or that everyone who can be recognised is covered.

Use. Follow the terms the office gave you. Delete the copy when you no longer need it. Do not try to undo redactions.

FRANÇAIS

Contenu. Une copie caviardée d’un enregistrement. Les autres personnes sont masquées et leurs voix coupées. Le bureau
qui l’a envoyée garde l’original, inchangé.

  redacted.mp4             copie caviardée, avec un manifeste C2PA qui indique comment elle a été faite
  plan.json                plan de caviardage : ce qui est masqué et coupé, et où; ni image ni nom
  exemption-log.csv        chaque caviardage, à quel moment, et l’article de la loi sur l’accès qui le fonde
  provenance.case.jsonld   chaîne de possession pour les logiciels d’expertise (CASE 1.4)
  receipts/                entrées du journal public sur cet enregistrement, chacune avec sa preuve (C2SP tlog-proof)
  package.json, .sig       SHA-256 de chaque fichier, et signature du bureau (Ed25519) sur cette liste
  office.pem               certificat du bureau

Vérification. Lancez :  peelian footage check TROUSSE.zip
Comparez l’empreinte de office.pem à celle du registre public du bureau.
Tout logiciel C2PA lit le manifeste de redacted.mp4. Il signale un signataire inconnu : comparez office.pem.
Le `sha256sum` de chaque fichier doit correspondre à package.json.

Limites. Le sceau prouve que rien n’a changé depuis la prise en garde de l’enregistrement par le bureau. Il ne prouve ni
ce qui s’est passé avant, ni ce que la caméra n’a pas vu, ni que toute personne reconnaissable est masquée.

Utilisation. Respectez les conditions du bureau. Supprimez la copie quand vous n’en avez plus besoin. N’essayez pas de
défaire le caviardage.
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
            plan.stream.seek(0)
            packing.put(LOG, log_of(read_plan(plan.stream)).encode())
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
