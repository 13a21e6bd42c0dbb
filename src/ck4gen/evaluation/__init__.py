"""Two tables in, numbers out; nothing here imports torch."""
