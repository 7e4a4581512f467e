"""Engines that count incidents: DuckDB in this process, or a Spark that two people adopted.

Each gets the rows of one partition at a time as numbers, in clear, and keeps nothing: what it holds, and where it might
reach a disk, says `docs/decisions/0052-counts-by-ibis.md`. An engine that may write rows to a disk in clear is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from peelian.errors import InputError
from peelian.integrations.incident_counts import Engine

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

MEMORY = "1GB"  # of DuckDB
ENCRYPTED = {"spark.io.encryption.enabled": "true", "spark.eventLog.enabled": "false", "spark.ui.enabled": "false"}
BETWEEN_MACHINES = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}
INSTALL = "the extra scale, and the package pyspark for Spark"


def engine_at(
    address: str = "", settings: Mapping[str, str] | None = None, *, threads: int = 0
) -> AbstractContextManager[Engine]:
    """The engine at an address: "" for DuckDB in this process, or a Spark master (`spark://…`).

    `settings` are Spark's, `threads` DuckDB's (0: one a core). InputError where the address names neither, its
    packages are missing, or it might write rows to a disk or a wire in clear.
    """
    if address and not address.startswith(("spark://", "local")):  # local: of tests and benchmarks
        raise InputError("unknown engine for counts", accepted="nothing (DuckDB in this process), or spark://…")
    if not (find_spec("ibis") and find_spec("duckdb")):
        raise InputError("packages for counts are missing", accepted=INSTALL)
    return spark_engine(address, settings or {}) if address else duckdb_engine(threads=threads)


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
