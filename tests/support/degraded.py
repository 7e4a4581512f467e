"""Ways in which footage is bad: rolled cameras, blur, darkness, masks, strong compression; boxes stay exact."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping

import numpy as np
from clips import Change, Face, Picture
from PIL import Image
from scipy import ndimage

Faces = tuple[Face, ...]


def rolled(degrees: float) -> Change:
    """The camera is rolled about the middle; a face's box keeps its size and moves with its middle."""

    def change(picture: Picture, faces: Faces, rng: np.random.Generator) -> tuple[Picture, Faces]:
        turned = np.array(Image.fromarray(picture).rotate(degrees, Image.Resampling.BILINEAR, fillcolor=(90, 90, 90)))
        height, width = picture.shape[:2]
        angle = np.deg2rad(degrees)
        moved = []
        for face in faces:
            left, top, right, bottom = face.box
            x, y = (left + right - width) / 2, (top + bottom - height) / 2
            u = x * np.cos(angle) + y * np.sin(angle) + width / 2
            v = -x * np.sin(angle) + y * np.cos(angle) + height / 2
            wide, tall = (right - left) / 2, (bottom - top) / 2
            if wide < u < width - wide and tall < v < height - tall:
                moved.append(dataclasses.replace(face, box=(u - wide, v - tall, u + wide, v + tall)))
        return turned, tuple(moved)

    return change


def blurred(sigma: float) -> Change:
    """Out of focus: a Gaussian of `sigma` pixels at a height of 720."""

    def change(picture: Picture, faces: Faces, rng: np.random.Generator) -> tuple[Picture, Faces]:
        share = sigma * picture.shape[0] / 720
        return ndimage.gaussian_filter(picture, (share, share, 0)), faces

    return change


def dark(share: float) -> Change:
    """At night: little light, and the sensor's noise."""

    def change(picture: Picture, faces: Faces, rng: np.random.Generator) -> tuple[Picture, Faces]:
        noise = rng.normal(0, 4, (*picture.shape[:2], 1))
        return (picture * share + noise).clip(0, 255).astype(np.uint8), faces

    return change


def masked(picture: Picture, faces: Faces, rng: np.random.Generator) -> tuple[Picture, Faces]:
    """A surgical mask over the lower part of every face."""
    made = picture.copy()
    for face in faces:
        left, top, right, bottom = (round(n) for n in face.box)
        made[round(top + 0.55 * (bottom - top)) : bottom, left:right] = (150, 190, 210)
    return made, faces


def compressed(quality: int) -> Change:
    """A weak link: every picture as a strong JPEG."""

    def change(picture: Picture, faces: Faces, rng: np.random.Generator) -> tuple[Picture, Faces]:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=quality)
        return np.array(Image.open(file)), faces

    return change


MATRIX: Mapping[str, Change] = {
    "rolled 15 degrees": rolled(15),
    "rolled -30 degrees": rolled(-30),
    "blurred by 2 pixels": blurred(2),
    "blurred by 4 pixels": blurred(4),
    "dark, a third of the light": dark(0.33),
    "dark, an eighth of the light": dark(0.125),
    "lower face masked": masked,
    "JPEG of quality 20": compressed(20),
    "JPEG of quality 8": compressed(8),
}
