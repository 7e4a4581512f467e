"""Takes the picture of the README: the map on the forecast's page of `make demo SERVE=no`.

`python docs/_ext/picture.py demo-office` writes `docs/_static/forecast.png` from the demonstration's pages.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).resolve().parents[1] / "_static" / "forecast.png"
_WIDTH = 620


def taken(page_file: Path, chromium: str) -> bytes:
    """A screenshot of the first map of the page with its heading, legend and caution."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1000, "height": 800}, device_scale_factor=1.25)
        page.goto(page_file.resolve().as_uri())
        heading = page.locator("h3").first
        top = heading.bounding_box()
        end = page.locator("details").first.bounding_box()
        if top is None or end is None:
            raise LookupError(f"{page_file.name} shows no map")
        clip = {"x": 0, "y": top["y"] - 12, "width": _WIDTH, "height": end["y"] - top["y"] + 4}
        return page.screenshot(full_page=True, clip=clip)


def main() -> None:
    """Write the picture of the forecast in the given office."""
    pages = Path(sys.argv[1]) / "pages"
    page_file = next(
        p for p in pages.glob("c-*-en.html") if "<h1>Forecast by place" in p.read_text() and "<h3" in p.read_text()
    )
    image = Image.open(BytesIO(taken(page_file, "/usr/bin/chromium")))
    image.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
