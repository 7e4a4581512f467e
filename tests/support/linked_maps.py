"""GeoJSON files of one street whose coordinate system is what a test says."""

from __future__ import annotations

import json
from typing import Any

STREET: dict[str, Any] = {
    "type": "Feature",
    "properties": {"name": "Main Street"},
    "geometry": {"type": "LineString", "coordinates": [[-79.4, 43.7], [-79.39, 43.71]]},
}


def geojson(crs: Any, name: str = '"crs"', *, one: bool = False) -> str:
    whole = {**STREET, "crs": crs} if one else {"type": "FeatureCollection", "crs": crs, "features": [STREET]}
    return json.dumps(whole).replace('"crs"', name, 1)


def link(url: str, kind: str = "link", key: str = "href") -> dict[str, Any]:
    return {"type": kind, "properties": {key: url, "type": "proj4"}}
