"""Earlier releases for tests: published findings as later ones are compared with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from peelian.kernel.disclosure.published_counts import Edition, laid_out, told_of
from peelian.kernel.model.capability import Emit, Findings
from peelian.kernel.model.tables import TableColumn
from peelian.measure.table import Table


def emit_of(table: Table, **how: object) -> Emit:
    """As a capability declares this table."""
    return Emit(
        table=table.name, title=table.name, columns={c.name: TableColumn(c.kind, c.name) for c in table.columns}, **how
    )


def edition(public: Findings, emits: Mapping[str, Emit] | None = None, index: int = 0, **how: bool) -> Edition:
    """Findings that were published."""
    known = emits or {t.name: emit_of(t) for t in public.tables}
    laid = {t.name: laid_out(t, known[t.name]) for t in public.tables}
    tables = {name: one for name, one in laid.items() if one is not None}
    return Edition(index=index, findings=f"{index}", tables=tables, told=told_of(public), **how)


def editions(*published: Findings, emits: Mapping[str, Emit] | None = None) -> Sequence[Edition]:
    """Several, oldest first."""
    return [edition(one, emits, index) for index, one in enumerate(published)]
