"""Takes the picture of the README from the real demonstration, through a browser.

`python docs/_ext/picture.py ADDRESS` writes `docs/_static/forecast.png`: the first screen of that page, of a served
office (`peelian serve`) or a file (`demo-office/pages/c-…-en.html`).
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).resolve().parents[1] / "_static" / "forecast.png"
CHROMIUM = "/usr/bin/chromium"
DRAWS = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")  # maps need WebGL
WIDTH, HEIGHT = 1180, 760


def taken(address: str, chromium: str = CHROMIUM) -> bytes:
    """What a browser shows of the page at first, once it says that it is ready; LookupError where it is no page."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", *DRAWS])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
        answer = page.goto(address)
        if answer is not None and answer.status >= 400:
            raise LookupError(f"{address} answers {answer.status}")
        if page.locator("#map-app").count():  # a map is drawn by a script, which marks when it is done
            page.locator("[data-ready]").wait_for()
        return page.screenshot()


def main() -> None:
    """Write the picture of the page at the given address."""
    image = Image.open(BytesIO(taken(sys.argv[1])))
    image.convert("P", palette=Image.Palette.ADAPTIVE, colors=192).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
