"""A door in front of an S3 server that fails on demand: it refuses, waits, or cuts an answer in the middle."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

_CODES = {403: "AccessDenied", 404: "NoSuchKey", 500: "InternalError", 503: "SlowDown"}
_OWN_HEADERS = ("content-length", "connection", "transfer-encoding", "date", "server")


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of a method (any if it is "") with `path` in their address."""

    times: int = 1
    method: str = "GET"
    path: str = ""
    signer: str = ""
    """The id of the key that must have signed it, where one is named."""
    status: int = 0
    wait_seconds: float = 0
    cut_after: int | None = None
    """Bytes of the body that come through."""

    def takes(self, method: str, path: str, signers: set[str]) -> bool:
        is_meant = self.method in ("", method) and self.path in path and self.signer in {"", *signers}
        if self.times <= 0 or not is_meant:
            return False
        self.times -= 1
        return True


class Door(ThreadingHTTPServer):
    """The door; `requests` are those that came, as method and path, `signers` the ids of the keys that signed them."""

    daemon_threads = False

    def __init__(self, port: int, certificate: tuple[Path, Path] | None = None) -> None:
        """A door to the server at `port`, over TLS with a `certificate` and its key."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = port
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.signers: set[str] = set()
        self.is_closing = threading.Event()
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side did not wait."""

    def close(self) -> None:
        self.is_closing.set()
        self.shutdown()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        door = cast("Door", self.server)
        door.requests.append(f"{self.command} {self.path}")
        signers = set(re.findall(r"Credential=([^/]+)/", self.headers.get("Authorization", "")))
        door.signers |= signers
        fault = next((fault for fault in door.faults if fault.takes(self.command, self.path, signers)), Fault())
        door.is_closing.wait(fault.wait_seconds)
        with suppress(ConnectionError):  # the other side did not wait
            if fault.status:
                code = _CODES[fault.status]
                text = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
                self._answer(fault.status, {"Content-Type": "application/xml", "Content-Length": str(len(text))}, text)
            else:
                self._pass_on(door.port, fault.cut_after)

    do_HEAD = do_GET  # noqa: N815 (http.server's name)

    def _pass_on(self, port: int, cut_after: int | None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request(self.command, self.path, headers=dict(self.headers))
        answer = connection.getresponse()
        body = answer.read()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN_HEADERS}
        length = str(len(body)) if self.command == "GET" else answer.getheader("Content-Length", "0")
        connection.close()
        self.close_connection = cut_after is not None
        self._answer(answer.status, headers | {"Content-Length": length}, body[:cut_after])

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...
