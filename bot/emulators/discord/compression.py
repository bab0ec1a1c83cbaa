"""Transport compression of the gateway: one stream a connection."""

import importlib
import zlib
from collections.abc import Callable
from typing import Any

Compress = Callable[[str], bytes]


class UnknownCompression(Exception):
    """The client asked for a compression that is not to be had here."""


def stream(name: str) -> Compress | None:
    """The compressor for the query's `compress`; None for plain text."""
    if not name:
        return None
    if name == "zlib-stream":
        return _zlib()
    if name == "zstd-stream" and (module := _zstd_module()) is not None:
        return _zstd(module)
    raise UnknownCompression(name)


def _zlib() -> Compress:
    deflate = zlib.compressobj()
    return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _zstd(module: Any) -> Compress:  # noqa: ANN401 -- one of three modules with the same shape
    compressor = module.ZstdCompressor()
    if hasattr(compressor, "compressobj"):
        compressor = compressor.compressobj()
        block: Any = module.COMPRESSOBJ_FLUSH_BLOCK
        return lambda text: bytes(compressor.compress(text.encode()) + compressor.flush(block))
    return lambda text: bytes(compressor.compress(text.encode(), module.ZstdCompressor.FLUSH_BLOCK))


def _zstd_module() -> Any:  # noqa: ANN401 -- same
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None
