"""Server-rendered pages over the verbs; they format, they never judge."""
