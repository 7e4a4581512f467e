"""Office evidence on impact assessments, rights assessments, vendors and registers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from peelian.kernel.model.capability import AuthorizationKind, Scalar
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.assessment.documents import kept_of
from peelian.oversight.assessment.obligations import BY_LEVEL, FALLBACK, GROUPS, NOTICE, PARTS
from peelian.oversight.assessment.questions import shipped
from peelian.oversight.assessment.scoring import LEVELS, scored
from peelian.oversight.assessment.signing import Assessment, assessments, authorization_of, changed
from peelian.oversight.compliance.checks import Check, Proof
from peelian.oversight.transparency.inventory import declared_by
from peelian.oversight.transparency.register import n_cases


def signed(kernel: Kernel) -> list[Assessment]:
    """The assessments whose authorization is in force."""
    return [made for made in assessments(kernel) if authorization_of(kernel, made)]


def assessed(kernel: Kernel) -> Iterator[Proof]:
    """Every capability that was permitted and needs an assessment had one whose authorization is in the log."""
    needing = {
        c.id
        for t in kernel.technologies
        for c in declared_by(t)
        if any(need.kind is AuthorizationKind.IMPACT_ASSESSMENT for need in c.needs)
    }
    permitted = {t.capability for t in kernel.state.histories.values() if t.digests("PERMITTED")}
    standing = {stand.permit.watch for stand in kernel.state.alarms.stands.values() if not stand.request.exercise}
    used = (permitted | standing) & needing
    named = {name for made in assessments(kernel) for name in made.digests}
    for name in sorted(used - named):
        says = "%(name)s was permitted without an assessment"
        yield Proof(holds=False, kind="setting", ref=name, says=says, values={"name": name})
    for made in signed(kernel):
        says = "the assessment of %(serves)s is complete and signed at level %(level)s"
        values = {"serves": made.serves, "level": LEVELS[made.level]}
        yield Proof(holds=True, kind="document", ref=made.digest, says=says, values=values)
    if signed(kernel):
        yield from _exempt(kernel, permitted, needing)


def _exempt(kernel: Kernel, permitted: Collection[str], needing: Collection[str]) -> Iterator[Proof]:
    """The technologies that were used, were not assessed and of which no use needs it: the inventory says the same."""
    assessed = {made.serves.partition(".")[0] for made in signed(kernel)}
    for technology in kernel.technologies:
        if technology.id in assessed:
            continue
        uses = {one.id for one in declared_by(technology)}
        if uses & set(permitted) and not uses & set(needing):
            says, values = "no use of %(serves)s needs an impact assessment", {"serves": f"{technology.id}.*"}
            yield Proof(holds=True, kind="setting", ref=technology.id, says=says, values=values)


def recomputed(kernel: Kernel) -> Iterator[Proof]:
    """Every kept assessment's figures follow again from its answers."""
    for made in assessments(kernel):
        again = scored(shipped(), made.answers)
        same = (again.raw, again.mitigation, again.score, again.level) == tuple(
            int(made.score[key]) for key in ("raw", "mitigation", "score", "level")
        )
        says = "%(serves)s, recalculated from the answers: %(score)d points, level %(level)s"
        values: dict[str, Scalar] = {"serves": made.serves, "score": again.score, "level": LEVELS[again.level]}
        yield Proof(holds=same, kind="document", ref=made.digest, says=says, values=values)


def unchanged(kernel: Kernel) -> Iterator[Proof]:
    """Nothing in use differs from what was assessed."""
    for made in signed(kernel):
        stale = changed(kernel, made)
        says = (
            "%(serves)s is unchanged since its assessment"
            if not stale
            else ("%(serves)s changed since its assessment. Uses are blocked until it is reassessed.")
        )
        yield Proof(holds=not stale, kind="document", ref=made.digest, says=says, values={"serves": made.serves})


def peers(kernel: Kernel) -> Iterator[Proof]:
    """Each signed assessment has the peer reviews of its level."""
    for made in signed(kernel):
        n, wanted = len({record.by for record in made.reviews}), BY_LEVEL[made.level].reviews
        says = "%(n)d peer %(n:review|reviews) of %(serves)s, %(wanted)d required at its level"
        values: dict[str, Scalar] = {"n": n, "serves": made.serves, "wanted": wanted}
        yield Proof(holds=n >= wanted, kind="document", ref=made.digest, says=says, values=values)


def approved(kernel: Kernel) -> Iterator[Proof]:
    """Each signed assessment was approved by somebody else."""
    for made in signed(kernel):
        says = "%(serves)s was approved by the rank required at level %(level)s"
        values = {"serves": made.serves, "level": LEVELS[made.level]}
        good = any(record.by != made.by for record in made.approvals)
        yield Proof(holds=good, kind="document", ref=made.digest, says=says, values=values)


def _texts(parts: tuple[str, ...], says: str) -> Callable[[Kernel], Iterator[Proof]]:
    """A check that the explanation of each signed assessment holds some parts, where its level asks for them."""

    def check(kernel: Kernel) -> Iterator[Proof]:
        for made in signed(kernel):
            wanted = [part for part in parts if part in BY_LEVEL[made.level].texts]
            if wanted:
                holds = all(made.explanation.get(part, {}).get(lang) for part in wanted for lang in ("en", "fr"))
                yield Proof(holds=holds, kind="document", ref=made.digest, says=says, values={"serves": made.serves})

    return check


def rights(kernel: Kernel) -> Iterator[Proof]:
    """A rights assessment with its six sections."""
    for kept in kept_of(kernel, "rights"):
        says = "rights assessment of %(serves)s, with its six sections"
        values = {"serves": str(kept.body["serves"])}
        yield Proof(holds=kept.fresh(kernel.now()), kind="log", ref=str(kept.index), says=says, values=values)


def vendors(kernel: Kernel) -> Iterator[Proof]:
    """The clauses of vendors and partners."""
    kept = kept_of(kernel, "vendor")
    if kept:
        says = (
            "%(n)d %(n:contract with a vendor or partner contains|contracts with vendors and partners contain) "
            "every clause"
        )
        yield Proof(holds=True, kind="log", ref=str(kept[-1].index), says=says, values={"n": len(kept)})


def registered(kernel: Kernel) -> Iterator[Proof]:
    """The register shows every technology, and every published case whether it was adopted or rejected. Where nobody
    requested a use it has nothing to show."""
    published = n_cases(kernel, published=True)
    if not n_cases(kernel) and not any(kernel.stores.log.read(kinds=["WATCH_ASKED"])):
        return
    says = (
        "the register shows %(n)d %(n:technology|technologies) and "
        "%(published)d published %(published:case|cases), whatever was decided"
    )
    values = {"n": len(kernel.technologies), "published": published}
    yield Proof(holds=True, kind="setting", ref="register", says=says, values=values)


EXPLAINED: Check = _texts(tuple(PARTS), "the explanation of %(serves)s has its seven parts in English and French")
NOTICED: Check = _texts((NOTICE,), "the notice about %(serves)s is public and links to the explanation")
GROUPED: Check = _texts((GROUPS,), "effects of %(serves)s on groups are documented, with gaps and measures")
FALLING_BACK: Check = _texts((FALLBACK,), "work without %(serves)s is documented")
