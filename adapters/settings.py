"""Where the program keeps what it stores, read from the environment once and then fixed."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.values import Words

DATABASE_FILE = "liuhen.sqlite3"
_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


_NO_URL = Words(
    "不是数据库地址；写作 sqlite:///文件路径 或 postgresql://用户@主机/库名，口令中的 @ : / 等写作 %40 %3A %2F",
    "is not a database URL; write sqlite:///path/to/file or postgresql://user@host/name, and of a "
    "password @ : / and the like as %40 %3A %2F",
)
_NO_FILE = Words(
    "SQLite 须有文件，因为读者和写者各有连接",
    "SQLite needs a file, because readers and the writer have connections of their own",
)


class WrongUrlError(ValueError):
    """A URL that cannot be; ``why`` says what is wrong with it, and nothing of its password."""

    def __init__(self, why: Words) -> None:
        """With its reason."""
        super().__init__(why.en)
        self.why = why


class Settings(BaseSettings):
    """Settings of the store, each under its name with the prefix ``LIUHEN_``.

    The defaults need nothing but a writable working directory: one SQLite file in ``data/``.
    """

    model_config = SettingsConfigDict(
        env_prefix="LIUHEN_",
        frozen=True,
        extra="ignore",
        # A URL that is wrong may still hold a password.
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Directory for everything that the program stores as files; made when missing.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="Database URL, sqlite:///… or postgresql://…; "
        f"default: the SQLite file {DATABASE_FILE} in the data directory.",
    )

    @field_validator("database_url", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: Any) -> Any:  # noqa: ANN401 - the raw value of a variable
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("database_url")
    @classmethod
    def _is_supported(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _parsed(value.get_secret_value())
        return value

    @property
    def embedded(self) -> bool:
        """Whether the database is the program's own file, chosen by no one else."""
        return self.database_url is None

    @property
    def url(self) -> URL:
        """The database URL with its driver; printing it hides the password."""
        if self.database_url is None:
            return URL.create("sqlite", database=str(self.data_dir / DATABASE_FILE))
        return _parsed(self.database_url.get_secret_value())


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The original message quotes the URL, or a part of it, and with it the password.
        raise WrongUrlError(_NO_URL) from None
    if url.host is not None and "@" in url.host:
        raise WrongUrlError(_NO_URL)  # the second half of a password
    kind = url.get_backend_name()
    driver = _DRIVERS.get(kind)
    if driver is None:
        raise WrongUrlError(
            Words(
                f"不支持 {kind}；用 sqlite 或 postgresql",
                f"{kind} is not supported; use sqlite or postgresql",
            )
        )
    if driver == "sqlite" and url.database in {None, "", ":memory:"}:
        raise WrongUrlError(_NO_FILE)
    return url.set(drivername=driver)
