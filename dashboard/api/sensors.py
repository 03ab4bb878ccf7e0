"""Sensors on the HTTP interface: which are in range of which gateway, and which one is held to it."""

from typing import Annotated

from fastapi import APIRouter, Query

from dashboard.api.bodies import NearbySensorBody, NearestSensorBody
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.view.nearest import Candidate, find_nearest
from vitals.sensors import GatewayId, SensorId, SensorKind


def sensor_routes(context: Context) -> APIRouter:
    """Return the routes of sensors in range."""
    routes = APIRouter(tags=["sensors"])
    _add_nearby(routes, context)
    _add_nearest(routes, context)
    return routes


def _add_nearby(routes: APIRouter, context: Context) -> None:
    """Add what the gateways hear."""
    ticker, room, desk = context.ticker, context.room, context.desk

    @routes.get("/api/v1/nearby")
    async def nearby() -> list[NearbySensorBody]:
        """Give the sensors that the gateways hear around them, the strongest first."""
        now_ms = ticker.now().ms
        found = [
            NearbySensorBody(
                gateway=gateway,
                sensor=sensor.sensor,
                kind=sensor.kind.value,
                rssi_dbm=sensor.rssi_dbm,
                age_ms=sensor.age_ms + (now_ms - heard.received_ms),
                participant=_wearer_of(context, sensor.sensor),
                leased_to=desk.carrier_of(sensor.sensor),
                battery_low=sensor.battery_low,
                contact=sensor.contact,
                is_linked=sensor.is_linked,
            )
            for gateway, heard in room.nearby.items()
            for sensor in heard.nearby.sensors
        ]
        return sorted(found, key=lambda sensor: -sensor.rssi_dbm)


def _add_nearest(routes: APIRouter, context: Context) -> None:
    """Add the question whose strap is held to a gateway."""
    ticker, room = context.ticker, context.room

    @routes.get("/api/v1/sensors/nearest", responses=refusals(422))
    async def nearest(
        gateway: Annotated[str | None, Query(max_length=64)] = None, kind: SensorKind | None = None
    ) -> NearestSensorBody:
        """Give the sensor that somebody holds to the gateway, or say why it is not clear which one that is."""
        now_ms = ticker.now().ms
        candidates = [
            Candidate(
                gateway=name,
                sensor=sensor.sensor,
                kind=sensor.kind,
                rssi_dbm=sensor.rssi_dbm,
                age_ms=sensor.age_ms + (now_ms - heard.received_ms),
                is_linked=sensor.is_linked,
            )
            for name, heard in room.nearby.items()
            for sensor in heard.nearby.sensors
        ]
        said = find_nearest(candidates, gateway=None if gateway is None else GatewayId(gateway), kind=kind)
        found = said.found
        return NearestSensorBody(
            outcome=said.outcome.value,
            text=said.text,
            sensor=None if found is None else found.sensor,
            kind=None if found is None else found.kind.value,
            gateway=None if found is None else found.gateway,
            rssi_dbm=said.strongest_dbm,
            second_dbm=said.second_dbm,
            participant=None if found is None else _wearer_of(context, found.sensor),
        )


def _wearer_of(context: Context, sensor: SensorId) -> str | None:
    worn = context.room.worn.get(sensor)
    return None if worn is None else worn.participant
