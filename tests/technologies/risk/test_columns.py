"""Tables of an audit: its own example fills each of them with exactly the declared columns."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.measure.table import NEVER_LEAVES
from peelian.technologies.risk.audit.declared import AUDIT


def test_the_audit_returns_the_columns_it_declares() -> None:
    example = AUDIT.arithmetic().example()
    found = AUDIT.arithmetic().run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    declared = {emit.table: emit.kinds for emit in AUDIT.emits}
    for table in found.tables:
        assert {column.name: column.kind for column in table.columns} == dict(declared[table.name])
        assert not set(declared[table.name].values()) & NEVER_LEAVES
