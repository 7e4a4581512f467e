"""The false match rates that NIST published."""
