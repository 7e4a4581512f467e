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
    "recipient_asked": "We asked the recipient and the carrier to find the file and delete it unread.",
    "recipient_confirmed": "The recipient confirmed in writing that nothing was kept or passed on.",
    "publication_removed": "We removed what was published, and asked search services to drop it.",
    "loss_reported": "We reported the loss or the theft to the police.",
    "device_erased": "We locked and erased the device remotely.",
    "papers_found": "We found the papers and took them back.",
    "vendor_closed": "The company closed the way in. We stopped sending it data until it shows that it is safe.",
    "files_restored": "We restored the files from a backup that was kept apart, and checked them.",
}
LASTING = frozenset(
    {"account_closed", "technology_suspended", "keys_rotated", "copy_destroyed", "vendor_closed", "log_reopened"}
)
"""Measures that also stand against another incident of the kind."""
