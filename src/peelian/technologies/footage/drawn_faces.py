"""Made faces: drawn heads of both sexes, three ages and five skin tones, for the trial of a face detector.

No photograph goes into them and they are nobody's. Sex, age and tone are what was drawn, so they are known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.drawing import Canvas, Plane, Values, blank, block, bump, ellipse, inside, paint

SIDE = 128
SEXES, AGES = ("woman", "man"), ("child", "adult", "older")
TONES = ("tone_1", "tone_2", "tone_3", "tone_4", "tone_5")
_SKIN = ((236, 200, 176), (214, 165, 132), (176, 122, 88), (128, 84, 60), (92, 62, 46))
_HAIR = ((30, 22, 18), (70, 45, 28), (120, 80, 45), (190, 150, 90), (60, 30, 20))
_DARK_HAIR, _GREY_HAIR, _RIM = (25, 20, 18), (200, 200, 200), (25, 25, 28)
_IRISES = ((60, 40, 25), (90, 120, 150), (70, 100, 70), (40, 25, 15))
_CENTRE = 0.05  # of the head, on the canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Something drawn: pixels (0 to 255), cover (0 to 1), and its exact box as shares of width and height."""

    pixels: Values
    cover: Plane
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Everything that makes one made face different from another. Lengths are in half canvases."""

    sex: str
    age: str
    skin: NDArray[np.float64]
    hair: NDArray[np.float64]
    iris: tuple[int, int, int]
    half_width: float
    half_height: float
    jaw: float  # the chin's width as a share of the temples'
    eyes_apart: float
    eye: float
    eyes_at: float
    nose_at: float
    mouth_at: float
    mouth: float
    smile: float
    hairline: float
    long_hair: bool
    beard: float
    glasses: bool
    bald: bool


def a_head(rng: np.random.Generator, sex: str, age: str, tone: str) -> Head:
    """A head of its own, drawn by chance within what sex, age and tone leave open."""
    child, older, woman = age == "child", age == "older", sex == "woman"
    tall = rng.uniform(0.62, 0.70) * (0.9 if child else 1)
    number = TONES.index(tone)
    jaw = (0.68, 0.82) if woman else (0.80, 0.95)
    hair = _GREY_HAIR if older else _DARK_HAIR if number >= 3 else _HAIR[rng.integers(len(_HAIR))]
    return Head(
        sex=sex,
        age=age,
        skin=np.array(_SKIN[number], float) * rng.uniform(0.93, 1.05),
        hair=np.array(hair, float) * (rng.uniform(0.75, 1.05) if older else 1),
        iris=_IRISES[rng.integers(len(_IRISES))] if number < 2 else _IRISES[-1],
        half_width=rng.uniform(0.46, 0.54) * (1.04 if child else 0.97 if woman else 1.03),
        half_height=tall,
        jaw=rng.uniform(*((0.78, 0.90) if child else jaw)),
        eyes_apart=rng.uniform(0.40, 0.46),
        eye=rng.uniform(0.105, 0.125) * (1.12 if child else 1),
        eyes_at=_CENTRE - 0.12 * tall + (0.08 if child else 0),
        nose_at=_CENTRE + tall * rng.uniform(0.24, 0.30),
        mouth_at=_CENTRE + tall * rng.uniform(0.52, 0.58),
        mouth=rng.uniform(0.17, 0.22),
        smile=rng.uniform(-0.2, 0.5),
        hairline=_CENTRE - tall * rng.uniform(0.50, 0.68),
        long_hair=bool(woman and rng.random() < 0.75),
        beard=float(rng.uniform(0.3, 0.75)) if not woman and not child and rng.random() < 0.4 else 0.0,
        glasses=bool(not child and rng.random() < 0.15),
        bald=bool(older and not woman and rng.random() < 0.5),
    )


def drawn_face(head: Head, rng: np.random.Generator) -> Drawn:
    """The head in one light and one garment, on an empty canvas. O(SIDE squared)."""
    canvas = blank(SIDE, SIDE)
    _neck_and_clothes(canvas, head, rng)
    skull = _skull(canvas, head)
    paint(canvas, inside(skull, canvas.edge), head.skin * _shading(canvas, head, rng.uniform(-0.6, 0.6))[..., None])
    if head.beard:
        low = np.clip((canvas.y - (head.mouth_at - 0.12)) / 0.12, 0, 1)
        grown = inside(skull, canvas.edge) * low * (1 - bump(canvas, 0, head.mouth_at, 0.14, 0.05))
        paint(canvas, grown * head.beard, head.hair * 0.8)
    for side in (-1, 1):
        _eye(canvas, head, side * head.eyes_apart * head.half_width)
    _nose_and_mouth(canvas, head)
    _hair(canvas, head)
    wide, tall = head.half_width, head.half_height
    corners = (-wide, _CENTRE - 0.72 * tall, wide, _CENTRE + tall)
    left, top, right, bottom = ((at + 1) / 2 for at in corners)
    return Drawn(pixels=canvas.pixels.clip(0, 255), cover=canvas.cover, box=(left, top, right, bottom))


def _neck_and_clothes(canvas: Canvas, head: Head, rng: np.random.Generator) -> None:
    wide, tall, edge = head.half_width, head.half_height, canvas.edge
    if head.long_hair:
        behind = inside(ellipse(canvas, 0, _CENTRE + 0.08, wide * 1.32, tall * 1.3), edge)
        paint(canvas, behind * (canvas.y < _CENTRE + tall * rng.uniform(0.7, 1.2)), head.hair * 0.7)
    neck = np.maximum(np.abs(canvas.x) - wide * rng.uniform(0.50, 0.62), _CENTRE + tall * 0.5 - canvas.y)
    paint(canvas, inside(neck, edge), head.skin * 0.72)
    paint(canvas, inside(ellipse(canvas, 0, 1.25, 0.95, 0.45), edge), rng.integers(30, 220, 3).astype(float))
    for side in (-1, 1):
        paint(canvas, inside(ellipse(canvas, side * wide * 0.99, _CENTRE + 0.02, 0.08, 0.15), edge), head.skin * 0.85)


def _skull(canvas: Canvas, head: Head) -> Plane:
    """Signed distance from an egg whose lower half narrows to the jaw."""
    down = np.clip((canvas.y - _CENTRE) / head.half_height, 0, 1)
    across = canvas.x / (head.half_width * (1 - (1 - head.jaw) * down**1.5))
    radius = np.sqrt(across**2 + ((canvas.y - _CENTRE) / head.half_height) ** 2)
    return np.asarray((radius - 1) * head.half_width)


def _shading(canvas: Canvas, head: Head, light: float) -> Plane:
    """How bright the skin is: a rounded head lit from one side, with sockets, nose, cheeks, chin and lines of age."""
    x, y = canvas.x, canvas.y
    across, along = np.clip(x / head.half_width, -1, 1), np.clip((y - _CENTRE) / head.half_height, -1, 1)
    towards = np.sqrt(np.clip(1 - 0.9 * across**2 - 0.7 * along**2, 0.05, 1))
    shade = 0.55 + 0.5 * np.clip(0.7 * light * across - 0.25 * along + 0.85 * towards, 0, 1.2)
    nose, middle = head.nose_at, (head.eyes_at + head.nose_at) / 2
    shade += 0.16 * bump(canvas, 0, middle, 0.05, 0.2)
    shade -= 0.12 * bump(canvas, 0.07 if light < 0 else -0.07, middle + 0.05, 0.05, 0.16)
    shade += 0.14 * bump(canvas, 0, nose - 0.01, 0.06, 0.05) - 0.28 * bump(canvas, 0, nose + 0.06, 0.12, 0.035)
    shade += 0.08 * bump(canvas, 0, head.mouth_at + 0.2, 0.12, 0.07)
    shade -= 0.14 * bump(canvas, 0, head.mouth_at + 0.12, 0.13, 0.04)
    for side in (-1, 1):
        eye = side * head.eyes_apart * head.half_width
        shade -= 0.22 * bump(canvas, eye, head.eyes_at - 0.03, 0.14, 0.10)
        shade += 0.10 * bump(canvas, side * head.half_width * 0.6, nose - 0.02, 0.15, 0.13)
        if head.age == "older":
            fold = np.exp(-(((x - side * (0.21 + 0.35 * (y - nose))) / 0.02) ** 2))
            shade -= 0.16 * fold * ((y > nose - 0.03) & (y < head.mouth_at + 0.05))
            shade -= 0.12 * bump(canvas, eye, head.eyes_at + 0.12, 0.11, 0.02)
    if head.age == "older":
        for line in range(3):
            at = _CENTRE - 0.55 * head.half_height + 0.07 * line
            shade -= 0.08 * np.exp(-(((y - at) / 0.012) ** 2)) * (np.abs(x) < 0.6 * head.half_width)
    return np.asarray(np.clip(shade, 0.1, 1.35))


def _eye(canvas: Canvas, head: Head, x: float) -> None:
    """One eye with its brow and lid; a rim where glasses are worn."""
    y, wide, edge = head.eyes_at, head.eye, canvas.edge
    tall = wide * (0.58 if head.age == "child" else 0.48)
    woman = head.sex == "woman"
    arch = y - 0.15 - (0.02 if woman else 0) + 0.06 * ((canvas.x - x) / 0.15) ** 2
    brow = np.maximum(np.abs(canvas.y - arch) - (0.016 if woman else 0.025), np.abs(canvas.x - x) - 0.14)
    paint(canvas, 0.85 * inside(brow, 2 * edge), head.hair * 0.6)
    white = ellipse(canvas, x, y, wide, tall)
    paint(canvas, 0.8 * inside(white - 0.018, 1.5 * edge), head.skin * 0.35)
    paint(canvas, inside(white, edge), (225, 220, 215))
    for share, colour in ((0.48, head.iris), (0.22, (10, 8, 8))):
        paint(canvas, inside(np.maximum(ellipse(canvas, x, y, wide * share, wide * share), white), edge), colour)
    paint(canvas, inside(ellipse(canvas, x - 0.02, y - 0.02, 0.014, 0.014), edge), (250, 250, 250))
    lid = y - tall * np.sqrt(np.clip(1 - ((canvas.x - x) / wide) ** 2, 0, 1))
    paint(
        canvas,
        0.9 * inside(np.maximum(np.abs(canvas.y - lid) - 0.014, np.abs(canvas.x - x) - wide), edge),
        head.skin * 0.2,
    )
    if head.glasses:
        paint(canvas, inside(np.abs(ellipse(canvas, x, y, wide * 1.5, wide * 1.25)) - 0.014, edge), _RIM)


def _nose_and_mouth(canvas: Canvas, head: Head) -> None:
    edge, y, wide = canvas.edge, head.mouth_at, head.mouth
    for side in (-1, 1):
        nostril = ellipse(canvas, side * 0.055, head.nose_at + 0.035, 0.028, 0.014)
        paint(canvas, 0.8 * inside(nostril, 1.5 * edge), head.skin * 0.25)
    if head.glasses:
        bridge = head.eyes_apart * head.half_width - 1.5 * head.eye
        paint(canvas, inside(block(canvas, -bridge, head.eyes_at - 0.01, bridge, head.eyes_at + 0.01), edge), _RIM)
    curve = canvas.y - y + 0.12 * head.smile * (canvas.x / wide) ** 2
    red = np.array((0.85, 0.45, 0.45) if head.sex == "woman" else (0.82, 0.55, 0.52))
    lips = (np.sqrt((canvas.x / wide) ** 2 + (curve / 0.05) ** 2) - 1) * 0.05
    paint(canvas, inside(lips, edge), head.skin * red)
    between = np.maximum(np.abs(curve) - 0.010, np.abs(canvas.x) - wide * 0.95)
    paint(canvas, 0.9 * inside(between, edge), head.skin * 0.2)


def _hair(canvas: Canvas, head: Head) -> None:
    if head.bald:
        return
    wide, tall = head.half_width, head.half_height
    radius = np.sqrt((canvas.x / (wide * 1.08)) ** 2 + ((canvas.y - _CENTRE + 0.04) / (tall * 1.08)) ** 2)
    line = head.hairline + 0.35 * np.clip(np.abs(canvas.x) / wide, 0, 1) ** 3
    crown = np.maximum((radius - 1) * wide, canvas.y - line)
    gloss = 0.8 + 0.3 * np.sqrt(np.clip(1 - (canvas.x / wide) ** 2, 0, 1))
    paint(canvas, inside(crown, 2 * canvas.edge), head.hair * gloss[..., None])
