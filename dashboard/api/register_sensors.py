"""The clinic's sensors over HTTP: what is written on them and whose they are."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Response

from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.register_bodies import KnownSensorBody, SensorDraftBody
from dashboard.register.sensors import KnownSensor, Sensors
from vitals.participants import ParticipantId
from vitals.sensors import SensorId, SensorKind

SensorPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


def known_sensor_routes(context: Context) -> APIRouter:
    """Return the routes of the clinic's sensors."""
    routes = APIRouter(prefix="/api/v1/sensors", tags=["register"])
    sensors, reception = Sensors(context.clinic.shelf), context.reception

    @routes.get("", responses=refusals(422))
    async def known(kind: SensorKind | None = None) -> list[KnownSensorBody]:
        """Give the sensors that the clinic knows, by label."""
        return [_shown(sensor) for sensor in sensors.all() if kind in {None, sensor.kind}]

    @routes.put("/{sensor}", responses=refusals(401, 403, 404, 409, 413, 422, 503))
    async def put(sensor: SensorPath, body: SensorDraftBody) -> KnownSensorBody:
        """Make a sensor known, give it to somebody or to the pool, change what is written on it."""
        kept = sensors.put(
            SensorId(sensor),
            kind=body.kind,
            label=body.label,
            owner=None if body.owner is None else ParticipantId(body.owner),
            note=body.note,
            utc_ms=reception.now_utc_ms(),
        )
        told = context.room.batteries.get(kept.id)
        if told is not None:
            sensors.hear_batteries({kept.id: told}, utc_ms=reception.now_utc_ms())
            kept = sensors.find(kept.id) or kept
        return _shown(kept)

    @routes.delete("/{sensor}", status_code=204, responses=refusals(401, 403, 404, 503))
    async def remove(sensor: str) -> Response:
        """Forget a sensor; what it told stays in the record."""
        sensors.remove(SensorId(sensor))
        return Response(status_code=204)

    return routes


def _shown(sensor: KnownSensor) -> KnownSensorBody:
    return KnownSensorBody(**msgspec.structs.asdict(sensor))
