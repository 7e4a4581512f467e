"""Proves that the documentation site builds without a warning, and that every entry of the reference is on it."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import drawings
import reference_pages
import site_pages
from peelian.kernel import verbs as kernel_verbs
from peelian.operations.office import technologies

pytest.importorskip("sphinx", reason="the dependency group `docs` is not installed")
ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` runs."""
    options = ("-W", "--keep-going", "-q", "-b", "html", "-c", str(DOCS))
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(target)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


class Words(HTMLParser):
    """Collects the text of every `code` element of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.found = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "code":
            self.inside += 1
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once for all tests of this file."""
    target = tmp_path_factory.mktemp("site")
    done = build(DOCS, target)
    assert done.returncode == 0, done.stderr
    return target


def code_words(page: Path) -> set[str]:
    words = Words()
    words.feed(page.read_text(encoding="utf-8"))
    return set(words.found)


def test_the_site_builds_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file() and (site / "explanation" / "architecture.html").is_file()


def test_a_broken_link_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "index.md").write_text("# Page\n\n[nowhere](no-such-page.md)\n")
    done = build(tmp_path / "source", tmp_path / "out")
    assert done.returncode != 0 and "no-such-page.md" in done.stderr


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert 'src="http' not in text and 'rel="stylesheet" href="http' not in text, page.name


def test_every_capability_watch_and_format_has_its_entry(site: Path) -> None:
    known = technologies()
    for page, entries in (
        ("capabilities", [c for t in known for c in t.capabilities]),
        ("watches", [w for t in known for w in t.watches]),
        ("formats", [f for t in known for f in t.formats()]),
    ):
        told = code_words(site / "reference" / f"{page}.html")
        assert entries and {entry.id for entry in entries} <= told, page


def test_every_error_has_its_entry_and_stands_in_the_tree(site: Path) -> None:
    told = code_words(site / "reference" / "errors.html")
    classes = reference_pages.error_classes()
    assert len(classes) > 6
    for error in classes:
        assert error.__name__ in told and error.__name__ in reference_pages.errors().split("```")[1]


def test_every_command_has_its_entry(site: Path) -> None:
    told = code_words(site / "reference" / "commands.html")
    assert len(reference_pages.command_names()) > 60
    assert {" ".join(words) for words in reference_pages.command_names()} <= told


@pytest.mark.parametrize("name", reference_pages.VERBS)
def test_the_steps_of_a_verb_have_the_same_numbers_in_its_code(name: str, site: Path) -> None:
    verb = getattr(kernel_verbs, name)
    steps = re.findall(r"^(\d+)\. ", inspect.getdoc(verb) or "", re.MULTILINE)
    module = inspect.getsource(sys.modules[verb.__module__])
    assert len(steps) >= 3 and steps == [str(n + 1) for n in range(len(steps))]
    told = re.findall(r"^ +# (\d+)\.(?: and (\d+)\.)? ", module, re.MULTILINE)
    assert sorted({number for pair in told for number in pair if number}) == steps
    assert name in code_words(site / "reference" / "verbs.html")


def test_every_technology_has_its_page(site: Path) -> None:
    for technology in technologies():
        assert (site / "reference" / "technologies" / f"{technology.id}.html").is_file()


def test_the_layers_shown_are_those_that_are_enforced() -> None:
    shown = drawings.layers()
    for contract in drawings.contracts():
        for layer in contract["layers"] if contract["type"] == "layers" else ():
            for name in layer.replace("|", " ").replace(":", " ").split():
                assert f">{name.strip('()')}</text>" in shown, name


@pytest.mark.parametrize("name", ["context", "containers"])
def test_a_drawing_kept_here_is_what_its_description_says(name: str) -> None:
    """`python docs/_ext/drawings.py` draws them again."""
    assert (DOCS / "_static" / f"{name}.svg").read_text(encoding="utf-8") == drawings.kept()[name]


def test_a_link_leads_to_the_page_that_shows_the_file(site: Path) -> None:
    origin = ROOT / "src" / "peelian" / "technologies" / "crowd" / "README.md"
    shown = DOCS / "reference" / "technologies" / "crowd.md"
    text = "[a](../mapping/README.md) [b](__init__.py) [c](https://example.org) `[d](x.md)` [e](gone.md)"
    linked = site_pages.linked(text, origin=origin, shown=shown)
    assert "[a](mapping.md)" in linked and "`src/peelian/technologies/crowd/__init__.py`" in linked
    assert "[c](https://example.org)" in linked and "[e](gone.md)" in linked


def test_every_capability_is_named_on_the_page_of_its_technology() -> None:
    folder = ROOT / "src" / "peelian" / "technologies"
    for technology in technologies():
        page = (folder / technology.id / "README.md").read_text(encoding="utf-8")
        missing = [one.id for one in technology.capabilities if f"`{one.id}`" not in page]
        assert not missing, f"{technology.id}/README.md does not name {missing}"
