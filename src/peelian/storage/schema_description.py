"""What a database has beside its rows: tables, columns, keys, indexes, views and triggers, in a few words each.

The same words describe the declared schema (`schema`), so that a dropped table, index or column, and a trigger that
somebody added, have a name. It only reads, and a SQLite file may be looked at without a journal being made beside it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, LargeBinary, MetaData, Text, create_engine
from sqlalchemy.pool import NullPool

from peelian.storage.schema import METADATA, MIGRATED, VIEWS

VIEW_COLUMNS = "time, name, area, sensor, kind, value, gap"
_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(o.collname, ''), a.attnotnull,
    a.atthasdef FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_collation o ON o.oid = a.attcollation
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
    AND NOT a.attisdropped ORDER BY c.relname, a.attnum
"""
_INDEXES = """
    SELECT t.relname, i.relname, x.indisprimary, x.indisunique, x.indisvalid AND x.indpred IS NULL,
    (SELECT string_agg(pg_get_indexdef(x.indexrelid, k, true), ', ' ORDER BY k) FROM generate_series(1, x.indnatts) k)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace
"""
_OTHERS = """
    SELECT c.relname, 'trigger', t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
    UNION ALL SELECT tablename, 'rule', rulename FROM pg_rules
    WHERE schemaname = current_schema() AND rulename <> '_RETURN'
    UNION ALL SELECT c.relname, 'constraint', o.conname FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
    WHERE o.contype NOT IN ('p', 'n') AND c.relnamespace = current_schema()::regnamespace
"""
Described = dict[str, str]


def described(connection: Connection, metadata: MetaData) -> Described:
    """Each thing of the tables and views that `metadata` declares, as the database has it: "column cases.mac" → what it
    is. Other tables of the same database are nobody's business here. O(columns)."""
    tables = {*metadata.tables} - {MIGRATED.name}
    views = {_view_name(one) for one in VIEWS[connection.dialect.name]} if metadata is METADATA else set()
    if connection.dialect.name == "postgresql":
        found = _on_postgresql(connection, tables, views)
    else:
        found = _on_sqlite(connection, tables, views)
    return dict(found)


def declared(metadata: MetaData, dialect: str) -> Described:
    """The same of the schema that new offices are made with."""
    made: Described = {}
    for table in metadata.sorted_tables:
        if table.name == MIGRATED.name:
            continue
        made[f"table {table.name}"] = _key([column.name for column in table.primary_key])
        for column in table.columns:
            counted = dialect == "postgresql" and column is table.autoincrement_column  # a sequence nobody draws from
            said = _column(_kind(column.type, dialect), needed=not column.nullable, default=counted)
            made[f"column {table.name}.{column.name}"] = said
        for index in table.indexes:
            made[f"index {index.name}"] = _index(table.name, ", ".join(one.name for one in index.columns))
    for statement in VIEWS[dialect] if metadata is METADATA else ():
        made[f"view {_view_name(statement)}"] = VIEW_COLUMNS if dialect == "postgresql" else statement
    return made


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """What the database lacks, has otherwise, or has beside what is declared: "table cases" and the like, by name."""
    there, wanted = described(connection, metadata), declared(metadata, connection.dialect.name)
    lost = {one for one in wanted if one.startswith("table ") and one not in there}
    names = sorted(one for one in there.keys() | wanted.keys() if there.get(one) != wanted.get(one))
    return [one for one in names if one in lost or f"table {_of_table(one, wanted)}" not in lost]


