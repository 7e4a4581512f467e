"""Made recordings of several people with exact boxes: near and distant ones mixed, and seven who cross each other.

Every face is one of the two public-domain portraits of `clips`, scaled so that it has the height asked for. Backgrounds
are made, or a wall of photographs without people that scikit-image ships (its cat is the hardest of them).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle

import clips
import numpy as np
import skimage.data
from clips import Clip, Face, Picture
from PIL import Image

Shown = tuple[Picture, tuple[Face, ...]]
FAR = 10  # people from this number on are distant ones
_ROW = 400


@cache
def wall(width: int, height: int) -> Picture:
    """Photographs without people side by side: rocket, coffee, grass, cat, brick, gravel."""
    names = ("rocket", "coffee", "grass", "chelsea", "brick", "gravel")
    tiles = cycle([Image.fromarray(getattr(skimage.data, name)()).convert("RGB") for name in names])
    canvas = Image.new("RGB", (width, height))
    for top in range(0, height, _ROW):
        left = 0
        while left < width:
            tile = next(tiles)
            tile = tile.resize((round(tile.width * _ROW / tile.height), _ROW))
            canvas.paste(tile, (left, top))
            left += tile.width
    return np.array(canvas)


@cache
def head(who: int, height: int) -> tuple[Picture, tuple[float, float, float, float]]:
    """A portrait whose face is `height` pixels high, and the box of the face in it."""
    portrait = clips.portraits()[who % 2]
    tall, wide = portrait.pixels.shape[:2]
    share = height / (portrait.face[3] - portrait.face[1])
    small = Image.fromarray(portrait.pixels).resize(
        (round(wide * share), round(tall * share)), Image.Resampling.LANCZOS
    )
    x, y = small.width / wide, small.height / tall
    a, b, c, d = portrait.face
    return np.array(small), (a * x, b * y, c * x, d * y)


def put(canvas: Picture, who: int, height: int, x: float, y: float) -> tuple[float, float, float, float]:
    """Put a head onto the canvas at a place, moved inside; returns the exact box of its face."""
    pixels, (a, b, c, d) = head(who, height)
    tall, wide = pixels.shape[:2]
    left = int(np.clip(x, 0, canvas.shape[1] - wide))
    top = int(np.clip(y, 0, canvas.shape[0] - tall))
    canvas[top : top + tall, left : left + wide] = pixels
    return left + a, top + b, left + c, top + d


def mixed_scene(
    seed: int,
    *,
    face: int = 14,
    pictures: int = 150,
    far: int = 4,
    near: Sequence[float] = (0.9, 0.55, 0.4),
    photographs: bool = False,
    shake: float = 1.0,
    size: tuple[int, int] = (1280, 720),
) -> Iterator[Shown]:
    """Near people who drift, and distant ones with faces `face` pixels high who walk in a scene that is panned."""
    width, height = size
    rng = np.random.default_rng(seed)
    aside, above = round(100 * max(1.0, shake)), round(30 * max(1.0, shake))
    sides = (width + 2 * aside, height + 2 * above)
    back = wall(*sides) if photographs else clips.background(rng, *sides)
    close = [(rng.uniform(0, 0.1) + 0.33 * k, rng.uniform(0.35, 0.55), rng.uniform(0, 6.3)) for k in range(len(near))]
    away = [tuple(rng.uniform(low, high) for low, high in ((0.05, 0.9), (0.08, 0.35), (-80, 80))) for _ in range(far)]
    for i in range(pictures):
        t = i / 25
        pan, tilt = int(aside + shake * 90 * np.sin(1.1 * t)), int(above + shake * 25 * np.sin(3.1 * t))
        canvas = np.ascontiguousarray(back[tilt : tilt + height, pan : pan + width])
        faces = []
        for k, (x, y, pace) in enumerate(away):
            at = (x * sides[0] + pace * t - pan) % (width - 4 * face), y * height + above - tilt
            faces.append(Face(picture=i, who=FAR + k, box=put(canvas, k, face, *at)))
        for k, (scale, (x, y, phase)) in enumerate(zip(near, close, strict=True)):
            large = scale * height / 720 * (1 + 0.15 * np.sin(t + phase))
            place = ((x + 0.06 * np.sin(1.7 * t + phase)) * width, (y + 0.06 * np.sin(2.3 * t + phase)) * height)
            faces.append(Face(picture=i, who=k, box=clips.paste(canvas, clips.portraits()[k % 2], large, *place)))
        yield canvas, tuple(faces)


def crossing_scene(seed: int, *, people: int = 7, pictures: int = 250, photographs: bool = True) -> Iterator[Shown]:
    """People who walk to and fro at 1280 x 720, cross, hide one another and turn away for a second now and then.

    Only faces that are shown are told: turned to the camera, and two thirds of them not hidden.
    """
    width, height = 1280, 720
    rng = np.random.default_rng(seed)
    back = wall(width, height) if photographs else clips.background(rng, width, height)
    sizes = sorted(int(n) for n in rng.integers(36, 110, people))
    starts, paces = rng.uniform(0, width, people), rng.choice([-1, 1], people) * rng.uniform(50, 170, people)
    levels, turns = rng.uniform(0.05, 0.5, people), rng.uniform(0, 6, people)
    for i in range(pictures):
        t = i / 25
        canvas, faces = back.copy(), []
        for who in range(people):
            room = width - head(who, sizes[who])[0].shape[1]
            x = abs((starts[who] + paces[who] * t) % (2 * room) - room)
            box = put(canvas, who, sizes[who], x, levels[who] * height + 6 * np.sin(9 * t + who))
            faces = [f for f in faces if _shown(f.box, head_box(box, who, sizes[who])) > 2 / 3]
            if (t + turns[who]) % 3.5 < 1.0:
                left, top, right, bottom = (round(n) for n in box)
                canvas[top - (bottom - top) // 4 : bottom, left - 4 : right + 4] = (60, 44, 34)
            else:
                faces.append(Face(picture=i, who=who, box=box))
        yield canvas, tuple(faces)


def head_box(face: tuple[float, float, float, float], who: int, height: int) -> tuple[float, float, float, float]:
    """The whole head's box from its face's."""
    pixels, (a, b, _, _) = head(who, height)
    left, top = face[0] - a, face[1] - b
    return left, top, left + pixels.shape[1], top + pixels.shape[0]


def _shown(box: tuple[float, float, float, float], over: tuple[float, float, float, float]) -> float:
    """The share of a box that another does not hide."""
    wide = max(0.0, min(box[2], over[2]) - max(box[0], over[0]))
    tall = max(0.0, min(box[3], over[3]) - max(box[1], over[1]))
    return 1 - wide * tall / ((box[2] - box[0]) * (box[3] - box[1]))


def recorded(scene: Iterator[Shown], *, crf: int = 18, audio: bool = False) -> Clip:
    """A scene as a recording."""
    frames, faces = [], []
    for canvas, shown in scene:
        frames.append(canvas)
        faces += shown
    data = clips.written(frames, crf=crf, sound=clips.voice(len(frames) / 25) if audio else None)
    height, width = frames[0].shape[:2]
    return Clip(data=data, faces=tuple(faces), width=width, height=height, pictures=len(frames), rate=25)
