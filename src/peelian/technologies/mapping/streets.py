"""Street segments as a case: counts and density by segment, hot streets, and clustering along the streets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.technologies.mapping import example, ground, incidents
from peelian.technologies.mapping.days import day_of
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.streets import PAIRS, SEGMENTS, SHARES, StreetParams
from peelian.technologies.mapping.diagnostics.streets import (
    MOST_PAIRED,
    Clustering,
    HotStreets,
    at_crossings,
    at_one_point,
    clustering,
    density,
    fewest_segments,
    hot_streets,
    incidents_by_segment,
)
from peelian.technologies.mapping.explanation import places_of
from peelian.technologies.mapping.ground import MONTH_DAYS, NOT_IN_TABLES, Town, town_of
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.map_views import RECORDED_MAP
from peelian.technologies.mapping.street_cells import refuse_far, refuse_segments
from peelian.technologies.mapping.street_network import (
    LEAST_METRES,
    REACH_METRES,
    Network,
    Spots,
    counted_network,
    node_distances,
    snapped,
)
from peelian.technologies.mapping.streets_view import SURE, streets_view
from peelian.technologies.mapping.town_map import recorded_map

MAP_METRES = 250  # cells of the town that streets are cut to
PLACE_METRES = 100  # a segment is named by the square of its middle
RADII = 10
FEWEST = 20
FEWEST_SEGMENTS = 25  # as many cells as a town's ground has at least
LEAST_LISTED, MOST_LISTED = 5, 500
CROSSING_METRES, MANY, CONNECTED = 10.0, 0.25, 0.95

HOLD = (
    "%(segments)d of %(all)d street segments (%(length).1f%% of the length) hold %(share)d%% of the incidents. By "
    "chance it would be %(chance).1f%% of the length."
)
CLUSTERED = (
    "Incidents cluster along the streets (p = %(p).3f): %(ratio).1f times as many pairs as by chance are at most "
    "%(metres)d m apart."
)
NOT_CLUSTERED = "No clustering along the streets was found (p = %(p).3f)."
LOOKED_AT = "%(n)d incidents up to %(last)s on %(km).0f km of streets, in %(all)d segments of at least %(metres)d m."
FAR = "%(n)d incidents left out: more than %(metres)d m from every street."
BY_LOT = "Pairs were measured among %(n)d incidents drawn by lot."
FEW = "Segments with fewer than %(n)d incidents are not listed."
CUT = "Only the %(n)d fullest segments are listed."
PARTS = (
    "The streets are not all connected: the largest connected part has %(share).0f%% of the length. Incidents in "
    "different parts count as far apart. Check whether the file lacks streets."
)
AT_CROSSINGS = (
    "%(share).0f%% of the incidents lie within %(metres)d m of a crossing, and each counts for one of its streets. If "
    "the record moved them to crossings, do not rely on single segments."
)
AT_ONE_POINT = (
    "%(share).0f%% of the incidents lie at the same point as another. If the record moves incidents to fixed points, "
    "clustering at short distances follows from that alone."
)
KERNEL = "Density is a quartic kernel of %(metres)d m along the streets. It is not divided at crossings."
EVEN = "Chance means points spread evenly along the streets. Busy streets differ from that without any crime problem."
NO_GROUND = (
    "Being in a busy street is no ground to stop, search or suspect anyone. Consider lighting, repairs, locks and "
    "services as well as presence."
)
RECORDED_ONLY = "Only recorded incidents count. Where people report less, streets look quieter."
MESSAGES = frozenset(
    {
        HOLD, CLUSTERED, NOT_CLUSTERED, LOOKED_AT, FAR, BY_LOT, FEW, CUT, PARTS, AT_CROSSINGS, AT_ONE_POINT, KERNEL,
        EVEN, NO_GROUND, RECORDED_ONLY, *ground.SENTENCES, *incidents.SENTENCES,
    }
)  # fmt: skip

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Along:
    """The town's streets with its incidents on them, where those were recorded, and how many were too far off.

    `places` is float64[incidents, 2], metres.
    """

    network: Network
    spots: Spots
    places: NDArray[np.float64]
    far: int


def run(params: StreetParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Count, smooth and compare with chance. O(segments × nearby segments + draws × (incidents + pairs))."""
    asked: dict[str, Scalar] = {
        "category": params.category,
        "cell_metres": MAP_METRES,
        "window_days": MONTH_DAYS,
        "offsets": 1,
        "train_from": params.train_from,
    }
    town = town_of(datasets, context.authorizations, asked, proof=True, few=_refuse_few)
    found = _along(town, datasets)
    reach = node_distances(found.network, float(max(params.bandwidth_metres, params.reach_metres)))
    counts, generator = incidents_by_segment(found.network, found.spots), np.random.default_rng(context.seed)
    dense = density(found.network, reach, found.spots, float(params.bandwidth_metres))
    pairs = clustering(
        found.network,
        reach,
        found.spots,
        np.linspace(0, params.reach_metres, RADII + 1)[1:],
        draws=params.draws,
        generator=generator,
        progress=lambda share: context.progress("Comparing streets with chance", share),
    )
    hot = hot_streets(found.network, counts, params.draws, generator)
    listed = _listed(found.network, counts)
    hours = (town.incidents.from_hour, town.incidents.until_hour)
    return Findings(
        tables=(
            _segments(town, found.network, counts, dense, listed[:MOST_LISTED]),
            _shares(hot),
            _pairs(pairs),
            recorded_map(town.incidents, town.grid, town.areas, hours),
        ),
        notes=(
            *_notes(town, found, pairs, hot),
            *town.notes,
            *_left_out(found, pairs, len(listed)),
            *_caveats(params, found),
        ),
        facts={
            "category": params.category,
            "until_day": day_of(town.incidents.until_hour - 1),
            "n": len(found.spots),
            "segments": len(found.network),
            "data_digest": datasets["incidents"].digest,
            "streets_digest": datasets["streets"].digest,
        },
    )


