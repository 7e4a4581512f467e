"""The verbs: admit, ask, run, decide, publish; custody, delivery, export and authorizations."""