def schema_digest(connection: Connection, metadata: MetaData) -> str:
    """One digest of all that is described: two databases with the same have the same schema."""
    lines = "\n".join(f"{name}: {what}" for name, what in sorted(described(connection, metadata).items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def looked_at(file: Path) -> Engine:
    """An engine that only looks at a SQLite file and leaves nothing beside it, not even where it cannot be written."""
    journal = file.with_name(f"{file.name}-wal")
    still = "" if journal.is_file() and journal.stat().st_size else "&immutable=1"
    address = f"{file.absolute().as_uri()}?mode=ro{still}"
    opened = partial(sqlite3.connect, address, uri=True, check_same_thread=False)
    return create_engine("sqlite://", creator=opened, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def _on_sqlite(connection: Connection, tables: set[str], views: set[str]) -> Iterator[tuple[str, str]]:
    ask = connection.exec_driver_sql
    strict = {name for _, name, _, _, _, is_strict in ask("PRAGMA main.table_list") if is_strict}
    for kind, name, table, sql in ask("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").all():
        if kind == "table" and name in tables:
            columns = ask(f'PRAGMA table_xinfo("{name}")').all()
            for _, column, type_, needed, default, _, hidden in columns:
                said = _column(type_, needed=bool(needed), default=default is not None or bool(hidden))
                yield f"column {name}.{column}", said
            keys = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
            yield f"table {name}", _key(keys) + ("" if name in strict else ", not strict")
            for _, index, unique, origin, partial_ in ask(f'PRAGMA index_list("{name}")').all():
                if origin != "pk":
                    parts = ", ".join(str(row[2]) for row in ask(f'PRAGMA index_info("{index}")').all())
                    yield f"index {index}", _index(name, parts, unique=bool(unique), whole=not partial_)
        elif kind == "view" and name in views:
            yield f"view {name}", sql
        elif kind == "trigger" and table in tables | views:
            yield f"trigger {name}", table


def _on_postgresql(connection: Connection, tables: set[str], views: set[str]) -> Iterator[tuple[str, str]]:
    ask, shown = connection.exec_driver_sql, dict[str, list[str]]()
    for table, column, kind, collation, needed, default in ask(_COLUMNS):
        if table in tables:
            said = _column(f"{kind} {collation}".strip(), needed=needed, default=default)
            yield f"column {table}.{column}", said
        elif table in views:
            shown.setdefault(table, []).append(column)
    yield from ((f"view {name}", ", ".join(columns)) for name, columns in shown.items())
    keys = dict.fromkeys(tables & set(connection.dialect.get_table_names(connection)), "")
    indexes = [row for row in ask(_INDEXES) if row[0] in tables]
    keys |= {table: parts for table, _, primary, _, _, parts in indexes if primary}
    yield from ((f"table {name}", f"key ({parts})") for name, parts in keys.items())
    for table, name, primary, unique, whole, parts in indexes:
        if not primary:
            yield f"index {name}", _index(table, parts.replace('"', ""), unique=unique, whole=whole)
    yield from ((f"{kind} {name}", table) for table, kind, name in ask(_OTHERS) if table in tables | views)


def _kind(type_: object, dialect: str) -> str:
    """A declared type as the database names it."""
    if isinstance(type_, Text):
        return "text C" if dialect == "postgresql" else "TEXT"
    if isinstance(type_, LargeBinary):
        return "bytea" if dialect == "postgresql" else "BLOB"
    return "bigint" if dialect == "postgresql" else "INTEGER"


def _column(kind: str, *, needed: bool, default: bool) -> str:
    return f"{kind}{' not null' if needed else ''}{' with a default' if default else ''}"


def _key(columns: list[str]) -> str:
    return f"key ({', '.join(columns)})"


def _index(table: str, parts: str, *, unique: bool = False, whole: bool = True) -> str:
    return f"{table} ({parts}){' unique' if unique else ''}{'' if whole else ', of a part or not valid'}"


def _view_name(statement: str) -> str:
    return statement.split()[2]


def _of_table(name: str, wanted: Mapping[str, str]) -> str:
    """The table of a column or an index, so that a lost table is named once."""
    kind, _, rest = name.partition(" ")
    return rest.partition(".")[0] if kind == "column" else wanted.get(name, "").partition(" ")[0]
