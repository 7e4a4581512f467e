"""What data of each shape tell of people, for the letters of a breach: in words for a person and for a regulator, what
may come of it where others have it, and what the person can do.

A shape is named alone or with its owner ("footage", "footage.footage"). `records` stands where no dataset is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

INFORMATION: Mapping[str, str] = {
    "records": "Police information about you. It may hold your name, what was reported, and when.",
    "incidents": "A record of an event that concerns you: what kind, on which day, at which hour and where. It holds "
    "no name.",
    "footage": "A recording of a camera that an officer wore: images and sound of you, of the place and of others who "
    "were there. The place may be your home.",
    "redacted_footage": "An edited copy of a recording of you. Parts of the images and sound are hidden. The rest can "
    "be seen and heard: the place, which may be your home, and what was done.",
    "footage_package": "An edited copy of a recording of you, ready to be handed over, with its papers. Parts of the "
    "images and sound are hidden. The rest can be seen and heard.",
    "redaction_plan": "A plan that says where and when your face or other details appear in a recording. It holds no "
    "images and no sound.",
    "proposed_plan": "A draft of a plan that says where and when your face or other details appear in a recording. It "
    "holds no images and no sound.",
    "face_benchmark": "Images of your face that you gave for a test, under a code instead of your name.",
    "face_consent": "Your consent to the use of images of your face: its reference and its last day. It holds no name "
    "and no images.",
    "face_subjects": "Your sex, age band and group in a test of face recognition, under a code instead of your name.",
    "face_scores": "How alike a program found images of your face, in numbers, under a code instead of your name. It "
    "holds no images.",
    "face_score_pairs": "How alike two programs found images of your face, in numbers, under a code instead of your "
    "name. It holds no images.",
    "face_mates": "Which entry of a test of face recognition is yours, under a code instead of your name. It holds no "
    "images.",
    "face_candidates": "A list of faces that a program found alike, with numbers. You stand in it under a code instead "
    "of your name. It holds no images.",
    "face_reviews": "How staff judged lists of faces that a program found alike, in numbers. It holds no name and no "
    "images.",
    "face_search_log": "The log of searches by face: when, by which unit, for which kind of offence, and the result. "
    "It holds no name and no images.",
    "face_field_trial": "The results of a field test of face recognition where you passed, as counts of groups. They "
    "hold no name and no images.",
}
"""Of one person, who reads it."""

OF_PEOPLE: Mapping[str, str] = {
    "records": "Police information about people. It may hold names, what was reported, and when.",
    "incidents": "Records of events: what kind, on which day, at which hour and where. They hold no names.",
    "footage": "Recordings of cameras that officers wore: images and sound of people and places, which may be homes.",
    "redacted_footage": "Edited copies of recordings. Parts of the images and sound are hidden. The rest can be seen "
    "and heard: places, which may be homes, and what was done.",
    "footage_package": "Edited copies of recordings, ready to be handed over, with their papers. Parts of the images "
    "and sound are hidden. The rest can be seen and heard.",
    "redaction_plan": "Plans that say where and when faces and other details appear in recordings. They hold no images "
    "and no sound.",
    "proposed_plan": "Drafts of plans that say where and when faces and other details appear in recordings. They hold "
    "no images and no sound.",
    "face_benchmark": "Images of faces that people gave for a test, under codes instead of names.",
    "face_consent": "Consents to the use of images of faces: references and last days. They hold no names and no "
    "images.",
    "face_subjects": "Sex, age band and group of people in a test of face recognition, under codes instead of names.",
    "face_scores": "How alike a program found images of faces, in numbers, under codes instead of names. No images.",
    "face_score_pairs": "How alike two programs found images of faces, in numbers, under codes instead of names. No "
    "images.",
    "face_mates": "Which entries of a test of face recognition belong together, under codes instead of names. No "
    "images.",
    "face_candidates": "Lists of faces that a program found alike, with numbers, under codes instead of names. No "
    "images.",
    "face_reviews": "How staff judged lists of faces that a program found alike, in numbers. No names and no images.",
    "face_search_log": "Logs of searches by face: when, by which unit, for which kind of offence, and the result. No "
    "names and no images.",
    "face_field_trial": "Results of a field test of face recognition, as counts of groups. No names and no images.",
}
"""The same for the regulator and the public."""

COUNTED = frozenset(
    {
        "areas", "box_detector", "counts", "dispatch", "face_bounds", "face_histogram", "face_published_rates",
        "landmarks", "levels", "overrides", "pair", "predictions", "quarters", "recordings", "sealed_forecasts",
        "streets", "tally", "windows",
    }
)  # fmt: skip
"""Shapes that tell of places, times, units and groups, and of no person."""
ONLY_COUNTS = "Figures about places, times, units or groups. They name nobody."

FILMS = frozenset({"footage", "redacted_footage", "footage_package"})
IMAGES = frozenset({"face_benchmark"})
EVENTS = frozenset({"incidents"})
CODED = frozenset({"redaction_plan", "proposed_plan"} | {s for s in INFORMATION if s.startswith("face_")}) - IMAGES
RECORDS = frozenset({"records"})
"""Shapes by what may come of them."""

CONSEQUENCES: tuple[tuple[frozenset[str], str], ...] = (
    (RECORDS, "Others may learn that you were a victim, a witness or a suspect, or why the police came. They may use "
    "it to embarrass, deceive or threaten you."),
    (FILMS, "Others may watch, hear, share or publish the recording. They may see you, your home and who was with "
    "you."),
    (IMAGES, "Others may use the images to recognize or imitate you. A face cannot be changed like a password."),
    (EVENTS, "Others who know the place and the hour may guess that the event concerns you, and talk about it."),
    (CODED, "Codes and numbers alone do not say who you are. Together with other information they may."),
)  # fmt: skip
"""What may come of data that others can read, to the person who reads it."""

CONSEQUENCES_OF_PEOPLE: tuple[tuple[frozenset[str], str], ...] = (
    (RECORDS, "Others may learn who was a victim, a witness or a suspect. They may use it to embarrass, deceive or "
    "threaten."),
    (FILMS, "Others may watch, hear, share or publish the recording. They may see a home and who was there."),
    (IMAGES, "Others may use the images to recognize or imitate people. A face cannot be changed like a password."),
    (EVENTS, "Others who know the place and the hour may guess whom the event concerns, and talk about it."),
    (CODED, "Codes and numbers alone do not say who somebody is. Together with other information they may."),
)  # fmt: skip
"""The same for the regulator and the public."""

STEPS: tuple[tuple[frozenset[str], str], ...] = (
    (FILMS, "If somebody shows, sends or publishes the recording, note where and when. Tell us and the police."),
    (IMAGES, "If somebody uses one of these images, for example for a false account, tell us and the police."),
    (RECORDS | EVENTS, "Be careful with calls, letters and messages that use personal details. Do not pay and do not "
    "give codes."),
)  # fmt: skip


def known(shapes: Iterable[str]) -> tuple[str, ...]:
    """The shapes without their owners, each once and in order; one that has no words is told as records.

    >>> known(["footage.footage", "footage", "risk.tally"]), known(["toy.secrets"])
    (('footage', 'tally'), ('records',))
    """
    bare = {shape.rpartition(".")[2] for shape in shapes}
    return tuple(sorted({shape if shape in INFORMATION or shape in COUNTED else "records" for shape in bare}))


def sentences(shapes: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """The sentence of each shape out of `words`; figures that name nobody are told once, to a person only where there
    is nothing else."""
    found = known(shapes)
    told = [words[shape] for shape in found if shape in words]
    counted = any(shape in COUNTED for shape in found) and not (told and words is INFORMATION)
    return told + [ONLY_COUNTS] * counted


def of_family(shapes: Iterable[str], said: Iterable[tuple[frozenset[str], str]]) -> list[str]:
    """What is said of families of shapes, where one of theirs is among those given."""
    found = set(known(shapes))
    return [sentence for family, sentence in said if family & found]
