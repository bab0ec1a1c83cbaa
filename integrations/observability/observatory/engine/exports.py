"""Export jobs. Nobody works on them: they stay pending until they are cancelled."""

from collections.abc import Mapping
from typing import Any

from integrations.observability.observatory.engine.calls import SECOND, moment
from integrations.observability.observatory.engine.parameters import BadRequest, NotFound, Parameters, Undecodable

_TAKES = 300 * SECOND
_LASTS = 86_400 * SECOND


class Exports:
    """All jobs of all organisations."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[str, Any]] = {}

    def create(self, body: object, org: str, now: int) -> dict[str, Any]:
        """`POST /api/v1/export/traces`. `now`: nanoseconds since the epoch."""
        if not isinstance(body, Mapping) or body.get("format", "json") not in ("csv", "json", "jsonl"):
            raise Undecodable("format: unknown variant")
        id_ = f"00000000-0000-4000-8000-{len(self._jobs):012}"
        self._jobs[id_] = {
            "job_id": id_,
            "org_id": org,
            "status": "pending",
            "format": body.get("format", "json"),
            "compression": body.get("compression", "none"),
            "created_at": moment(now),
            "started_at": None,
            "completed_at": None,
            "expires_at": moment(now + _LASTS),
            "trace_count": None,
            "file_size_bytes": None,
            "download_url": None,
            "error_message": None,
            "progress_percent": 0,
        }
        return {
            "job_id": id_,
            "status": "pending",
            "created_at": moment(now),
            "estimated_completion_at": moment(now + _TAKES),
            "status_url": f"/api/v1/export/jobs/{id_}",
        }

    def listed(self, asked: Parameters, org: str) -> dict[str, Any]:
        """`GET /api/v1/export/jobs`."""
        limit, offset, status = asked.whole("limit", 20), asked.whole("offset", 0), asked.text("status", "")
        if not 1 <= limit <= 100:
            raise BadRequest("Limit must be between 1 and 100")
        jobs = [job for job in self._jobs.values() if job["org_id"] == org and status in ("", job["status"])]
        page = jobs[::-1][offset : offset + limit]
        more = offset + limit < len(jobs)
        return {"jobs": page, "pagination": {"total": len(jobs), "limit": limit, "offset": offset, "has_more": more}}

    def one(self, id_: str, org: str) -> dict[str, Any]:
        """`GET /api/v1/export/jobs/{id}`."""
        job = self._job(id_, org)
        can = {"can_cancel": job["status"] == "pending", "can_download": False}
        return job | {"metadata": can | {"is_expired": False, "seconds_until_expiration": _LASTS // SECOND}}

    def cancel(self, id_: str, org: str) -> bool:
        """`DELETE /api/v1/export/jobs/{id}`; False where it is too late."""
        job = self._job(id_, org)
        was, job["status"] = job["status"], "cancelled"
        return bool(was == "pending")

    def _job(self, id_: str, org: str) -> dict[str, Any]:
        job = self._jobs.get(id_)
        if job is None or job["org_id"] != org:
            raise NotFound("Export job not found")
        return job
