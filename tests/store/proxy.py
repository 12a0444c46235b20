"""Stands between a client and the server, and loses what the server answers when told to."""

import select
import socket
import tempfile
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from sqlalchemy import URL


class LossyProxy:
    """A socket that leads to the server of ``url``; ``lose_answers`` cuts connections off."""

    def __init__(self, url: URL) -> None:
        self._target = f"{url.query['host']}/.s.PGSQL.5432"
        self._folder = tempfile.TemporaryDirectory(prefix="liuhen-proxy-")
        self.url = url.update_query_dict({"host": self._folder.name})
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(Path(self._folder.name) / ".s.PGSQL.5432"))
        self._listening.listen(64)
        self._closed = Event()
        self._lock = Lock()
        self._to_lose = 0
        self.lost = 0
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def lose_answers(self, count: int) -> None:
        """The next ``count`` answers do not arrive, and their connections break."""
        with self._lock:
            self._to_lose = count

    def _accept(self) -> None:
        while not self._closed.is_set():
            if select.select([self._listening], [], [], 0.1)[0]:
                client, _ = self._listening.accept()
                self._threads.append(Thread(target=self._forward, args=(client,)))
                self._threads[-1].start()

    def _forward(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server:
            server.connect(self._target)
            while not self._closed.is_set():
                for source in select.select([client, server], [], [], 0.1)[0]:
                    data = source.recv(65536)
                    # The server has answered, so it has done what was asked.
                    if not data or (source is server and self._loses()):
                        return
                    (server if source is client else client).sendall(data)

    def _loses(self) -> bool:
        with self._lock:
            if self._to_lose == 0:
                return False
            self._to_lose -= 1
            self.lost += 1
            return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed.set()
        for thread in self._threads:
            thread.join(30)
        self._listening.close()
        self._folder.cleanup()
