"""The five verbs, each in a module named for the document it makes: admission, permit, evidence, decision, publication.

Beside them: correction, custody, delivery, export, bulk export, review of a redaction, authorizations and the life of
a warrant.
Each verb checks the document before it against the log, appends to the log, and only then acts. No append, no act.
"""

from peelian.kernel.verbs.admission import admit
from peelian.kernel.verbs.correction import correct
from peelian.kernel.verbs.custody import ADMITTERS
from peelian.kernel.verbs.decision import decide
from peelian.kernel.verbs.evidence import run
from peelian.kernel.verbs.permit import ask
from peelian.kernel.verbs.publication import PUBLISHERS, publish

__all__ = ["ADMITTERS", "PUBLISHERS", "admit", "ask", "correct", "decide", "publish", "run"]
