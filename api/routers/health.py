"""Whether the service is well, honestly: a view that nobody moves is not at lag 0."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from typing import Literal

from fastapi import APIRouter, Request, Response

from api import schemas as s
from api.routers.parameters import StrictRoute
from api.routers.reading import liuhen_of
from projections.runner import Filling, Health, Lag
from projections.tracking import Stopped

router = APIRouter(tags=["运行"], route_class=StrictRoute)

_UNWELL = 503


@router.get(
    "/health",
    summary="运行状况",
    responses={_UNWELL: {"model": s.HealthOut, "description": "投影没有在运行，或无法前进。"}},
)
def read_health(request: Request, response: Response) -> s.HealthOut:
    """各日志的视图落后多少条事实、多少秒；投影停了就是 503，不说“落后 0”。"""
    liuhen = liuhen_of(request)
    health = liuhen.runner.health()
    alive = bool(health.following)
    failures = (health.failure, *(one.failure for one in health.logs))
    error = next((failure for failure in failures if failure), None)
    response.headers["Cache-Control"] = "no-store"
    if not alive or error is not None:
        response.status_code = _UNWELL
    return s.HealthOut(
        status=_status(health, error),
        runner_alive=alive,
        error=error,
        looked_at=health.looked_at,
        logs=[_log(one, health) for one in health.logs],
        poisoned=[_stopped(one) for one in health.stopped],
        rebuilding=_filling(liuhen.filling()),
    )


def _status(health: Health, error: str | None) -> Literal["ok", "behind", "stopped", "dead"]:
    if not health.following or error is not None:
        return "dead"
    if health.stopped:
        return "stopped"
    return "behind" if any(one.facts for one in health.logs) else "ok"


def _log(one: Lag, health: Health) -> s.LogHealthOut:
    return s.LogHealthOut(
        projection=one.projection,
        log_id=one.log_id,
        head=one.head,
        position=one.position,
        lag_facts=one.facts,
        lag_seconds=round(one.seconds, 3),
        moved_at=one.moved_at,
        owner=one.owner,
        stopped=[halt.unit_year for halt in health.stopped if halt.log_id == one.log_id],
    )


def _stopped(one: Stopped) -> s.StoppedOut:
    return s.StoppedOut(
        log_id=one.log_id,
        unit_year=one.unit_year,
        position=one.position,
        stream_id=one.stream_id,
        version=one.version,
        type=one.type,
        event_id=one.event_id,
        error=one.error,
    )


def _filling(one: Filling | None) -> s.FillingOut | None:
    if one is None:
        return None
    return s.FillingOut(
        generation=one.generation, facts=one.facts, total=one.total, began_at=one.began_at
    )
