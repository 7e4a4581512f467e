"""Custody of recordings: intake of a large file beside hashing and encrypting it alone, and a thousand tampers.

The intake runs in a process of its own; its memory is what that process grew by at its peak. The file is a real
recording with a large free box behind it, so that it is looked at as any recording is. The tampers change one bit of
the recording as sealed, of the redacted copy, the plan, the receipts and the manifest of a package, or one row of the
log; each must be found by what an outsider has.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.demos.demo import demonstrate
from peelian.demos.footage import DECLARED
from peelian.errors import InputError, IntegrityError
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.identity.custody_grounds import BYLAW, NEEDED
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.case_search import CaseSearch
from peelian.kernel.model.documents import Admission, Evidence
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs.authorizations import sign_authorization
from peelian.kernel.verbs.redaction_review import latest_evidence, opened_for_review
from peelian.operations.office import Office, new_office
from peelian.oversight.transparency.register import found, request_of
from peelian.oversight.verification.packages import check_package
from peelian.oversight.verification.verifier import verify_log
from peelian.technologies.footage.example import example_clip

MIB, CHUNK, ROUNDS = 1 << 20, 1 << 16, 5
RECORDED = {"recorded_at": "2026-03-01T10:00:00Z"}


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--child", type=Path, help="the folder of a measured intake (used by itself)")
    parser.add_argument("--only", choices=("intake", "tampers"), help="one of the two halves")
    asked = parser.parse_args()
    if asked.child:
        intakes(asked.child)
        return
    figures: list[Figure] = []
    if asked.only != "tampers":
        for mib in (16, 64) if asked.quick else (64, 256, 1024):
            with TemporaryDirectory() as place:
                figures += large(Path(place), mib)
    if asked.only != "intake":
        with TemporaryDirectory() as place:
            figures += tampers(Path(place), 200 if asked.quick else 1000)
    finish(figures, asked.json)


def large(folder: Path, mib: int) -> list[Figure]:
    """Intakes of a recording of `mib` MiB, and the two things it cannot do without done alone, in turns; medians."""
    file = folder / "recording.mp4"
    with file.open("wb") as out:
        out.write(example_clip())
        out.write(struct.pack(">I4sQ", 1, b"free", 16 + mib * MIB))
        for _ in range(mib):
            out.write(os.urandom(MIB))
        os.fsync(out.fileno())
    child = [sys.executable, __file__, "--child", str(folder)]
    got = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)  # ourselves
    middle = {name: statistics.median(values) for name, values in got.items()}
    times, by_cpu = middle["seconds"] / middle["alone"], middle["cpu"] / middle["alone_cpu"]
    return [
        show(plain(f"sha256sum and AES-GCM of {mib} MiB alone", middle["alone"], "s")),
        show(plain(f"intake of {mib} MiB, sealed, synced, looked at, logged", middle["seconds"], "s")),
        show(at_most(f"intake of {mib} MiB / (sha256sum + AES-GCM)", times, "times", 2)),
        show(plain(f"the worst of {ROUNDS} intakes / the best of both alone", _worst(got), "times")),
        show(plain(f"the same by CPU seconds, {mib} MiB", by_cpu, "times")),
        show(at_most(f"memory the intake of {mib} MiB grew by", max(got["grown_mb"]), "MB", 100)),
        show(plain("memory of the whole process, libraries included", max(got["whole_mb"]), "MB")),
        show(at_least("the digest is the file's own", min(got["own"]), "1 = yes", 1)),
    ]


def _worst(got: dict[str, list[float]]) -> float:
    return max(got["seconds"]) / min(got["alone"])


def intakes(folder: Path) -> None:
    """Intakes, each measured right after both things alone; after a small one, so that libraries are loaded."""
    file, got = folder / "recording.mp4", defaultdict[str, list[float]](list)
    with new_office(folder / "office", name="Measured town").asking(ThrownAway()) as office:
        clerk = _clerk(office)
        small = folder / "small.mp4"
        small.write_bytes(example_clip())
        office.keep_object(clerk, small, DECLARED, format="video", options=RECORDED)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(ROUNDS):
            alone, alone_cpu = _alone(file)
            start, cpu = time.perf_counter(), time.process_time()
            kept = office.keep_object(clerk, file, DECLARED, format="video", options=RECORDED)
            got["seconds"].append(time.perf_counter() - start)
            got["cpu"].append(time.process_time() - cpu)
            got["alone"].append(alone)
            got["alone_cpu"].append(alone_cpu)
            got["own"].append(float(kept.digest == _sha256sum(file)))
            office.kernel.stores.vault.destroy(kept.object)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(got | {"grown_mb": [(peak - before) / 1000], "whole_mb": [peak / 1000]}))


def tampers(folder: Path, n: int) -> list[Figure]:
    """`n` random one-bit or one-row tampers of what a demonstration left; how many were found."""
    office, _ = demonstrate(folder / "demo", only=["footage"], say=lambda line: None, progress=lambda says, share: None)
    with office:
        key, log, vault = (folder / "demo" / "log" / "log.vkey").read_text(), folder / "demo" / "log", folder / "demo"
        item, _ = _proposed(office)
        office.checkpoint()
        package = (folder / "demo" / "demonstration" / "package.zip").read_bytes()
        rng = random.Random(20261124)
        kinds: dict[str, Callable[[], bool]] = {
            "sealed file": lambda: _sealed_found(office, vault / "objects" / item.object, rng),
            "redacted file": lambda: _package_found(package, "redacted.mp4", rng),
            "plan": lambda: _package_found(package, "plan.json", rng),
            "manifest": lambda: _package_found(package, rng.choice(["package.json", "package.sig", "office.pem"]), rng),
            "receipt": lambda: _package_found(package, "receipts/", rng),
            "log": lambda: _log_found(log, key.strip(), rng),
        }
        told = {name: [0, 0] for name in kinds}
        for i in range(n):
            name = list(kinds)[i % len(kinds)]
            told[name][0] += kinds[name]()
            told[name][1] += 1
        unchanged = _digest_inside(office) == item.digest
    figures = [
        show(at_least(f"tampers of the {name} found, of {all_}", got / all_, "share", 1))
        for name, (got, all_) in told.items()
    ]
    whole = sum(got for got, _ in told.values()) / n
    return [
        *figures,
        show(at_least(f"{n} random tampers found", whole, "share", 1)),
        show(at_least("the original is what was kept, after everything", float(unchanged), "1 = yes", 1)),
    ]


def _package_found(package: bytes, name: str, rng: random.Random) -> bool:
    """Change one bit of one file inside the package, and check it as its recipient would."""
    with zipfile.ZipFile(io.BytesIO(package)) as whole:
        content = {entry: whole.read(entry) for entry in whole.namelist()}
    own = check_package(io.BytesIO(package)).fingerprint
    chosen = rng.choice([entry for entry in content if entry.startswith(name)])
    content[chosen] = _flipped(content[chosen], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for entry, data in content.items():
            made.writestr(entry, data)
    with contextlib.suppress(InputError):
        return not check_package(out, fingerprint=own).ok
    return True


def _sealed_found(office: Office, path: Path, rng: random.Random) -> bool:
    """Change one bit of the sealed original on the disk, and read it."""
    kept = path.read_bytes()
    path.write_bytes(_flipped(kept, rng))
    try:
        _digest_inside(office)
    except IntegrityError:
        return True
    finally:
        path.write_bytes(kept)
    return False


def _log_found(log: Path, key: str, rng: random.Random) -> bool:
    """Change one bit of the log's entries, or remove one row, and have the second verifier look."""
    bundles = sorted((log / "tile" / "entries").rglob("*"), key=lambda p: int(p.name) if p.is_file() else -1)
    path = rng.choice(
        [bundles[-1], bundles[-1], log / "checkpoint"]
    )  # a bundle that a longer one replaced says nothing
    kept = path.read_bytes()
    if rng.random() < 0.5 and len(kept) > 400:
        at, size = rng.randrange(len(kept) - 200), rng.randrange(20, 200)
        path.write_bytes(kept[:at] + kept[at + size :])
    else:  # of a checkpoint what the log itself signed: a witness's line says nothing to who has not its key
        own = len(kept) if path.name != "checkpoint" else kept.index(b"\n", kept.index(b"\n\n") + 2)
        path.write_bytes(_flipped(kept[:own], rng) + kept[own:])
    try:
        return not verify_log(log, key=key).ok
    except (IntegrityError, InputError):
        return True
    finally:
        path.write_bytes(kept)


