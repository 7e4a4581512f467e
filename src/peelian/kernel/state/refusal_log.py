"""Log entries of refusals: rules and policies by name, never free text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peelian.errors import Reason
from peelian.kernel.state.kernel import Kernel


def log_refusal(kernel: Kernel, case: str, before: str, reasons: Sequence[Reason]) -> None:
    """Log that a use was refused: every rule, every policy that said no, and the digest of the whole set."""
    rules = one_word(reason.rule for reason in reasons)
    policies = one_word(reason.policy or reason.rule for reason in reasons)
    kernel.append("REFUSED", case=case, before=before, rules=rules, policies=policies, policy=kernel.policy.digest())


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
