"""The report page of a results folder, and the short table at the end of a factorial."""
