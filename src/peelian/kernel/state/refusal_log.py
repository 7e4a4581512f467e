"""Log entries of refusals: rules and policies by name, never free text. The reasons in words are in the archive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from peelian.errors import InputError, OutOfOrder, Reason
from peelian.kernel.model.archive_partitions import REFUSALS, homes
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.missing_documents import lost
from peelian.told_errors import plain, sentence_from


def log_refusal(kernel: Kernel, case: str, before: str, reasons: Sequence[Reason]) -> None:
    """Log that a use was refused: every rule, every policy that said no, and the digest of the whole set.

    Every reason is archived with its remedy, as long as the request: whoever asked finds them with the case.
    """
    kept = json.dumps([{n: plain(getattr(one, n)) for n in _KEPT} for one in reasons], default=str).encode()
    digest = hashlib.sha256(kept).hexdigest()
    kernel.stores.archive.put(digest, kept, partition=kernel.partition(REFUSALS))
    rules = one_word(reason.rule for reason in reasons)
    policies = one_word(reason.policy or reason.rule for reason in reasons)
    known = {"case": case, "before": before, "rules": rules, "policies": policies, "reasons": digest}
    kernel.append("REFUSED", **known, policy=kernel.policy.digest())


def kept_reasons(kernel: Kernel, index: int, entry: Entry) -> tuple[Reason, ...]:
    """The reasons of a refusal logged at this index, in words; none where they were destroyed as their retention asks,
    or lost in a restoration. IntegrityError where they are missing otherwise."""
    if "reasons" not in entry:
        return ()
    try:
        kept = kernel.stores.archive.get(str(entry["reasons"]))
    except (InputError, OutOfOrder):
        if may_be_without_reasons(kernel, index, entry):
            return ()
        raise lost(kernel.stores.archive, [entry], "reasons of a refusal") from None
    return tuple(Reason(**{name: sentence_from(value) for name, value in one.items()}) for one in json.loads(kept))


def may_be_without_reasons(kernel: Kernel, index: int, entry: Entry) -> bool:
    """Whether the log says where the reasons of this refusal went: destroyed with their partition, or lost in a
    restoration."""
    known = kernel.state.partitions
    return known.came_alone(index) or any(partition in known.destroyed for partition in homes(entry))


_KEPT = ("rule", "says", "remedy", "policy")


def one_word(names: Iterable[str], most: int = 200) -> str:
    """Names as one value of the log, each once; where they are too many for one, how many more there are.

    >>> one_word(["a_rule", "a_bylaw", "a_rule"]), one_word(["a_rule", "a_bylaw"], most=12)
    ('a_rule,a_bylaw', 'a_rule,+1')
    """
    given = list(dict.fromkeys(names))
    for kept in range(len(given), 0, -1):
        more = [f"+{len(given) - kept}"] if kept < len(given) else []
        if len(word := ",".join([*given[:kept], *more])) <= most:
            return word
    return f"+{len(given)}"


def log_withheld(kernel: Kernel, case: str, before: str, faults: Sequence[Reason]) -> None:
    """Log that what was found may not leave, and by which rules."""
    kernel.append("WITHHELD", case=case, before=before, rules=",".join(dict.fromkeys(fault.rule for fault in faults)))
