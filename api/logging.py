"""What the program says about itself while it works: one line per command or request, to stderr.

Ids are bound once and stand in every line that follows. ``LIUHEN_LOG_LEVEL`` chooses how much;
stdout belongs to answers.
"""

import logging
import os
import sys

import structlog
from structlog.typing import FilteringBoundLogger

LEVELS = ("debug", "info", "warning", "error", "critical")
ENVIRONMENT_VARIABLE = "LIUHEN_LOG_LEVEL"


def configure(default: str = "warning") -> None:
    """Log to stderr from ``LIUHEN_LOG_LEVEL`` on, or from ``default``; an unknown level is said.

    A terminal gets aligned words, everything else one JSON object per line.
    """
    wanted = os.environ.get(ENVIRONMENT_VARIABLE, "").strip().lower()
    level = wanted if wanted in LEVELS else default
    tty = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=tty and "NO_COLOR" not in os.environ)
            if tty
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(name)s: %(message)s")
    if wanted and wanted not in LEVELS:
        logger().warning("log_level_unknown", wanted=wanted, levels=LEVELS, used=level)


def logger() -> FilteringBoundLogger:
    """The logger of the program, with whatever is bound in this context."""
    found: FilteringBoundLogger = structlog.get_logger()
    return found


def bind(**ids: object) -> None:
    """Bind ids for the rest of this command or request."""
    structlog.contextvars.bind_contextvars(**ids)


def clear() -> None:
    """Forget what was bound; a new command or request begins."""
    structlog.contextvars.clear_contextvars()


def _to_stderr(*_names: object) -> structlog.PrintLogger:
    # Looked up for each line, so that a redirected stderr is followed.
    return structlog.PrintLogger(sys.stderr)