def _refuse_few(n: int) -> None:
    if n < FEWEST:
        says = sentence("Not enough data: %(n)d incidents", n=n)
        raise NotEnoughData(says, accepted=sentence("at least %(n)d incidents", n=FEWEST))


def _along(town: Town, datasets: Mapping[str, Dataset]) -> Along:
    """The streets on the town's ground with the incidents there, each once; InputError where they do not fit."""
    facts = datasets["incidents"].facts
    here = Projection(centre_lon=float(facts["centre_lon"]), centre_lat=float(facts["centre_lat"]))
    lines = shapely.from_wkt(np.asarray(datasets["streets"].table["line"], dtype=object))
    lines = shapely.transform(lines, lambda at: np.stack(here.to_metres(at[:, 0], at[:, 1]), axis=1))
    lines = lines[np.isfinite(shapely.length(lines))]
    network = counted_network(lines)
    network = network.take(town.grid.locate(*network.middle().T) >= 0)
    once = _once(town)
    refuse_segments(len(network), FEWEST_SEGMENTS)
    spots, which = snapped(network, once.east, once.north)
    far = len(once.east) - len(which)
    refuse_far(far, len(once.east), REACH_METRES)
    _refuse_few(len(spots))
    places = np.stack([once.east, once.north], axis=1)[which]
    return Along(network=network, spots=spots, places=places, far=far)


def _once(town: Town) -> Incidents:
    """The incidents on the town's ground; one of unknown day, which stands in several rows, counts once."""
    _, first = np.unique(town.incidents.row, return_index=True)
    once = town.incidents.take(np.sort(first))
    return once.take(town.grid.locate(once.east, once.north) >= 0)


def _listed(network: Network, counts: Ints) -> NDArray[np.intp]:
    """The segments that hold half of the incidents, with five incidents or more, the fullest first."""
    half = fewest_segments(counts, network.metres, 0.5)
    return half[counts[half] >= LEAST_LISTED]


