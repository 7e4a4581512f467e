"""Each command has its page, or its reason for having none: it says so where it is declared."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute

import reference_pages
from peelian.acts.registry import every_act
from peelian.cli.contents import every_command

COMMANDS = {one.words: one for one in every_command()}
AT_THE_PAGES = {words: one.page for words, one in COMMANDS.items() if one.page}


def test_every_command_that_can_be_called_is_declared() -> None:
    names = {" ".join(words[1:]) for words in reference_pages.command_names()}
    assert {name for name in names if not any(other.startswith(f"{name} ") for other in names)} == set(COMMANDS)


def test_a_command_says_its_page_or_why_it_has_none_and_never_both() -> None:
    assert all(bool(one.page) is not bool(one.terminal) for one in COMMANDS.values())


@pytest.mark.parametrize("command", AT_THE_PAGES)
def test_the_page_of_a_command_is_there(app: Any, command: str) -> None:
    method, path = AT_THE_PAGES[command].split(" ")
    routes = [route for route in app.router.routes if isinstance(route, APIRoute)]
    if path.startswith("/tasks/"):
        act = every_act()[path.removeprefix("/tasks/")]
        assert method == "GET" or act.do is not None
        path = "/tasks/{id}"
    assert any(route.path == f"/{{language}}{path}" and method in route.methods for route in routes)
