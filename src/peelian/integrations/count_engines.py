"""Engines that count incidents: DuckDB in this process, or a PostgreSQL or Spark that an operator names.

Each gets the rows of one partition at a time as numbers, in clear, and keeps nothing: what it holds, and where it might
reach a disk, says `docs/decisions/0052-counts-by-ibis.md`. An engine that may write rows to a disk in clear is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow as pa

from peelian.errors import InputError
from peelian.integrations.incident_counts import ROWS, Engine
from peelian.measure.arrow_memory import to_values

if TYPE_CHECKING:
    import ibis.expr.types as ir

MEMORY = "1GB"  # of DuckDB, and of PostgreSQL's temporary tables and sorts
ENCRYPTED = {"spark.io.encryption.enabled": "true", "spark.eventLog.enabled": "false", "spark.ui.enabled": "false"}
BETWEEN_MACHINES = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}
ADDRESSES = "nothing (DuckDB in this process), postgresql://… or spark://…"
INSTALL = "the extra scale, with the extra server for PostgreSQL and the package pyspark for Spark"
POSTGRES_TYPES = {"int32": "integer", "float64": "double precision"}
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
KINDS = {"int32": (">i4", pa.int32()), "int64": (">i8", pa.int64()), "float64": (">f8", pa.float64())}


def engine_at(
    address: str = "", settings: Mapping[str, str] | None = None, *, threads: int = 0
) -> AbstractContextManager[Engine]:
    """The engine at an address: "" for DuckDB in this process, `postgresql://…`, or a Spark master (`spark://…`).

    `settings` are Spark's, `threads` DuckDB's (0: one a core). InputError where the address names none of them, its
    packages are missing, or it might write rows to a disk or a wire in clear.
    """
    kind = "spark" if address.startswith("local") else address.partition("://")[0]
    if kind not in ("", "postgresql", "spark"):
        raise InputError("unknown engine for counts", accepted=ADDRESSES)
    if not (find_spec("ibis") and find_spec("duckdb")):
        raise InputError("packages for counts are missing", accepted=INSTALL)
    if kind == "spark":
        return spark_engine(address, settings or {})
    return postgres_engine(address) if kind else duckdb_engine(threads=threads)


@contextmanager
def duckdb_engine(memory: str = MEMORY, threads: int = 0) -> Iterator[Engine]:
    """DuckDB in this process: no file, no extension, nothing put aside on a disk; an error where `memory` is full."""
    import duckdb
    import ibis

    settings: dict[str, str | int | float | list[str]] = {"memory_limit": memory, "temp_directory": ""}
    settings |= {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    settings |= {"threads": threads} if threads else {}
    sql = cache(partial(ibis.to_sql, dialect="duckdb"))
    database = duckdb.connect(":memory:", config=settings)

    def counted(rows: pa.Table, asked: Sequence[ir.Table]) -> list[pa.Table]:
        with database.cursor() as own:  # a connection of its own: several threads may count at once
            own.register("rows", rows)
            try:
                return [own.sql(sql(one)).to_arrow_table() for one in asked]
            except duckdb.OutOfMemoryException:
                accepted = "a larger memory limit, or smaller partitions"
                raise InputError("the counts of one partition do not fit in memory", accepted=accepted) from None

    try:
        yield counted
    finally:
        database.close()


@contextmanager
def postgres_engine(address: str) -> Iterator[Engine]:
    """PostgreSQL: rows stand in a temporary table in its session's memory; refused where sorts may go to its disk."""
    try:
        import psycopg
    except ImportError:
        raise InputError("packages for PostgreSQL are missing", accepted=INSTALL) from None
    import ibis

    _refuse_open_wire(address)
    sql = cache(partial(ibis.to_sql, dialect="postgres"))
    columns = ", ".join(f'"{name}" {POSTGRES_TYPES[kind]} NOT NULL' for name, kind in ROWS.items())
    with psycopg.connect(address, autocommit=True) as session:
        session.execute(f"SET temp_buffers = '{MEMORY}'; SET work_mem = '{MEMORY}'")
        limit = session.execute("SHOW temp_file_limit").fetchone()
        if limit is None or limit[0] != "0":
            accepted = "a role with no temporary files: ALTER ROLE … SET temp_file_limit = 0"
            raise InputError("PostgreSQL may write rows to its disk in clear", accepted=accepted)

        def counted(rows: pa.Table, asked: Sequence[ir.Table]) -> list[pa.Table]:
            with session.transaction(), session.cursor() as cursor:
                cursor.execute(f'CREATE TEMPORARY TABLE "rows" ({columns}) ON COMMIT DROP')
                with cursor.copy("COPY rows FROM STDIN (FORMAT binary)") as copy:
                    copy.write(_packed(rows))
                return [_answered(cursor, one, sql(one)) for one in asked]

        yield counted


