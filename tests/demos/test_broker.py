"""The demonstration's broker: only a client with its certificate gets in, and nothing of it runs on afterwards."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
from broker import until

from peelian.demos import broker
from peelian.errors import OutOfOrder


@pytest.mark.slow
def test_it_runs_as_long_as_the_block_and_knows_its_clients(tmp_path: Path) -> None:
    if not broker.found():
        pytest.skip("mosquitto is not installed")
    with broker.running(tmp_path / "broker") as running:
        client = running.publisher()
        assert until(client.is_connected)
        client.disconnect()
        port = running.broker.port
        keys = list((tmp_path / "broker").glob("*.key"))
        assert len(keys) == 4 and all(stat.S_IMODE(k.stat().st_mode) == 0o600 for k in keys)
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", port)) != 0


def test_a_broker_that_does_not_start_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "found", lambda: "/bin/false")
    with pytest.raises(OutOfOrder, match="did not start"), broker.running(tmp_path / "broker"):
        pass
