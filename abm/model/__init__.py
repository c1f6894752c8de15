"""The model: what a scenario runs, in which order."""
