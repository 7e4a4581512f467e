"""Exemptions: the section of an access law under which something of a recording is withheld. Sections are the laws'
own; the words are ours and short, in both languages.

MFIPPA: Municipal Freedom of Information and Protection of Privacy Act (Ontario). FIPPA: Freedom of Information and
Protection of Privacy Act (Ontario). FOIA: Freedom of Information Act, 5 U.S.C. 552(b) (United States).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from peelian.technologies.footage.plan import Plan

COLUMNS = (
    "redaction", "part", "what", "first_frame", "last_frame", "from_second", "to_second", "law", "section",
    "exemption", "exemption_fr",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One section of a law, and what it protects, in English and French."""

    law: str
    section: str
    says: str
    french: str
    law_french: str = ""

    def read(self, language: str) -> str:
        """Law, section and what it protects, as people read it.

        >>> EXEMPTIONS["mfippa-14"].read("fr")
        'LAIMPVP 14, vie privée'
        """
        return f"{self.cited(language)}, {self.french if language == 'fr' else self.says}"

    def cited(self, language: str) -> str:
        """Law and section alone.

        >>> EXEMPTIONS["foia-b-6"].cited("en")
        'FOIA (b)(6)'
        """
        return f"{(language == 'fr' and self.law_french) or self.law} {self.section}"


def _of(law: str, french: str, sections: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Exemption]]:
    for section, (says, said) in sections.items():
        parts = [law, *section.replace("(", " ").replace(")", " ").split()]
        yield "-".join(parts).lower(), Exemption(law=law, section=section, says=says, french=said, law_french=french)


PRIVACY, ENFORCEMENT = ("personal privacy", "vie privée"), ("law enforcement", "exécution de la loi")
SAFETY = ("danger to safety or health", "menace à la santé ou à la sécurité")
THIRD, ADVICE = ("information of third parties", "renseignements de tiers"), ("legal advice", "avis juridiques")
EXEMPTIONS: Mapping[str, Exemption] = dict(
    [
        *_of("MFIPPA", "LAIMPVP", {"14": PRIVACY, "8": ENFORCEMENT, "13": SAFETY, "10": THIRD, "12": ADVICE}),
        *_of("FIPPA", "LAIPVP", {"21": PRIVACY, "14": ENFORCEMENT, "20": SAFETY, "17": THIRD, "19": ADVICE}),
        *_of(
            "FOIA",
            "",
            {
                "(b)(6)": PRIVACY,
                "(b)(7)(C)": ("privacy in enforcement records", "vie privée dans les dossiers d’enquête"),
                "(b)(7)(A)": ("pending proceedings", "procédures en cours"),
                "(b)(7)(D)": ("confidential source", "source confidentielle"),
                "(b)(7)(E)": ("techniques of investigation", "méthodes d’enquête"),
                "(b)(7)(F)": ("life or physical safety", "vie ou sécurité physique"),
            },
        ),
    ]
)


def log_of(plan: Plan) -> str:
    """The exemption log of a plan: each redaction, when it is, and the section it rests on; CSV. O(redactions).

    Times of pictures are even shares of the recording's length: about right where frames are not evenly spaced.
    """
    rows: list[tuple[object, ...]] = [COLUMNS]  # numbers and listed words: no cell needs quotes
    frame = plan.milliseconds / max(plan.pictures - 1, 1)
    for track in (one for one in plan.tracks if one.state != "dropped"):
        times = (f"{track.first * frame / 1000:.2f}", f"{track.last * frame / 1000:.2f}")
        rows.append((track.id, "picture", track.what, track.first, track.last, *times, *_cells(track.exempt)))
    for number, span in enumerate(plan.sound, 1):
        times = (f"{span.start / 1000:.2f}", f"{span.end / 1000:.2f}")
        rows.append((number, "sound", span.how, "", "", *times, *_cells(span.exempt)))
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def _cells(exempt: str) -> tuple[str, str, str, str]:
    found = EXEMPTIONS.get(exempt)
    return (found.law, found.section, found.says, found.french) if found else ("", "", "", "")
