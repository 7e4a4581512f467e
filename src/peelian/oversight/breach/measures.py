"""What was done against a breach, in words for letters and pages."""

from __future__ import annotations

from collections.abc import Mapping

MEASURES: Mapping[str, str] = {
    "session_ended": "We cut off the log-on that was used. Nothing more can be opened with it.",
    "account_closed": "We closed the account that was used.",
    "technology_suspended": "The oversight board stopped the use of the technology until the cause is found.",
    "keys_rotated": "We replaced the keys that protect our stored files.",
    "copy_destroyed": "We encrypted our own files again with new keys. This does not change the copy that others have.",
    "log_restored": "We restored the log from the copy signed by an independent witness, and compared every entry.",
    "record_restored": "We restored the damaged record from its backup, and compared it with the log.",
    "log_reopened": "We freed space for the log, checked every entry, and reopened it.",
    "witness_back": "The witness answers again. It confirmed that entries were only added.",
    "recipient_asked": "We asked the recipient and the carrier to look for what was sent, and to destroy it unread.",
    "recipient_confirmed": "The recipient confirmed in writing that nothing was kept or passed on.",
    "publication_removed": "We removed what was published, and asked search services to drop it.",
    "loss_reported": "We reported the loss or the theft to the police.",
    "device_erased": "We locked and erased the device remotely.",
    "papers_found": "We found the papers and took them back.",
    "vendor_closed": "The company closed the way in. We stopped sending it data until it shows that it is safe.",
    "files_restored": "We restored the files from a backup that was kept apart, and checked them.",
}
FITTING: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("session_misused", "account_leaked"), ("session_ended", "account_closed", "technology_suspended")),
    **dict.fromkeys(
        ("records_snooped", "records_taken", "viewed_without_need"),
        ("session_ended", "account_closed", "recipient_confirmed"),
    ),
    "export_lost": ("recipient_asked", "recipient_confirmed", "loss_reported"),
    "misdirected": ("recipient_asked", "recipient_confirmed"),
    "copy_lost": ("keys_rotated", "copy_destroyed", "loss_reported"),
    "device_lost": ("loss_reported", "device_erased"),
    "paper_lost": ("loss_reported", "papers_found"),
    "vendor_breach": ("vendor_closed", "account_closed", "technology_suspended"),
    "availability_lost": ("files_restored", "keys_rotated"),
    "published_by_mistake": ("publication_removed", "recipient_asked"),
    "log_altered": ("log_restored", "account_closed"),
    "record_damaged": ("record_restored",),
    "log_stopped": ("log_reopened",),
    "witness_silent": ("witness_back",),
}
"""What is mostly done against a kind of breach: a form offers it first. Anything else may be done as well."""
LASTING = frozenset(
    {"account_closed", "technology_suspended", "keys_rotated", "copy_destroyed", "vendor_closed", "log_reopened"}
)
"""Measures that also stand against another incident of the kind."""
