"""Worker handover: whoever holds the keys marks one logged opening used, then encrypts its data key to the worker."""

from __future__ import annotations

from peelian.kernel.access.worker_openings import the_leaf_holds, used_once
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.vault.worker_keys import KeyRequest, public_key, sealed_for
from peelian.storage.vault_keys import StoredKeys


def handed_over(kernel: Kernel, keys: StoredKeys, asks: KeyRequest) -> bytes:
    """The data key that a worker asks for, encrypted to its fresh key.

    1. The opening is in a logged set, the worker signed, and it may be used now (`the_leaf_holds`).
    2. What was logged is committed.
    3. The key store notes the use in the transaction that reads the key. Of two askers one gets it.
    4. The key is encrypted. If the answer is lost, the opening is used all the same.

    OutOfOrder or Refused, logged, where it may not be.
    """
    public_key(asks.to)  # InputError: else an opening would be used in vain
    with kernel.lock:
        the_leaf_holds(kernel, asks)
        keys.settle()
        key = used_once(kernel, asks, lambda: keys.for_worker(asks.leaf.object, asks.intent, asks.position))
        return sealed_for(asks, key)
