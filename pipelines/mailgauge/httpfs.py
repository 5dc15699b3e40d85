"""Files as DuckDB's httpfs reads them, for Python: some bytes at a time, from anywhere in them.

DuckDB's SQL gives a file whole or parsed, and its Python package wraps no more; but that package exports DuckDB's C
interface, whose file systems (since 1.5) open what SQL can open.
"""

from __future__ import annotations

import ctypes
import io
import os
from contextlib import ExitStack
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_int64, c_void_p
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mailgauge.engine import load_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _typeshed import WriteableBuffer

_EXTENSIONS = ("httpfs", "aws")
_READ = 1
"""DUCKDB_FILE_FLAG_READ."""


class _Result(ctypes.Structure):
    """`duckdb_result`, of which only DuckDB reads the fields."""

    _fields_ = (("counts", ctypes.c_uint64 * 3), ("pointers", c_void_p * 3))


_HANDLE = POINTER(c_void_p)
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "open": (c_int, [c_char_p, _HANDLE]),
    "close": (None, [_HANDLE]),
    "connect": (c_int, [c_void_p, _HANDLE]),
    "disconnect": (None, [_HANDLE]),
    "query": (c_int, [c_void_p, c_char_p, POINTER(_Result)]),
    "result_error": (c_char_p, [POINTER(_Result)]),
    "destroy_result": (None, [POINTER(_Result)]),
    "connection_get_client_context": (None, [c_void_p, _HANDLE]),
    "destroy_client_context": (None, [_HANDLE]),
    "client_context_get_file_system": (c_void_p, [c_void_p]),
    "destroy_file_system": (None, [_HANDLE]),
    "create_file_open_options": (c_void_p, []),
    "file_open_options_set_flag": (c_int, [c_void_p, c_int, c_bool]),
    "destroy_file_open_options": (None, [_HANDLE]),
    "file_system_open": (c_int, [c_void_p, c_char_p, c_void_p, _HANDLE]),
    "file_system_error_data": (c_void_p, [c_void_p]),
    "file_handle_read": (c_int64, [c_void_p, c_void_p, c_int64]),
    "file_handle_seek": (c_int, [c_void_p, c_int64]),
    "file_handle_tell": (c_int64, [c_void_p]),
    "file_handle_size": (c_int64, [c_void_p]),
    "file_handle_error_data": (c_void_p, [c_void_p]),
    "destroy_file_handle": (None, [_HANDLE]),
    "error_data_message": (c_char_p, [c_void_p]),
    "destroy_error_data": (None, [_HANDLE]),
}
"""The functions used, by their names without `duckdb_`: what each returns, and what it takes."""


def _open_library() -> ctypes.CDLL:
    library = ctypes.CDLL(getattr(find_spec("_duckdb"), "origin", None))
    for name, (returned, taken) in _FUNCTIONS.items():
        function = library[f"duckdb_{name}"]
        function.restype, function.argtypes = returned, taken
        setattr(library, name, function)
    return library


_duckdb = _open_library()


class Httpfs:
    """A DuckDB of its own that reads files over HTTP; `statements` set it up."""

    def __init__(self, statements: Sequence[str]) -> None:
        """Start it; raises OSError with DuckDB's words where a statement fails."""
        self._stack = ExitStack()
        self._database = c_void_p()
        if _duckdb.open(None, byref(self._database)):
            raise MemoryError
        self._stack.callback(_duckdb.close, byref(self._database))
        with ExitStack() as stack:
            connection = self.connect(stack)
            loads = [statement for extension in _EXTENSIONS for statement in load_statements(extension)]
            for statement in ("set global threads = 1", *loads, *statements):  # files are read by the threads that ask
                _execute(connection, statement)

    def open(self, uri: str, fail: Callable[[str], Exception]) -> io.RawIOBase:
        """Open a file; what `fail` makes of DuckDB's words is raised where it cannot be opened, or read later."""
        return _File(self, uri, fail)

    def connect(self, stack: ExitStack) -> c_void_p:
        """A connection, until `stack` ends."""
        connection = c_void_p()
        if _duckdb.connect(self._database, byref(connection)):
            raise MemoryError
        stack.callback(_duckdb.disconnect, byref(connection))
        return connection

    def __del__(self) -> None:
        self._stack.close()


class _File(io.RawIOBase):
    """A file that can be read from anywhere in it, by one thread at a time; it has a connection of its own."""

    def __init__(self, httpfs: Httpfs, uri: str, fail: Callable[[str], Exception]) -> None:
        self._httpfs = httpfs
        self._fail = fail
        with ExitStack() as stack:
            self._handle = self._open(uri, stack)
            self._stack = stack.pop_all()

    def _open(self, uri: str, stack: ExitStack) -> c_void_p:
        def keep(pointer: c_void_p, destroy: Callable[..., None]) -> c_void_p:
            stack.callback(destroy, byref(pointer))
            return pointer

        connection = self._httpfs.connect(stack)
        _execute(connection, "begin")  # secrets are looked up inside a transaction
        context, handle = c_void_p(), c_void_p()
        _duckdb.connection_get_client_context(connection, byref(context))
        keep(context, _duckdb.destroy_client_context)
        files = keep(c_void_p(_duckdb.client_context_get_file_system(context)), _duckdb.destroy_file_system)
        options = keep(c_void_p(_duckdb.create_file_open_options()), _duckdb.destroy_file_open_options)
        _duckdb.file_open_options_set_flag(options, _READ, True)
        if _duckdb.file_system_open(files, os.fsencode(uri), options, byref(handle)):
            raise self._fail(_tell(_duckdb.file_system_error_data(files)))
        return keep(handle, _duckdb.destroy_file_handle)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return int(_duckdb.file_handle_tell(self._handle))

    def seek(self, place: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: _duckdb.file_handle_size(self._handle)}[whence]
        if _duckdb.file_handle_seek(self._handle, start + place):
            raise self._fail(_tell(_duckdb.file_handle_error_data(self._handle)))
        return self.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        room = (ctypes.c_char * view.nbytes).from_buffer(view)
        count = int(_duckdb.file_handle_read(self._handle, room, view.nbytes))
        if count < 0:
            raise self._fail(_tell(_duckdb.file_handle_error_data(self._handle)))
        return count

    def close(self) -> None:
        if not self.closed and hasattr(self, "_stack"):
            self._stack.close()
        super().close()


def _execute(connection: c_void_p, statement: str) -> None:
    result = _Result()
    try:
        if _duckdb.query(connection, statement.encode(), byref(result)):
            raise OSError(_duckdb.result_error(byref(result)).decode(errors="replace"))
    finally:
        _duckdb.destroy_result(byref(result))


def _tell(error: int) -> str:
    """The words of an error, which is let go."""
    pointer = c_void_p(error)
    try:
        return (_duckdb.error_data_message(pointer) or b"").decode(errors="replace")
    finally:
        _duckdb.destroy_error_data(byref(pointer))
