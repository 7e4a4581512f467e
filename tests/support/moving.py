"""Made clips of a plate, a screen or a document that moves, with the exact box of what is to be seen of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Place = Callable[[float], tuple[float, float, float, float, float]]
"""From time (0 to 1) to middle x, middle y, width (pixels), turn (radians) and how far it is turned away (0 to 1)."""

WIDTH, HEIGHT = 640, 360


@dataclass(frozen=True)
class Moving:
    """Pictures, and for each the box of the visible part and the share of the thing that is visible."""

    name: str
    pictures: list[Picture]
    boxes: NDArray[np.float64]
    shares: NDArray[np.float64]

    def drawn(self, at: int, rng: np.random.Generator) -> tuple[int, int, int, int]:
        """The box as a person draws it: each side up to 4% off."""
        left, top, right, bottom = self.boxes[at]
        off = rng.uniform(-0.04, 0.04, 4) * np.array([right - left, bottom - top] * 2)
        sides = (self.boxes[at] + off).round().astype(int).clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
        return int(sides[0]), int(sides[1]), int(sides[2]), int(sides[3])


def plate(rng: np.random.Generator) -> Picture:
    """A white plate with dark signs."""
    made = np.full((60, 200, 3), 225, np.uint8)
    cv2.rectangle(made, (3, 3), (196, 56), (30, 40, 120), 3)
    text = "".join(rng.choice(list("ABCDEFHKLMNP"), 4)) + " " + "".join(rng.choice(list("0123456789"), 3))
    cv2.putText(made, text, (12, 43), cv2.FONT_HERSHEY_SIMPLEX, 1.15, (20, 20, 30), 3, cv2.LINE_AA)
    return made


def screen(rng: np.random.Generator) -> Picture:
    """A lit screen with windows and icons."""
    made = np.full((120, 180, 3), (25, 50, 95), np.uint8)
    for _ in range(7):
        x, y = int(rng.integers(4, 120)), int(rng.integers(4, 80))
        colour = tuple(int(n) for n in rng.integers(60, 255, 3))
        cv2.rectangle(made, (x, y), (x + int(rng.integers(15, 55)), y + int(rng.integers(10, 35))), colour, -1)
    cv2.rectangle(made, (0, 0), (179, 119), (8, 8, 8), 6)
    return made


def document(rng: np.random.Generator) -> Picture:
    """A sheet of paper with a heading and lines of writing."""
    made = np.full((180, 130, 3), (238, 236, 228), np.uint8)
    cv2.rectangle(made, (12, 12), (int(rng.integers(60, 110)), 24), (40, 40, 60), -1)
    for y in range(38, 168, 11):
        x = 12
        while x < 110:
            long = int(rng.integers(6, 24))
            cv2.line(made, (x, y), (min(x + long, 118), y), (70, 70, 75), 3)
            x += long + 6
    return made


def street(rng: np.random.Generator) -> Picture:
    """A blurred cluttered background, larger than the picture."""
    small = _muted(rng.integers(40, 210, (18, 30, 3)))
    wide = cv2.resize(small, (WIDTH + 160, HEIGHT + 160), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    for _ in range(60):
        x, y = int(rng.integers(0, WIDTH + 100)), int(rng.integers(0, HEIGHT + 100))
        colour = tuple(int(n) for n in _muted(rng.integers(20, 240, 3)))
        cv2.rectangle(wide, (x, y), (x + int(rng.integers(8, 70)), y + int(rng.integers(8, 50))), colour, -1)
    return cv2.GaussianBlur(wide, (0, 0), 1.2).clip(0, 255).astype(np.uint8)


def _muted(colours: NDArray[np.int64]) -> Picture:
    """Colours as of walls and roads: four fifths grey."""
    return (0.2 * colours + 0.8 * colours.mean(axis=-1, keepdims=True)).astype(np.uint8)


def made(
    name: str,
    texture: Picture,
    place: Place,
    rng: np.random.Generator,
    *,
    pictures: int = 90,
    shake: float = 0.0,
    bus: bool = False,
) -> Moving:
    """The texture moved as `place` says before a street; `shake`: pixels the camera jumps; `bus`: one drives past."""
    wide, found, boxes, shares = street(rng), [], [], []
    grain = rng.normal(0, 4, (HEIGHT + 64, WIDTH + 64, 3)).astype(np.float32)
    for i in range(pictures):
        t = i / (pictures - 1)
        jump = rng.normal(0, shake, 2) if shake else np.zeros(2)
        x0, y0 = int(80 + 40 * np.sin(2 * t) + jump[0]), int(80 + 15 * np.sin(3 * t) + jump[1])
        canvas = np.ascontiguousarray(wide[y0 : y0 + HEIGHT, x0 : x0 + WIDTH])
        seen, whole = _laid(canvas, texture, place(t), jump)
        if bus:
            left = int(WIDTH - 1.6 * WIDTH * t)
            cv2.rectangle(canvas, (left, 0), (left + 260, HEIGHT), (60, 90, 150), -1)
            for x in range(left + 15, left + 250, 60):
                cv2.rectangle(canvas, (x, 60), (x + 42, 150), (25, 30, 35), -1)
            seen[:, max(0, left) : max(0, left + 260)] = 0
        if shake:
            canvas = cv2.GaussianBlur(canvas, (0, 0), 0.4 + 0.12 * float(np.abs(jump).max()))
        down, right = rng.integers(0, 64, 2)
        noisy = canvas + grain[down : down + HEIGHT, right : right + WIDTH]
        found.append(noisy.clip(0, 255).astype(np.uint8))
        rows, columns = (np.flatnonzero((seen > 0.5).any(axis=k)) for k in (1, 0))
        some = len(rows) > 0
        boxes.append([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1] if some else [0, 0, 0, 0])
        shares.append(float(seen.sum() / whole))
    return Moving(name=name, pictures=found, boxes=np.array(boxes, np.float64), shares=np.array(shares))


def _laid(
    canvas: Picture, texture: Picture, at: tuple[float, float, float, float, float], jump: NDArray[np.float64]
) -> tuple[NDArray[np.float32], float]:
    """Lay the texture in place; the mask of what of it is on the canvas, and how many pixels it has in all."""
    x, y, wide, turn, away = at
    tall, narrow = wide * texture.shape[0] / texture.shape[1], wide * (1 - 0.6 * away)
    near = tall * (1 - 0.18 * away)
    corners = np.array([[-narrow, -tall], [narrow, -near], [narrow, near], [-narrow, tall]]) / 2
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    quad = (corners @ spin.T + [x - jump[0], y - jump[1]]).astype(np.float32)
    h, w = texture.shape[:2]
    bend = cv2.getPerspectiveTransform(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), quad)
    laid = cv2.warpPerspective(texture, bend, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones((h, w), np.float32), bend, (WIDTH, HEIGHT))
    canvas[:] = (canvas * (1 - mask[..., None]) + laid * mask[..., None]).astype(np.uint8)
    area = 0.5 * abs(np.dot(quad[:, 0], np.roll(quad[:, 1], 1)) - np.dot(quad[:, 1], np.roll(quad[:, 0], 1)))
    return mask, float(area)


NAMES = ("moving plate", "nearing screen", "turning document", "hidden plate", "shaken screen", "leaving document")
"""The six: moving, coming nearer, turning, behind a bus, by hand, out of the picture."""


def clip(name: str, seed: int, *, pictures: int = 90) -> Moving:
    """One of the six, made from a seed."""
    rng = np.random.default_rng([seed, NAMES.index(name)])
    texture = {"plate": plate, "screen": screen, "document": document}[name.split()[1]](rng)
    place = _place(name.split()[0], *rng.uniform(-0.5, 0.5, 2))
    shake = 5.0 if name == "shaken screen" else 0.0
    return made(name, texture, place, rng, pictures=pictures, shake=shake, bus=name == "hidden plate")


def _place(how: str, a: float, b: float) -> Place:
    ways: dict[str, Place] = {
        "moving": lambda t: (120 + 400 * t, 180 + 70 * np.sin(5 * t + a), 88, 0.08 * np.sin(4 * t), 0),
        "nearing": lambda t: (250 + 120 * t, 190 - 20 * t, 60 + 100 * t, 0.05 * b, 0),
        "turning": lambda t: (
            300 + 60 * np.sin(3 * t + b),
            180,
            84,
            0.6 * np.sin(2.5 * t + a),
            0.7 * np.sin(np.pi * t) ** 2,
        ),
        "hidden": lambda t: (300 + 40 * t, 200 + 20 * a, 90, 0, 0),
        "shaken": lambda t: (320 + 60 * np.sin(3 * t + a), 180 + 30 * np.sin(2 * t + b), 96, 0.1 * np.sin(6 * t), 0),
        "leaving": lambda t: (330 + 520 * max(0.0, t - 0.25) ** 1.1, 170 + 30 * a, 78, 0.1 * np.sin(3 * t), 0),
    }
    return ways[how]
