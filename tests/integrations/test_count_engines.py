"""Engines of counts: three agree bit by bit on rows made to part them, and none may write rows to a disk in clear."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import counting
import pyarrow as pa
import pytest
from postgres import Server

from peelian.errors import InputError
from peelian.integrations.count_engines import duckdb_engine, engine_at, spark_engine
from peelian.integrations.incident_counts import Engine, counts, lags, rows
from peelian.kernel.model.counts import Bins

pytest.importorskip("ibis", reason="the extra `scale` is not installed")

ASKED = (
    counts(rows(), Bins(cell_metres=250.0)),
    counts(rows(), Bins(cell_metres=333.3, days=7, begins=3)),
    lags(rows()),
)


def digest_by(engine: Engine) -> str:
    return counting.digest(engine(counting.adversarial(), ASKED))


@pytest.fixture(scope="module")
def by_duckdb() -> str:
    with engine_at() as engine:
        return digest_by(engine)


@pytest.fixture
def without_files(postgres: Server) -> Iterator[str]:
    """The address of a role that may write no temporary files."""
    postgres.sql("ALTER ROLE postgres SET temp_file_limit = 0")
    yield postgres.place()
    postgres.sql("ALTER ROLE postgres RESET temp_file_limit")


def test_postgresql_counts_as_duckdb_does(by_duckdb: str, without_files: str) -> None:
    with engine_at(without_files) as engine:
        assert digest_by(engine) == by_duckdb
        assert digest_by(engine) == by_duckdb  # nothing is left of the partition before


def test_no_row_stands_in_a_file_of_postgresql(postgres: Server, without_files: str) -> None:
    """Its files are looked through while a partition is counted, and after."""
    marked = 123_456.75  # as a double: bytes that nothing else has
    given = pa.concat_tables([counting.adversarial()] * 20)  # 2 MB: more than the least buffers hold
    given = given.set_column(4, "east", pa.array([marked] * len(given)))
    seen = []

    def files_with_mark() -> list[Path]:
        mark = pa.array([marked]).buffers()[1].to_pybytes()[:8]
        found = (postgres.folder / "data" / "base").rglob("*")
        return [one for one in found if one.is_file() and mark in one.read_bytes()]

    with engine_at(without_files) as engine:

        class Looked(tuple):  # type: ignore[type-arg]
            def __iter__(self) -> Iterator[object]:
                for one in tuple.__iter__(self):
                    seen.append(files_with_mark())
                    yield one

        engine(given, Looked(ASKED))
        seen.append(files_with_mark())
    assert seen == [[]] * (len(ASKED) + 1)


def test_postgresql_that_may_spill_is_refused(postgres: Server) -> None:
    with pytest.raises(InputError, match=r"in clear.*temp_file_limit = 0"), engine_at(postgres.place()):
        pass


@pytest.mark.parametrize("address", ["postgresql://one@city.example/counts", "postgresql:///x?host=10.0.0.9"])
def test_an_open_wire_to_postgresql_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="travel to PostgreSQL in clear"), engine_at(address):
        pass


@pytest.mark.parametrize("address", ["mysql://x", "file:///etc", "duckdb"])
def test_an_unknown_engine_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="unknown engine"), engine_at(address):
        pass


def test_duckdb_stops_where_memory_ends_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = pa.concat_tables([counting.adversarial()] * 300)
    with duckdb_engine(memory="3MB") as engine, pytest.raises(InputError, match="do not fit in memory"):
        engine(whole, ASKED)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def spark_settings() -> dict[str, str]:
    pytest.importorskip("pyspark", reason="Spark is not installed: dependency group spark")
    if shutil.which("java") is None:
        pytest.skip("no Java, which Spark needs: Debian package openjdk-17-jre-headless")
    small = {"spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false"}
    return small | {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


@pytest.mark.slow
def test_spark_counts_as_duckdb_does(by_duckdb: str, spark_settings: dict[str, str]) -> None:
    with spark_engine("local[2]", spark_settings) as engine:
        assert digest_by(engine) == by_duckdb


@pytest.mark.slow
def test_spark_that_writes_in_clear_is_refused(spark_settings: dict[str, str]) -> None:
    open_ = {**spark_settings, "spark.io.encryption.enabled": "false"}
    refused = pytest.raises(InputError, match=r"in clear.*spark\.io\.encryption\.enabled=true")
    with refused, spark_engine("local[1]", open_):
        pass
