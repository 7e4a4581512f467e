"""What happened, by the kind of an incident: in words for the public, for a person it concerns, and for the regulator.

A kind has one sentence of each. `UNREACHED` are kinds by which information could not be reached; nobody need have read
it.
"""

from __future__ import annotations

from collections.abc import Mapping

CIRCUMSTANCES: Mapping[str, str] = {
    "session_misused": "Someone used a staff member's log-on from a place where it must not be used, and "
    "opened records.",
    "records_snooped": "A staff member opened a record repeatedly without a work reason.",
    "records_taken": "A staff member opened or printed many records without a work reason.",
    "account_leaked": "Someone used the log-on of a company that works for us from a place that is not the company's, "
    "and opened records.",
    "export_lost": "A file prepared for a person entitled to it was lost in transit.",
    "copy_lost": "An unauthorized person obtained a copy of our stored files.",
    "log_altered": "Someone altered our access log to hide that they had viewed records.",
    "record_damaged": "A check found that a record was damaged. Nobody can open it before it is restored.",
    "log_stopped": "Our log could not be written for a time. No record could be opened meanwhile.",
    "witness_silent": "The independent witness of our log did not answer for a time. Nothing was altered meanwhile.",
    "misdirected": "A letter or a file went to somebody who had no right to it.",
    "device_lost": "A device was lost or stolen, such as a camera, a telephone, a computer or a disk.",
    "paper_lost": "Papers were lost or stolen, or left where others could read them.",
    "vendor_breach": "Strangers got into the systems of a company that works for us.",
    "availability_lost": "Files of ours were locked, deleted or damaged, and could not be opened.",
    "published_by_mistake": "Information that must not be public was published by mistake.",
    "viewed_without_need": "Somebody viewed records without a work reason.",
    "other": "Information was lost or misused, or came to somebody who had no right to it.",
}
"""For the public."""

TO_YOU: Mapping[str, str] = {
    "session_misused": "Someone used a staff member's log-on from a place where it must not be used, and opened "
    "information about you.",
    "records_snooped": "A staff member opened information about you repeatedly without a work reason.",
    "records_taken": "A staff member opened or printed a lot of information without a work reason. Some of it is "
    "about you.",
    "account_leaked": "Someone used the log-on of a company that works for us from a place that is not the company's, "
    "and opened information about you.",
    "export_lost": "We prepared a file with information about you for a person entitled to it. It was lost on the way.",
    "copy_lost": "An unauthorized person obtained a copy of our stored files. Information about you is in it.",
    "log_altered": "Someone altered our access log to hide that they had viewed records. Information about you was "
    "viewed.",
    "record_damaged": "A check found that a record about you was damaged. Nobody can open it before it is restored.",
    "log_stopped": "Our log could not be written for a time. Nothing about you could be opened meanwhile.",
    "witness_silent": "The independent witness of our log did not answer for a time. Nothing was altered meanwhile.",
    "misdirected": "A letter or a file with information about you went to somebody who had no right to it.",
    "device_lost": "A device with information about you was lost or stolen, such as a camera, a telephone, a computer "
    "or a disk.",
    "paper_lost": "Papers with information about you were lost or stolen, or left where others could read them.",
    "vendor_breach": "Strangers got into the systems of a company that works for us. It keeps information about you.",
    "availability_lost": "Files with information about you were locked, deleted or damaged. We could not open them.",
    "published_by_mistake": "Information about you was published by mistake.",
    "viewed_without_need": "Somebody viewed information about you without a work reason.",
    "other": "Information about you was lost or misused, or came to somebody who had no right to it.",
}
"""For a person it concerns."""

CAUSES: Mapping[str, str] = {
    "session_misused": "Cause: a session was used from an address to which it does not belong.",
    "records_snooped": "Cause: repeated access by a member of staff that no case, plan or warrant explains.",
    "records_taken": "Cause: bulk access by a member of staff that no case, plan or warrant explains.",
    "account_leaked": "Cause: the log-on of a vendor was used from an address that is not the vendor's.",
    "export_lost": "Cause: loss on the way to the recipient.",
    "copy_lost": "Cause: a copy of the office's files left its custody.",
    "log_altered": "Cause: entries of the log differ from the copy that a witness signed.",
    "record_damaged": "Cause: stored bytes differ from the digest in the log.",
    "log_stopped": "Cause: the log could not be written.",
    "witness_silent": "Cause: the witness of the log could not be reached.",
    "misdirected": "Cause: an error in the address, the recipient or the attachment.",
    "device_lost": "Cause: loss or theft of a device.",
    "paper_lost": "Cause: loss, theft or careless handling of papers.",
    "vendor_breach": "Cause: intrusion at a vendor.",
    "availability_lost": "Cause: files were made unusable, by malicious software, by an error or by a fault.",
    "published_by_mistake": "Cause: something was published without a check that it may be.",
    "viewed_without_need": "Cause: access without need, as somebody reported it.",
    "other": "Cause: not of a kind that the register knows. The office describes it in its own words.",
}
"""For the regulator, after the sentence for the public."""

UNREACHED = frozenset({"availability_lost", "record_damaged", "log_stopped", "witness_silent"})
VIEWED = frozenset(
    {"session_misused", "records_snooped", "records_taken", "account_leaked", "log_altered", "viewed_without_need"}
)
"""Kinds by which somebody saw the information, as the log shows or somebody reported."""
