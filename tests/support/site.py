"""The web application on the eight evaluations: loaded once, copied for whoever writes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import URL

from adapters.settings import Settings
from api.app import HttpSettings, create_app
from api.bootstrap import Liuhen, bootstrap
from api.logging import configure

SHANGJIE = "410106/xfj/2022/department"
QIAOXI = "130104/xfj/2024/department"
BAYANNUR = "150800/xfj/2024/project/xinfang-shiwu"
ACTOR = {
    "Liuhen-Actor": "u-17",
    "Liuhen-Role": "UNIT_CLERK",
    "Liuhen-Organisation": "xfj",
}


def load(folder: Path) -> Path:
    """The eight evaluations in a database in ``folder``, with their views."""
    with bootstrap(Settings(data_dir=folder)) as liuhen:
        liuhen.import_documents(liuhen.example_documents())
        liuhen.catch_up()
    return folder


@dataclass(frozen=True)
class Site:
    """An application with a client on this machine."""

    liuhen: Liuhen
    app: FastAPI
    client: TestClient


@contextmanager
def site(
    folder: Path, settings: HttpSettings | None = None, url: URL | None = None
) -> Iterator[Site]:
    """The application on the database in ``folder``, or at ``url``, its views following."""
    configure(default="critical")  # the errors that tests provoke are not to be read
    named = SecretStr(url.render_as_string(hide_password=False)) if url else None
    with bootstrap(Settings(data_dir=folder, database_url=named)) as liuhen:
        app = create_app(liuhen, settings or HttpSettings())
        client = TestClient(
            app,
            base_url="http://127.0.0.1",
            client=("127.0.0.1", 50000),
            raise_server_exceptions=False,
        )
        with client:
            yield Site(liuhen, app, client)


def copied(template: Path, target: Path) -> Path:
    """A copy of a loaded database, to write in."""
    return Path(shutil.copytree(template, target))
