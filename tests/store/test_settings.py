"""Where things are kept."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.database import Database
from adapters.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIUHEN_DATABASE_URL", raising=False)
    monkeypatch.delenv("LIUHEN_DATA_DIR", raising=False)


def test_without_settings_there_is_a_file_in_the_working_directory() -> None:
    settings = Settings()
    assert settings.embedded
    assert settings.url.get_backend_name() == "sqlite"
    assert settings.url.database == str(Path("data") / "liuhen.sqlite3")


def test_the_data_directory_moves_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LIUHEN_DATABASE_URL", " ")
    settings = Settings()
    assert settings.embedded
    assert settings.url.database == str(tmp_path / "liuhen.sqlite3")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_another_database_is_named_by_its_url(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("LIUHEN_DATABASE_URL", f"{scheme}://user:secret@host/liuhen")
    settings = Settings()
    assert not settings.embedded
    assert settings.url.drivername == "postgresql+psycopg"
    assert "secret" not in repr(settings) + str(settings.url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://user:secret@host/liuhen", "use sqlite or postgresql"),
        ("not a url with secret", "is not a database URL"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql://user:half@secret@host/liuhen", "as %40"),
        ("postgresql://user:half@of:secret@host/liuhen", "as %40"),
        ("postgresql://host:secret/liuhen", "is not a database URL"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    monkeypatch.setenv("LIUHEN_DATABASE_URL", url)
    with pytest.raises(ValidationError, match=why) as raised:
        Settings()
    assert "secret" not in str(raised.value)


def test_settings_are_fixed() -> None:
    with pytest.raises(ValidationError):
        Settings().data_dir = Path("elsewhere")  # type: ignore[misc]


def test_the_directory_of_the_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    database = Database(Settings(data_dir=folder).url)
    database.close()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_database_without_a_store_is_refused() -> None:
    with pytest.raises(ValueError, match="no store for mysql"):
        Database(Settings().url.set(drivername="mysql"))
