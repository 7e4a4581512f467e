"""The house's own words as sentences for people: states, purposes, papers, roles, choices, rules and log entries.

Each maps a word of documents and log to a message id; their French stands in `fr.po` beside this file. A word that is
not listed is shown as it is, with blanks for underscores, so that a new one is seen rather than hidden.
"""

from __future__ import annotations

from collections.abc import Mapping

from peelian.pictures.panels import Say

STATES: Mapping[str, str] = {
    "asked": "Asked",
    "refused": "Refused",
    "permitted": "Permitted",
    "running": "Running",
    "ran": "Awaiting a decision",
    "failed": "Failed",
    "withheld": "Withheld",
    "decided": "Decided",
    "published": "Published",
    "delivered": "Handed over",
}

PURPOSES: Mapping[str, str] = {
    "proof": "to prove accuracy on held-out data",
    "advice": "to advise a person who decides",
    "audit": "to audit an instrument, a matcher or a vendor",
    "safety": "to keep a crowd or a place safe",
    "disclosure": "to hand a record to somebody entitled to it",
    "oversight": "to check a use",
}

PAPERS: Mapping[str, str] = {
    "council_approval": "council approval",
    "impact_assessment": "impact assessment",
    "accuracy_criteria": "accuracy criteria",
    "accuracy_report": "accuracy report",
    "consent_manifest": "consent manifest",
    "warrant": "warrant",
    "discovered_offences": "decision that admits discovered offences",
}

ROLES: Mapping[str, str] = {
    "analyst": "analyst",
    "commander": "commander",
    "board": "oversight board",
    "council": "council",
    "privacy_officer": "privacy officer",
    "auditor": "auditor",
    "clerk": "clerk",
    "dispatcher": "dispatcher",
    "custodian": "custodian",
}

CHOICES: Mapping[str, str] = {
    "adopt": "adopted",
    "decline": "declined",
    "accept": "accepted",
    "change": "changed",
}

KINDS: Mapping[str, str] = {
    "ENROLLED": "A person was enrolled",
    "RETIRED": "A person left the office",
    "ADMITTED": "A dataset was admitted and sealed",
    "ISSUED": "A paper was issued",
    "REVOKED": "A paper was revoked",
    "SUSPENDED": "A technology was suspended",
    "RESUMED": "A suspension was lifted",
    "ASKED": "A use was asked for",
    "REFUSED": "The use was refused",
    "PERMITTED": "The use was permitted",
    "OPENED": "A dataset was opened",
    "STARTED": "The run began",
    "RAN": "The run ended and its evidence was kept",
    "FAILED": "The run failed",
    "WITHHELD": "The result was withheld",
    "DECIDED": "A person decided",
    "PUBLISHED": "The case was published",
    "WATCH_ASKED": "A watch was asked for",
    "WATCH_STANDING": "A watch stands",
    "WATCH_ENDED": "A watch ended",
    "ALARM_RAISED": "An alarm was raised",
    "ALARM_RISEN": "An alarm rose",
    "ALARM_REOPENED": "An alarm opened again",
    "ALARM_JOINED": "An alarm joined an incident of the city",
    "ALARM_CALLED": "An alarm was called again",
    "ALARM_CLEARED": "What raised an alarm is over",
    "ALARM_RESUMED": "An alarm came back into the queue",
    "ALARM_ACKED": "An alarm was acknowledged",
    "ALARM_DECIDED": "A person decided about an alarm",
    "ALARM_DISPOSED": "A person said what an alarm was",
    "ALARM_CLOSED": "An alarm was closed",
    "ALARM_SHELVED": "An alarm was shelved",
    "ALARM_OUT_OF_SERVICE": "An alarm was taken out of service",
    "SENSOR_FAULT": "A sensor is at fault",
    "SENSOR_WELL": "A sensor is well again",
    "EVENT_PERMITTED": "An event was permitted",
    "HANDED_OVER": "A shift was handed over",
    "MESSAGE_REFUSED": "A message of a sensor was refused",
    "GATEWAY_CUT": "The gateway lost a connection",
    "GATEWAY_BACK": "The gateway has its connection back",
    "ASSESSED": "An impact assessment was submitted",
    "PEER_REVIEWED": "An assessment was reviewed by a peer",
    "EXPLAINED": "An explanation was written",
    "APPROVED": "An assessment was approved",
    "TOOL_STATED": "The state of a tool was recorded",
    "DRIFT_CHECKED": "An adopted model was checked against new data",
    "RIGHTS_ASSESSED": "A rights assessment was kept",
    "VENDOR_BOUND": "A vendor's commitments were recorded",
    "PRIVILEGES_REVIEWED": "Privileges were reviewed",
    "PRODUCED": "A document that a requirement asks for was kept",
}

