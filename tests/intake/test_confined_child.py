"""A confined child has no network, reads nothing where that cannot be had, and every reader of foreign files is one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import children
import pytest

from peelian.child_process import child
from peelian.errors import InputError
from peelian.intake.confined_child import beside, confined_child
from peelian.intake.confinement import PROCESSORS
from peelian.told_errors import raised


def test_a_confined_child_opens_no_socket() -> None:
    with confined_child(children.opens_a_socket, None) as connection:
        assert json.loads(connection.recv_bytes()) == {"socket": False}


@pytest.mark.parametrize("anyway", [False, True])
def test_where_the_system_takes_no_filter_nothing_is_read_unless_a_setting_says_so(anyway: bool) -> None:
    with child(children.begins_where_no_filter_is_taken, ([], [], anyway), sealed=True) as connection:
        connection.send((children.opens_a_socket, None))
        line = json.loads(connection.recv_bytes())
    if anyway:
        assert line == {"socket": True}
    else:
        with pytest.raises(InputError, match=r"cut off from the network\. Expected: .*PEELIAN_UNCONFINED=yes"):
            raise raised(line)


def test_no_child_reads_unconfined() -> None:
    """What is started without a setting of ours reads files of strangers; all of that goes through one function."""
    source = Path(__file__).parents[2] / "src" / "peelian"
    found = [file.name for file in source.rglob("*.py") if re.search(r"child\(.*sealed=True", file.read_text())]
    assert found == ["confined_child.py"] and set(PROCESSORS) == {"x86_64", "aarch64"}


def test_a_shapefile_comes_with_the_files_of_its_name(tmp_path: Path) -> None:
    for name in ("a.shp", "a.dbf", "a.prj", "b.dbf", "a.gpkg"):
        (tmp_path / name).touch()
    assert sorted(one.name for one in beside(tmp_path / "a.shp")) == ["a.dbf", "a.gpkg", "a.prj", "a.shp"]
    assert beside(tmp_path / "a.gpkg") == [tmp_path / "a.gpkg"]
