"""Looks, reruns and decisions drawn by lot: what is decided, and whether its decider had opened those findings."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from desk import Desk
from toy import COUNT

from peelian.errors import PeelianError
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.documents import Evidence

WORDS = {"reasons": "it fits the area", "other_evidence": "none"}
STEPS, EACH = 8, 50  # steps of a sequence, and sequences of a case
WHO = ("analyst", "commander", "clerk", "council", "commander")


def by_lot(town: Desk, sequences: int, seed: int) -> Counter[str]:
    """Play sequences on cases of the toy technology; counts: `decided`, `unseen` of those, `kept` from deciding though
    they had opened what they decide on, and `refused`."""
    lot, told = random.Random(seed), Counter[str]()
    for n in range(sequences):
        if n % EACH == 0:
            evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
        evidence = _sequence(town, _again(town, evidence, lot), lot, told)
    return told


def _sequence(town: Desk, evidence: Evidence, lot: random.Random, told: Counter[str]) -> Evidence:
    opened, decided = set[str](), False
    for _ in range(STEPS):
        who, step = lot.choice(WHO), lot.choice(("open", "part", "again", "decide", "decide"))
        if step == "again":
            evidence, opened, decided = _again(town, evidence, lot), set(), False
        elif step == "decide":
            done = _decides(town, who, evidence, lot)
            told["decided" if done else "refused"] += 1
            told["unseen"] += done and who not in opened
            told["kept"] += not done and not decided and who == "commander" and who in opened
            decided |= done
        else:
            looked(town.kernel, town.people[who], evidence.case, whole=step == "open")
            opened |= {who} if step == "open" else set()
    return evidence


def _again(town: Desk, evidence: Evidence, lot: random.Random) -> Evidence:
    """The findings of a further run of the same case."""
    newer = town.kernel.signed(replace(evidence, salt=f"{lot.getrandbits(128):032x}"))
    town.kernel.record(newer, case=evidence.case, before=evidence.before)
    return newer


def _decides(town: Desk, who: str, evidence: Evidence, lot: random.Random) -> bool:
    try:
        verbs.decide(town.kernel, town.people[who], evidence, choice=lot.choice(COUNT.asks.choices), **WORDS)
    except PeelianError:
        return False
    return True