RULES: Mapping[str, str] = {
    "a_budget_ends": "A budget ends",
    "a_decision_gives_its_reasons": "A decision gives its reasons",
    "a_delivery_has_not_expired": "What may be handed over has not expired",
    "a_decision_is_a_choice": "A decision is one of the choices",
    "an_accuracy_report_is_earned": "An accuracy report is earned, not issued",
    "an_assessment_is_answered": "An impact assessment is answered, not issued",
    "an_empty_policy_refuses": "An empty policy refuses",
    "no_person_leaves": "No person leaves",
    "only_declared_tables_leave": "Only declared tables leave",
    "only_listed_sentences_leave": "Only listed sentences leave",
    "only_what_was_accepted_leaves": "Only what was accepted leaves the house",
    "nothing_held_is_deleted": "Nothing held is deleted",
    "the_uncategorised_is_not_deleted": "What has no category is not deleted",
    "nothing_is_deleted_before_its_time": "Nothing is deleted before its time",
    "the_librarian_may_define": "The person may define categories",
    "the_tagger_may_tag": "The person may give categories",
    "the_holder_may_hold": "The person may hold and release",
    "the_one_who_deletes_may_delete": "The person may queue for destruction",
    "the_one_who_recovers_may_recover": "The person may recover",
    "small_counts_stay_inside": "Small counts stay inside",
    "the_admitter_may_admit": "The person may admit data",
    "the_approver_has_the_rank": "The approver has the rank the level asks for",
    "the_level_is_honoured": "What the level of the assessment asks for is there",
    "the_reviewer_may_review": "The reviewer may review",
    "the_asker_may_ask": "The asker may ask",
    "the_asker_may_not_decide": "The asker may not decide",
    "the_bars_fixed_beforehand_were_met": "The bars fixed beforehand were met",
    "the_board_may_suspend": "The board may suspend",
    "the_data_may_be_used": "The data may be used for this",
    "the_decider_may_decide": "The decider may decide",
    "the_event_may_be_permitted": "The person may permit events",
    "the_declaration_is_complete": "The declaration of the data is complete",
    "the_enroller_may_enrol": "The enroller may enrol",
    "the_issuer_may_issue": "The issuer may issue",
    "the_issuer_may_revoke": "The issuer may revoke",
    "the_keeper_may_keep": "The person may keep objects",
    "the_one_who_delivers_may_deliver": "The person may hand it over",
    "the_papers_are_in_order": "The papers are in order",
    "the_publisher_may_publish": "The publisher may publish",
    "the_reviewer_may_review": "The person may look through it",
    "the_purpose_is_served": "The capability serves the purpose",
    "the_bylaws_are_adopted": "The town's bylaws are the adopted ones",
    "the_step_up_is_fresh": "The person has proved that they are at the desk",
    "a_policy_that_fails_refuses": "A policy that fails refuses",
    "a_warrant_says_what_it_covers": "A warrant says what it covers",
    "the_technology_is_not_suspended": "The technology is not suspended",
    "values_are_what_their_kind_says": "Values are what their kind says",
}


def worded(words: Mapping[str, str], word: str, say: Say) -> str:
    """The word as a person reads it; one that is not listed with blanks for underscores."""
    return say(words[word]) if word in words else word.replace("_", " ")


def rules_broken(rules: tuple[str, ...] | list[str], say: Say) -> str:
    """The rules that refused, as sentences."""
    return "; ".join(worded(RULES, rule, say) for rule in rules)
