"""Engines of counts: two agree bit by bit on rows made to part them, and none may write rows to a disk in clear."""

from __future__ import annotations

import shutil
from pathlib import Path

import counting
import pyarrow as pa
import pytest

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


@pytest.mark.parametrize("address", ["mysql://x", "file:///etc", "duckdb", "postgresql:///x?host=/run/postgresql"])
def test_an_unknown_engine_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="unknown engine"), engine_at(address):
        pass


def test_duckdb_stops_where_memory_ends_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = pa.concat_tables([counting.adversarial()] * 120)
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
