"""Diagrams as SVG: context and containers of the architecture (C4), and the layers of the import contracts.

`python docs/_ext/drawings.py` writes `docs/_static/context.svg` and `containers.svg`. The layers are drawn from
`pyproject.toml` each time the site is built, so that they show what `lint-imports` enforces.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "docs" / "_static"
FILLS = {"person": "#dbe7f3", "ours": "#1f4e79", "store": "#e9dfc8", "other": "#e6e6e6", "layer": "#dbe7f3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle with a title and a sentence; positions are pixels from the top left."""

    x: int
    y: int
    w: int
    h: int
    title: str
    says: str = ""
    kind: str = "other"

    def svg(self) -> str:
        """The box, its words wrapped to its width."""
        ink = "#ffffff" if self.kind == "ours" else "#1a1a1a"
        lines = wrap(self.says, max(8, self.w // 7))
        top = self.y + (self.h - 18 - 15 * len(lines)) // 2 + 15
        middle = self.x + self.w // 2
        words = [_text(middle, top, self.title, ink=ink, bold=True)]
        words += [_text(middle, top + 17 + 15 * n, line, ink=ink, size=12) for n, line in enumerate(lines)]
        frame = (
            f'<rect x="{self.x}" y="{self.y}" width="{self.w}" height="{self.h}" rx="6" '
            f'fill="{FILLS[self.kind]}" stroke="#33475b"/>'
        )
        return frame + "".join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A line from one point to another, with a few words beside its middle."""

    start: Sequence[int]
    end: Sequence[int]
    says: str = ""

    def svg(self) -> str:
        """The arrow; its head comes from the drawing's marker."""
        (a, b), (c, d) = self.start, self.end
        line = f'<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="#33475b" marker-end="url(#head)"/>'
        return line + (_text((a + c) // 2, (b + d) // 2 - 5, self.says, size=11, halo=True) if self.says else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A dashed frame around boxes that belong together."""

    x: int
    y: int
    w: int
    h: int
    title: str

    def svg(self) -> str:
        """The frame, its title inside at the top."""
        return (
            f'<rect x="{self.x}" y="{self.y}" width="{self.w}" height="{self.h}" rx="10" fill="none" '
            f'stroke="#33475b" stroke-dasharray="6 4"/>'
            f'<text x="{self.x + 12}" y="{self.y + 20}" font-size="13" font-weight="600">{escape(self.title)}</text>'
        )


def _text(
    x: int, y: int, words: str, *, ink: str = "#1a1a1a", bold: bool = False, size: int = 13, halo: bool = False
) -> str:
    extra = ' font-weight="600"' if bold else ""
    extra += ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if halo else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="middle" fill="{ink}"{extra}>{escape(words)}</text>'


def drawing(name: str, width: int, height: int, says: str, parts: Iterable[Box | Arrow | Frame]) -> str:
    """A whole SVG with a title and a description for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{name}-title" font-family="system-ui, sans-serif" style="max-width:100%;height:auto">\n'
        f'<title id="{name}-title">{escape(says)}</title>\n'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#33475b"/></marker></defs>\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(part.svg() for part in parts)
        + "\n</svg>\n"
    )


def kept() -> dict[str, str]:
    """The drawings that are kept in the repository, by name: what `c4.toml` says, drawn."""
    described = tomllib.loads((Path(__file__).parent / "c4.toml").read_text(encoding="utf-8"))
    return {
        name: drawing(
            name,
            told["width"],
            told["height"],
            told["says"],
            [
                *(Frame(**frame) for frame in told["frames"]),
                *(Box(**box) for box in told["boxes"]),
                *(Arrow(**arrow) for arrow in told["arrows"]),
            ],
        )
        for name, told in described.items()
    }


def contracts() -> list[dict[str, Any]]:
    """The import contracts of `pyproject.toml`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def layers() -> str:
    """Every layered contract as a picture and a list, and the other contracts by name."""
    parts = []
    for n, contract in enumerate(c for c in contracts() if c["type"] == "layers"):
        for container in contract.get("containers", [""]):
            rows = [_siblings(layer) for layer in contract["layers"]]
            parts += [f"**{contract['name']}** (`{container}`), highest layer first:\n", "```{raw} html"]
            parts += [_floors(f"layers-{n}", contract["name"], rows), "```\n"]
            parts += [f"- {_purpose(container, name)}" for row in rows for name in row]
            parts.append("")
    others = [c["name"] for c in contracts() if c["type"] != "layers"]
    return "\n".join([*parts, "The other contracts:\n", *(f"- {name}" for name in others), ""])


def _siblings(layer: str | Sequence[str]) -> list[str]:
    names = re.split(r"\s*[|:]\s*", layer) if isinstance(layer, str) else list(layer)
    return [name.strip("() ") for name in names]


def _floors(name: str, says: str, rows: list[list[str]]) -> str:
    boxes = []
    for n, row in enumerate(rows):
        width = (760 - 10 * (len(row) - 1)) // len(row)
        boxes += [
            Box(x=20 + k * (width + 10), y=15 + 44 * n, w=width, h=34, title=title, kind="layer")
            for k, title in enumerate(row)
        ]
    return drawing(name, 800, 25 + 44 * len(rows), says, boxes)


def _purpose(container: str, name: str) -> str:
    """The module with the first sentence of its docstring, which says what it is for."""
    place = ROOT / "src" / Path(*f"{container}.{name}".strip(".").split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    first = file.read_text(encoding="utf-8").split('"""')[1].split("\n\n")[0] if file.exists() else ""
    return f"`{name}`: {' '.join(first.split())}"


def main() -> None:
    """Write the drawings that are kept in the repository."""
    for name, svg in kept().items():
        (STATIC / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
