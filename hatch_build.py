"""The build hook: the map page's scripts are fetched before a wheel or an editable installation is made."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ScriptsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches what `scripts.lock.json` names. An editable installation goes on without; a wheel must have them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        fetch = runpy.run_path(str(Path(self.root) / "tools" / "fetch_scripts.py"))["fetch"]
        try:
            fetch(Path(self.root) / "src" / "peelian" / "web")
        except SystemExit as error:
            if version != "editable":
                raise
            self.app.display_warning(str(error))
