"""Mesa agents: views of rows for the many, ordinary objects for the few."""
