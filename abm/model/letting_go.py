"""Letting go of models: Mesa 3.3 keeps every one of a process alive, with all that hangs on it."""

import mesa


def forget(model: mesa.Model) -> None:
    """Take a model out of Mesa's table of agents' numbers, which has the models themselves for keys.

    Other versions of Mesa have no such table. The model can number no more agents afterwards.
    """
    numbers = getattr(mesa.Agent, "_ids", None)
    if isinstance(numbers, dict):
        numbers.pop(model, None)
