"""The disclosure package: signed copy, plan, history, explanation, and provenance for other programs (C2PA, CASE)."""

from __future__ import annotations

import hashlib
import importlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from peelian.errors import InputError
from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.custody_declarations import Moment, Provenance
from peelian.measure.canonical import canonical
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.plan import log_of

INSTALL = "pip install 'peelian[provenance]'"
ASSERTION = "org.peelian.redaction"
MP4 = "video/mp4"
HERE = "http://example.org/kb/"  # names that mean something only inside the record
CONTEXT = {
    "kb": HERE,
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ACTS = {"ADMITTED": "kept: sealed, described, logged", "DERIVED": "redacted: covered and silenced by a reviewed plan"}


def signed_copy(
    original: Dataset, redacted: Dataset, into: BinaryIO, *, provenance: Provenance, facts: Mapping[str, Any]
) -> None:
    """Write the redacted recording with its C2PA manifest into `into` (readable, writable, seekable). O(bytes)."""
    c2pa = _library()
    if original.stream is None or redacted.stream is None:
        raise InputError("recording not open", accepted="an original and its redacted copy, kept whole")
    original.stream.seek(0)
    redacted.stream.seek(0)
    context = c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}, "verify": {"ocsp_fetch": False}})
    builder = c2pa.Builder(_manifest(redacted, facts), context)
    ingredient = {"title": "original recording", "relationship": "parentOf", "label": "parent"}
    ingredient["instance_id"] = f"sha256:{original.digest}"
    try:
        builder.add_ingredient(ingredient, MP4, original.stream)
        signer = c2pa.Signer.from_callback(
            provenance.sign, c2pa.C2paSigningAlg.ED25519, provenance.certificates.decode(), None
        )
        builder.sign(signer, MP4, redacted.stream, into)
    except c2pa.C2paError:
        raise InputError(
            "recording could not be signed",
            accepted="a whole MP4 recording",
        ) from None


def case_record(original: Dataset, redacted: Dataset, signed: str) -> dict[str, Any]:
    """The CASE record (JSON-LD): the original, the redacted copy and the signed copy by hash, and what was done when.

    Identifiers follow from the digests, so that the same recordings give the same record. No name is in it: who acted
    stands as the log's token.
    """
    files = {
        "original": _file("original", original.digest, _size(original)),
        "redacted": _file("redacted", redacted.digest, _size(redacted)),
        "signed": _file("signed", signed, 0),
    }
    tool = {
        "@id": _id("tool", "peelian"),
        "@type": "uco-tool:Tool",
        "uco-core:name": "Peelian",
        "uco-tool:toolType": "Custody and redaction of recordings",
    }
    actions = list(_actions(redacted.history, files, tool))
    record = {
        "@id": _id("record", redacted.digest),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": "A redacted recording and the original it was made from",
        "case-investigation:exhibitNumber": original.digest[:16],
        "uco-core:object": [{"@id": f["@id"]} for f in files.values()],
    }
    return {"@context": CONTEXT, "@graph": [*files.values(), tool, *actions, record]}


def _actions(history: Iterable[Moment], files: Mapping[str, Any], tool: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    ends = {"ADMITTED": ("original", "original"), "DERIVED": ("original", "redacted")}
    for moment in history:
        kind = str(moment.entry["kind"])
        if kind not in ends:
            continue
        took, gave = ends[kind]
        actor = str(moment.entry.get("by", "office"))
        who = {"@id": _id("actor", actor), "@type": "uco-identity:Identity", "uco-core:name": f"token {actor}"}
        yield who
        yield {
            "@id": _id("action", f"{kind}{moment.index}{files[gave]['@id']}"),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": ACTS[kind],
            "uco-action:startTime": {"@type": "xsd:dateTime", "@value": str(moment.entry["t"])},
            "uco-action:endTime": {"@type": "xsd:dateTime", "@value": str(moment.entry["t"])},
            "uco-action:instrument": {"@id": tool["@id"]},
            "uco-action:performer": {"@id": who["@id"]},
            "uco-action:object": [{"@id": files[took]["@id"]}],
            "uco-action:result": [{"@id": files[gave]["@id"]}],
        }


def _file(what: str, digest: str, size: int) -> dict[str, Any]:
    content: dict[str, Any] = {
        "@id": _id("content", what + digest),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:mimeType": MP4,
        "uco-observable:hash": [
            {
                "@id": _id("hash", what + digest),
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": "SHA256",
                "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": digest.upper()},
            }
        ],
    }
    if size:
        content["uco-observable:sizeInBytes"] = size
    return {
        "@id": _id("file", what + digest),
        "@type": "uco-observable:File",
        "uco-core:name": f"{what} recording",
        "uco-core:hasFacet": [content],
    }


def _size(dataset: Dataset) -> int:
    return dataset.stream.seek(0, 2) if dataset.stream else 0


def _id(kind: str, text: str) -> str:
    """A name of the record that follows from what it names: a UUID made of a name (version 5, RFC 9562)."""
    return f"kb:{kind}-{uuid5(NAMESPACE_URL, HERE + kind + text)}"


def _manifest(redacted: Dataset, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "claim_generator_info": [{"name": "Peelian"}],
        "title": "redacted recording",
        "format": MP4,
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}},
                        {"action": "c2pa.edited", "description": "Boxes covered and sound replaced by a reviewed plan"},
                    ]
                },
            },
            {"label": ASSERTION, "data": {"redacted": redacted.digest, **facts}},
        ],
    }


def _library() -> Any:
    try:
        return importlib.import_module("c2pa")
    except ImportError:
        raise InputError("disclosure needs c2pa-python, which is not installed", accepted=INSTALL) from None


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
