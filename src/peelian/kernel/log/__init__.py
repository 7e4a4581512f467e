"""The log: entry schema, Merkle tree, checkpoints, signed notes and the witness protocol."""