def _segments(
    town: Town, network: Network, counts: Ints, dense: NDArray[np.float64], listed: NDArray[np.intp]
) -> Table:
    """The listed segments, each by the square of 100 m that its middle lies in."""
    east, north = network.middle()[listed].T
    names = places_of(town.grid, town.areas).areas[town.grid.locate(east, north)]
    squares = np.floor(np.stack([north, east], axis=1) / PLACE_METRES).astype(int).tolist()
    return SEGMENTS.of(
        {
            "rank": np.arange(1, len(listed) + 1),
            "place": np.array([f"{PLACE_METRES}:{row}:{col}" for row, col in squares], dtype=object),
            "area": names,
            "count": counts[listed],
            "metres": network.metres[listed],
            "density": dense[listed],
        }
    )


def _shares(hot: Sequence[HotStreets]) -> Table:
    return SHARES.of_rows(map(asdict, hot))


def _pairs(found: Clustering) -> Table:
    columns = (found.radii, found.k, found.chance, found.low, found.high)
    return PAIRS.of(dict(zip(PAIRS.columns, columns, strict=True)))


def _notes(town: Town, found: Along, pairs: Clustering, hot: Sequence[HotStreets]) -> list[Note]:
    every: dict[str, Scalar] = {"all": len(found.network)}
    notes = [
        Note(
            text=HOLD,
            values={
                "segments": one.segments,
                "length": 100 * one.length,
                "share": round(100 * one.share),
                "chance": 100 * one.chance,
                **every,
            },
        )
        for one in reversed(hot)
    ]
    if pairs.p <= SURE:
        ratio = float(pairs.k[pairs.at] / max(pairs.chance[pairs.at], 1e-9))
        near: dict[str, Scalar] = {"ratio": ratio, "metres": round(float(pairs.radii[pairs.at]))}
        notes.append(Note(text=CLUSTERED, values={"p": pairs.p, **near}))
    else:
        notes.append(Note(text=NOT_CLUSTERED, values={"p": pairs.p}))
    looked: dict[str, Scalar] = {
        "n": len(found.spots),
        "last": day_of(town.incidents.until_hour - 1),
        "km": float(found.network.metres.sum()) / 1_000,
        "metres": round(LEAST_METRES),
    }
    return [*notes, Note(text=LOOKED_AT, values={**looked, **every})]


def _left_out(found: Along, pairs: Clustering, listed: int) -> list[Note]:
    """What was left out or drawn by lot."""
    told = [(FAR, {"n": found.far, "metres": round(REACH_METRES)}, found.far > 0)]
    told += [(BY_LOT, {"n": pairs.n}, len(found.spots) > MOST_PAIRED)]
    told += [(FEW, {"n": LEAST_LISTED}, True), (CUT, {"n": MOST_LISTED}, listed > MOST_LISTED)]
    return [Note(text=text, values=values, kind="caveat") for text, values, said in told if said]


def _caveats(params: StreetParams, found: Along) -> list[Note]:
    notes = []
    if (share := found.network.largest_part()) < CONNECTED:
        notes.append(Note(text=PARTS, values={"share": 100 * share}, kind="caveat"))
    if (share := at_crossings(found.network, found.places, CROSSING_METRES)) >= MANY:
        at: dict[str, Scalar] = {"share": 100 * share, "metres": round(CROSSING_METRES)}
        notes.append(Note(text=AT_CROSSINGS, values=at, kind="caveat"))
    if (share := at_one_point(found.places)) >= MANY:
        notes.append(Note(text=AT_ONE_POINT, values={"share": 100 * share}, kind="caveat"))
    notes.append(Note(text=KERNEL, values={"metres": params.bandwidth_metres}, kind="caveat"))
    return notes + [Note(text=text, kind="caveat") for text in (EVEN, NO_GROUND, RECORDED_ONLY)]


def what_may_be_public(findings: Findings) -> Findings:
    """Sentences and figures, without the places."""
    return Findings(tables=(), notes=findings.notes, facts=findings.facts)


def _example() -> Example:
    params = StreetParams(category=example.CATEGORY, bandwidth_metres=200, reach_metres=300)
    datasets = {"incidents": example.incidents(), "streets": example.streets(), "areas": example.areas()}
    return Example(params=params, datasets=datasets)


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=frozenset({ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(view=streets_view, map=RECORDED_MAP),
    counts={**NOT_IN_TABLES, FAR: ("n",)},
)
