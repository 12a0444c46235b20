"""What long work asks of the interpreter."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def settled() -> Iterator[None]:
    """Meanwhile the collector of cycles passes by what is loaded now, which stays anyway: it would
    look through all of it every now and then, and answers and batches would wait.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
