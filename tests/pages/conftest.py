import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.site import Site, copied, load, site

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return load(tmp_path_factory.mktemp("eight") / "data")


@pytest.fixture(scope="session")
def reading(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(copied(loaded, tmp_path_factory.mktemp("reading") / "data")) as found:
        yield found


@pytest.fixture(scope="session")
def client(reading: Site) -> TestClient:
    return reading.client


@pytest.fixture
def writing(loaded: Path, tmp_path: Path) -> Iterator[Site]:
    with site(copied(loaded, tmp_path / "data")) as found:
        yield found


@pytest.fixture(scope="session")
def address(reading: Site) -> Iterator[str]:
    """A server on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(reading.app, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium."""
    found = os.environ.get("LIUHEN_CHROMIUM") or next(
        (path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None
    )
    if found is None:
        if os.environ.get("LIUHEN_REQUIRE_BROWSER"):
            pytest.fail("LIUHEN_REQUIRE_BROWSER is set and there is no chromium")
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of 1366×768 that may ask this server only, and has nothing to complain about."""
    with browser.new_context(base_url=address, viewport={"width": 1366, "height": 768}) as context:
        opened = context.new_page()
        foreign: list[str] = []
        complaints: list[str] = []
        opened.on(
            "request",
            lambda asked: None if asked.url.startswith(address) else foreign.append(asked.url),
        )
        opened.on("console", lambda said: complaints.append(said.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        assert foreign == []
        assert complaints == []