def _proposed(office: Office) -> tuple[Admission, Evidence]:
    """A recording that redactions were suggested for, and the evidence of that case."""
    kernel = office.kernel
    for one in found(kernel, CaseSearch(capabilities=("footage.propose",)), published=False):
        asked = request_of(kernel, one)
        if (
            asked
            and kernel.state.histories[one.case].digests("RAN")
            and asked.datasets["item"] in kernel.state.datasets
        ):
            return kernel.state.datasets[asked.datasets["item"]], latest_evidence(kernel, one.case)
    raise AssertionError("the demonstration suggests redactions")


def _digest_inside(office: Office) -> str:
    """The digest of that recording inside its seal, opened as its clerk reviews the proposal."""
    kernel, by = office.kernel, office.operator("clerk")
    prove(kernel, by)
    item, evidence = _proposed(office)
    digest = hashlib.sha256()
    with kernel.stores.vault.open(item.object, intent=opened_for_review(kernel, by, evidence, "item")) as file:
        while piece := file.read(MIB):
            digest.update(piece)
    return digest.hexdigest()


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _alone(file: Path) -> tuple[float, float]:
    """Seconds, and CPU seconds, of `sha256sum` on the file and of encrypting it in the vault's chunks unwritten."""
    start, cpu = time.perf_counter(), _cpu()
    _sha256sum(file)
    aead = AESGCM(bytes(32))
    with file.open("rb") as source:
        number = 0
        while piece := source.read(CHUNK):
            aead.encrypt(number.to_bytes(12), piece, None)
            number += 1
    return time.perf_counter() - start, _cpu() - cpu


def _cpu() -> float:
    """CPU seconds of this process and of the programs it started."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _sha256sum(file: Path) -> str:
    program = shutil.which("sha256sum") or "sha256sum"
    return subprocess.run([program, str(file)], check=True, capture_output=True, text=True).stdout.split()[0]


def _clerk(office: Office) -> Operator:
    first = office.enrol("custodian", name="Custodian", unit="city IT", roles={Role.CUSTODIAN})
    for kind, body in zip(NEEDED, ({BYLAW: "0" * 64}, {}), strict=True):  # on what recordings are kept
        told: dict[str, Any] = {"serves": "footage.*", "purposes": ("disclosure",), "days": 1, "body": body}
        sign_authorization(office.kernel, first, kind, **told, before="")
    return office.enrol("clerk", name="Clerk", unit="records", roles={Role.CLERK}, by=first)


if __name__ == "__main__":
    main()
