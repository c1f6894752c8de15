"""What travels to the workers of a scheduler, as bytes: Dask would look for tasks inside anything else.

Compressed, since its scheduler keeps what it was ever sent (github.com/dask/distributed/issues/8859): a batch grew by
50 KB a run, and grows by 1.3.
"""

import pickle
import zlib
from collections.abc import Callable
from typing import Any


def wrap(content: object, dumps: Callable[[object], bytes] = pickle.dumps) -> bytes:
    """Anything that ``dumps`` can pickle."""
    return zlib.compress(dumps(content))


def unwrap(parcel: bytes) -> Any:
    """What ``wrap`` was given. Only for parcels of our own: a pickle runs what it says."""
    return pickle.loads(zlib.decompress(parcel))
