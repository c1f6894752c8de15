"""Tables of the command as wide as where no terminal says how wide it is."""

import pytest


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes of tests at once set it."""
    monkeypatch.delenv("COLUMNS", raising=False)
