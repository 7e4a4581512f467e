"""Provenance of a redacted recording for other programs: a C2PA manifest and a CASE record.

C2PA (Coalition for Content Provenance and Authenticity, technical specification 2.x): actions "opened" and "edited",
the original as parent ingredient by its hash; never a thumbnail, because it would show a face. CASE 1.4
(Cyber-investigation Analysis Standard Expression, on UCO): files by hash, actions by time, one provenance record.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from peelian.errors import InputError
from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.custody_declarations import Moment, Provenance

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
