"""Whether the service is well, honestly: a view that nobody moves is not at lag 0."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from fastapi import APIRouter, Request, Response

from api import schemas as s
from api.routers.reading import liuhen_of

router = APIRouter(tags=["运行"])

_UNWELL = 503


@router.get(
    "/health",
    summary="运行状况",
    responses={_UNWELL: {"model": s.HealthOut, "description": "投影没有在运行，或无法前进。"}},
)
def read_health(request: Request, response: Response) -> s.HealthOut:
    """各日志的视图落后多少条事实、多少秒；投影停了就是 503，不说“落后 0”。"""
    health = liuhen_of(request).runner.health()
    following, stopped = bool(health.following), health.stopped
    failures = (health.failure, *(one.failure for one in health.logs))
    error = next((failure for failure in failures if failure), None)
    logs = [
        s.LogHealthOut(
            log_id=one.log_id,
            head=one.head,
            position=one.position,
            lag_facts=one.facts,
            lag_seconds=round(one.seconds, 3),
            stopped=[halt.unit_year for halt in stopped if halt.log_id == one.log_id],
        )
        for one in health.logs
    ]
    response.headers["Cache-Control"] = "no-store"
    if not following or error is not None:
        response.status_code = _UNWELL
        return s.HealthOut(status="dead", runner_alive=following, error=error, logs=logs)
    if stopped:
        return s.HealthOut(status="stopped", runner_alive=True, logs=logs)
    behind = any(one.facts for one in health.logs)
    return s.HealthOut(status="behind" if behind else "ok", runner_alive=True, logs=logs)
