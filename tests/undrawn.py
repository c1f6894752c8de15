"""Pages without their pictures, which take two thirds of a page's time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from matplotlib.figure import Figure

from abm.reports import drawing


@contextmanager
def undrawn(*but: str) -> Iterator[None]:
    """For tests that look at a page's words, tables and headings, and at no picture.

    Each picture is there, empty but for an id: so pictures are counted, and names that are given twice are seen.

    Args:
        but: functions whose pictures are drawn all the same.
    """
    own = drawing._svg

    def empty(height: float, fill: Callable[[Figure], None]) -> str:
        if fill.__qualname__.partition(".")[0] in but:
            return own(height, fill)
        return '<svg viewBox="0 0 1 1"><g id="nothing"></g></svg>'

    with patch.object(drawing, "_svg", empty):
        yield
