"""Sphinx extension: fills generated blocks, takes in pages that live beside their code, and resolves repository links.

Pages stay readable where they lie. Three comments are replaced when the site is built:

    <!-- generated: commands -->    text made from the code by `reference_pages` or `drawings`
    <!-- page: src/peelian/technologies/mapping/README.md -->    a page that lies elsewhere in the repository
    <!-- notebook: docs/tutorials/audit-a-matcher.ipynb -->    the text and the code of a notebook

A relative link to a page of the site leads there; one to any other file of the repository becomes its path.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import drawings
import reference_pages as reference

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
GENERATED: dict[str, Callable[[], str]] = {
    "commands": reference.commands,
    "capabilities": reference.capabilities,
    "watches": reference.watches,
    "verbs": reference.verbs,
    "formats": reference.formats,
    "errors": reference.errors,
    "layers": drawings.layers,
}
_BLOCK = re.compile(r"^<!-- (generated|page|notebook): (\S+) -->$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", _technology_pages)
    app.connect("source-read", _on_source)
    app.connect("env-get-outdated", _always)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _technology_pages(app: Any) -> None:
    """One page of the site for each technology's README: a new folder needs no page elsewhere. Git ignores them."""
    folder = DOCS / "reference" / "technologies"
    wanted = {path.parent.name: path for path in (ROOT / "src" / "peelian" / "technologies").glob("*/README.md")}
    for page_file in folder.glob("*.md"):
        if page_file.stem not in (*wanted, "index"):
            page_file.unlink()
    for name, path in wanted.items():
        text = f"<!-- page: {path.relative_to(ROOT)} -->\n"
        if not (folder / f"{name}.md").exists() or (folder / f"{name}.md").read_text(encoding="utf-8") != text:
            (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _on_source(app: Any, name: str, source: list[str]) -> None:
    source[0] = page(DOCS / f"{name}.md", source[0])


def _always(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages with a block: what they show can change although they did not."""
    return [name for name in env.found_docs if _BLOCK.search((DOCS / f"{name}.md").read_text(encoding="utf-8"))]


def page(path: Path, text: str) -> str:
    """The text of the page at `path` as the site shows it."""
    text = linked(text, origin=path, shown=path)

    def block(found: re.Match[str]) -> str:
        kind, name = found.groups()
        if kind == "generated":
            return linked(GENERATED[name](), origin=path, shown=path)
        origin = ROOT / name
        if kind == "notebook":
            return linked(notebook(origin), origin=origin, shown=path)
        return linked(origin.read_text(encoding="utf-8"), origin=origin, shown=path)

    return _BLOCK.sub(block, text)


def notebook(path: Path) -> str:
    """A notebook as a page: its text cells, its code cells as blocks, and where the file lies."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    shown = [
        f"```python\n{text}\n```" if cell["cell_type"] == "code" else text
        for cell, text in zip(cells, texts, strict=True)
    ]
    return "\n\n".join([*shown, f"This page is the notebook `{path.relative_to(ROOT)}`, without its output."]) + "\n"


def included() -> dict[Path, Path]:
    """Each page that lies elsewhere in the repository, and the page of the site that shows it."""
    return {
        ROOT / name: path
        for path in DOCS.rglob("*.md")
        for kind, name in _BLOCK.findall(path.read_text(encoding="utf-8"))
        if kind == "page"
    }


def linked(text: str, *, origin: Path, shown: Path) -> str:
    """`text`, written for the file `origin`, with its links as they are on the page `shown`."""
    known = included()

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        file, hash_, anchor = target.partition("#")
        if not file or re.match(r"\w+:", target):
            return found[0]
        meant = Path(os.path.normpath(origin.parent / file))
        if meant.is_dir() and DOCS in (meant, *meant.parents):
            meant /= "index.md"
        meant = known.get(meant, meant)
        if not meant.exists():
            return found[0]  # Sphinx warns of it, and a warning stops the build
        if DOCS in meant.parents:
            return f"[{words}]({os.path.relpath(meant, shown.parent)}{hash_}{anchor})"
        name = f"`{meant.relative_to(ROOT)}`"
        return name if words.strip("`") == meant.name or words == name else f"{words} ({name})"

    parts, end = [], 0
    for fence in _FENCE.finditer(text):  # code stays as it is
        parts += [_LINK.sub(link, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, _LINK.sub(link, text[end:])])
