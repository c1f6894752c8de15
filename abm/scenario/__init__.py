"""Scenario files: what a run needs, checked before anything runs."""
