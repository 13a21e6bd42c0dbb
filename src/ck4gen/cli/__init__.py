"""The command line: what each command reads, runs and prints."""
