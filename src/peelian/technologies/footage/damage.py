"""Survey of a damaged recording: decodable frames, their duration, and the faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from peelian.errors import InputError
from peelian.technologies.footage.decoding import Decoding, frames_in
from peelian.technologies.footage.probe import Probe, container, described, video_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A damaged recording looked through from end to end. `probe` is None where nothing of it can be decoded."""

    probe: Probe | None
    pictures: int = 0
    milliseconds: int = 0  # from the first to the last picture that can be decoded
    faults: int = 0


def surveyed(file: BinaryIO) -> Survey:
    """Decode whatever can be decoded. O(pictures), flat memory; never an InputError for what lies in the file."""
    probe: Probe | None = None
    times: list[Any] = []
    pictures = faults = 0
    try:
        with container(file) as opened:
            stream = video_of(opened)
            decoding = Decoding(opened, stream, damaged=True)
            for number, frame in frames_in(decoding):
                pictures = number + 1
                probe = probe or described(opened, stream, frame)
                if frame.time is not None:
                    times[1 if times else 0 :] = [frame.time]
                faults = decoding.faults
            faults = decoding.faults
    except InputError:
        faults += 1
    if probe is None:
        return Survey(probe=None, faults=max(1, faults))
    reach = round(1000 * (times[-1] - times[0])) if times else 0
    return Survey(probe=probe, pictures=pictures, milliseconds=reach, faults=faults)


def first_seen(file: BinaryIO) -> Probe:
    """A damaged recording as its first picture that can be decoded shows it; InputError where there is none."""
    with container(file) as opened:
        stream = video_of(opened)
        _, frame = next(frames_in(Decoding(opened, stream, damaged=True)))
        return described(opened, stream, frame)
