"""The documentation site: `make docs` builds it, without network and without warnings."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Peelian"
author = "The Peelian authors"
copyright = "The Peelian authors, Apache-2.0"
release = installed("peelian")
language = "en"
smartquotes = False  # options keep their two hyphens

extensions = ["myst_parser", "site_pages"]
exclude_patterns = ["_build", "_ext", "_static"]
myst_enable_extensions = ["attrs_block"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a technology's README starts at its own level

html_theme = "furo"
html_title = "Peelian"
html_static_path = ["_static"]
html_copy_source = False
html_theme_options = {
    "footer_icons": [],
    "light_css_variables": {"color-brand-primary": "#1f4e79", "color-brand-content": "#1f4e79"},
}
