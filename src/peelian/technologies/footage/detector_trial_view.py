"""Page of a detector trial: the verdict, every bar, and recall by group."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Grid, Panels, Paragraph, Say


def trial_view(findings: Findings, say: Say) -> Panels:
    """Sentences, bars with what was needed and reached, and recall by group."""
    words = words_of(say)
    bars, recall = findings.table("bars"), findings.table("recall")
    return [
        *(
            Paragraph(text=say(note.text, **note.values), tone="limit" if note.kind == "caveat" else "plain")
            for note in findings.notes
        ),
        Grid(
            caption=say("Bars"),
            titles=(say("Bar"), say("Needed"), say("Reached"), say("Verdict")),
            rows=tuple(
                (words[str(bar)], say("%(x).3f", x=needed), say("%(x).3f", x=reached), words[str(verdict)])
                for bar, needed, reached, verdict in bars.rows()
            ),
            numeric=frozenset({1, 2}),
            source=bars,
        ),
        Grid(
            caption=say("Recall by group"),
            titles=(say("Class"), say("Part"), say("Group"), say("Views"), say("Share found"), say("95% interval")),
            rows=tuple(
                (
                    *(words.get(str(name), str(name)) for name in (what, part, group)),
                    say("%(n)d", n=int(n)),
                    say("%(share).1f%%", share=100 * share),
                    say("%(low).1f%% to %(high).1f%%", low=100 * low, high=100 * high),
                )
                for what, part, group, n, _, share, low, high in recall.rows()
            ),
            numeric=frozenset({3, 4, 5}),
            source=recall,
        ),
    ]


def words_of(say: Say) -> Mapping[str, str]:
    """The words of the tables as a person reads them."""
    return {
        "low_recall": say("Lower end of the 95% interval of recall (at least)"),
        "missed_group": say("Recall in the worst group (at least)"),
        "missed_items": say("Items never found (at most)"),
        "false_boxes": say("Boxes on nothing, for each view found (at most)"),
        "some_others": say("Other class: upper end of the share found (at most, or nearly all)"),
        "met": say("bar met"),
        "missed": say("bar missed"),
        "face": say("face"),
        "plate": say("plate"),
        "all": say("all"),
        "size": say("size"),
        "sex": say("sex as drawn"),
        "age": say("age as drawn"),
        "tone": say("skin tone as drawn"),
        "layout": say("layout"),
        "large": say("large"),
        "medium": say("medium"),
        "small": say("small"),
        "woman": say("woman"),
        "man": say("man"),
        "child": say("child"),
        "adult": say("adult"),
        "older": say("older"),
        **{f"tone_{n}": say("tone %(n)d of 5", n=n) for n in range(1, 6)},
        "long_white": say("long, white"),
        "long_yellow": say("long, yellow"),
        "wide_blue": say("wide, blue letters"),
        "dark": say("dark"),
        "two_lines": say("two lines"),
    }
