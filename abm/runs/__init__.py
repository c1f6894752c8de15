"""Runs and batches: what to run, running it here or on many processes, and what it leaves in a folder."""