def _refuse_open_wire(address: str) -> None:
    """InputError where rows would travel to another machine without a checked certificate."""
    told = urlsplit(address)
    asked = {name: values[-1] for name, values in parse_qs(told.query).items()}
    host = asked.get("host", told.hostname or "")
    if host and not host.startswith("/") and asked.get("sslmode") != "verify-full":
        accepted = "a socket of this machine (host=/folder), or sslmode=verify-full"
        raise InputError("rows would travel to PostgreSQL in clear", accepted=accepted)


def _packed(rows: pa.Table) -> bytes:
    """The rows as PostgreSQL's binary COPY: each field after its length. O(rows)."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in ROWS.items():
        fields += [(f"{name} bytes", ">i4"), (name, KINDS[kind][0])]
    made = np.zeros(len(rows), dtype=fields)
    made["fields"] = len(ROWS)
    for name, kind in ROWS.items():
        made[f"{name} bytes"] = np.dtype(KINDS[kind][0]).itemsize
        made[name] = to_values(rows.column(name))
    return SIGNATURE + made.tobytes() + b"\xff\xff"


def _answered(cursor: Any, asked: ir.Table, sql: str) -> pa.Table:
    """What PostgreSQL answers, by its binary COPY: no field of it is missing. O(rows)."""
    kinds = {name: KINDS[str(kind).lstrip("!")] for name, kind in asked.schema().items()}
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, (kind, _) in kinds.items():
        fields += [(f"{name} bytes", ">i4"), (name, kind)]
    with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT binary)") as copy:
        got = b"".join(copy)
    rows = np.frombuffer(got[len(SIGNATURE) : -2], dtype=fields)
    return pa.table({name: pa.array(rows[name].astype(kind[1:])) for name, (kind, _) in kinds.items()})


@contextmanager
def spark_engine(master: str, settings: Mapping[str, str]) -> Iterator[Engine]:
    """Spark: rows stand in its executors' memory. What its shuffles write to disks, and send, is encrypted by keys that
    end with the session. Refused where it is not."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError("packages for Spark are missing", accepted=INSTALL) from None
    import ibis

    builder = SparkSession.builder.master(master).appName("counts")
    for name, value in {**ENCRYPTED, **settings}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        session.sparkContext.setLogLevel("ERROR")
        _refuse_clear_disk(dict(session.sparkContext.getConf().getAll()), master)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sql = cache(ibis.pyspark.connect(session).compile)

        def counted(rows: pa.Table, asked: Sequence[ir.Table]) -> list[pa.Table]:
            session.createDataFrame(rows).createOrReplaceTempView("rows")
            return [session.sql(sql(one)).toArrow() for one in asked]

        yield counted
    finally:
        session.stop()


def _refuse_clear_disk(settings: Mapping[str, str], master: str) -> None:
    """InputError where Spark's shuffles would reach a disk, or another machine, in clear."""
    needed = {**ENCRYPTED, **({} if master.startswith("local") else BETWEEN_MACHINES)}
    if open_ := [name for name, value in needed.items() if settings.get(name) != value]:
        accepted = ", ".join(f"{name}={needed[name]}" for name in open_)
        raise InputError("Spark may write or send rows in clear", accepted=accepted)
