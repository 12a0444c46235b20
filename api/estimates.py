"""推算 of one evaluation as it is sent, line by line, by the command and over HTTP."""

from typing import Any

from projections.current import Evaluation


def estimate_of(one: Evaluation, stored: str | None) -> dict[str, Any]:
    """推算 of one evaluation beside what is stored."""
    return {
        "estimated": True,
        "evaluation": one.id,
        "log_id": one.log_id,
        "unit": one.unit,
        "unit_name": one.unit_name,
        "fiscal_year": one.fiscal_year,
        "status": one.status,
        "estimated_total": one.computed_total,
        "estimated_grade": one.grade_computed,
        "not_computed": one.not_computed,
        "stored_total": stored,
    }
