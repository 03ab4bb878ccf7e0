"""What a monitoring system may read at ``/metrics``: parts, radios and sensors in the Prometheus text format.

Sensors are told by their ids and radios by their place in the gateway's settings: no name of a person, no address. What
a part that is lost said last is left out, so that nothing dead looks alive; the number of label sets is bounded.
"""

import re
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from dashboard.hub import Hub
from dashboard.view.parts import PartsWatch, WatchedPart
from vitals.parts import Part
from vitals.sensors import RadioStatus, SensorStatus

METRICS_TYPE: Final = CONTENT_TYPE_LATEST

SENSORS_MAX: Final = 1_000
"""Of one gateway; what is more is left out."""
RADIOS_MAX: Final = 16
COUNTERS_MAX: Final = 64

_COUNTER: Final = re.compile(r"[a-z_]{1,48}\Z")
"""Counters of single sensors have a dot in their names and are told with the sensors."""

_SENSOR: Final = ("gateway", "sensor", "kind")
_RADIO: Final = ("gateway", "radio", "stack")
_PART: Final = ("part", "instance")


def render_metrics(parts: PartsWatch, hub: Hub) -> bytes:
    """Return everything as of now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scrape(parts, hub))
    return generate_latest(registry)


class _Scrape(Collector):
    """One answer to one question."""

    def __init__(self, parts: PartsWatch, hub: Hub) -> None:
        self._parts = parts.parts
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        yield from self._tell_parts()
        alive = {
            instance: known
            for (part, instance), known in self._parts.items()
            if part is Part.GATEWAY and known.state == "up"
        }
        yield from _tell_radios(alive)
        yield from _tell_sensors(alive)
        screens = GaugeMetricFamily("vitals_screens", "Screens that are connected to the dashboard.")
        screens.add_metric((), self._hub.clients)
        yield screens

    def _tell_parts(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("vitals_part_up", "Whether a part lives.", labels=_PART)
        waits = GaugeMetricFamily(
            "vitals_part_oldest_unhandled_seconds", "Age of the oldest thing that a part has not handled.", labels=_PART
        )
        problems = GaugeMetricFamily("vitals_part_problems", "Problems that a part tells of.", labels=_PART)
        counts = CounterMetricFamily(
            "vitals_part_events", "What a part has counted since its start.", labels=(*_PART, "event")
        )
        for (part, instance), known in self._parts.items():
            is_up, status = known.state == "up", known.watched.status
            up.add_metric((part.value, instance), is_up)
            if is_up:
                waits.add_metric((part.value, instance), status.oldest_unhandled_ms / 1000)
                problems.add_metric((part.value, instance), len(status.problems))
                named = [(name, count) for name, count in sorted(status.counters.items()) if _COUNTER.match(name)]
                for name, count in named[:COUNTERS_MAX]:
                    counts.add_metric((part.value, instance, name), count)
        yield from (up, waits, problems, counts)


def _tell_radios(gateways: dict[str, WatchedPart]) -> Iterator[Metric]:
    gauge, counter = GaugeMetricFamily, CounterMetricFamily
    up = gauge("vitals_radio_up", "Whether a radio is open.", labels=_RADIO)
    used = gauge("vitals_radio_slots_used", "Links of a radio that stand or are being made.", labels=_RADIO)
    slots = gauge("vitals_radio_slots", "Links that a radio can hold.", labels=_RADIO)
    waiting = gauge("vitals_radio_waiting", "Sensors that wait for their turn to be connected.", labels=_RADIO)
    heard = gauge("vitals_radio_advertisements_per_second", "Advertisements that a radio hears.", labels=_RADIO)
    links = counter("vitals_radio_connects", "Links made.", labels=_RADIO)
    errors = counter("vitals_radio_errors", "Attempts that failed, and losses of the radio.", labels=_RADIO)
    for gateway, known in gateways.items():
        for place, radio in enumerate(known.watched.status.radios[:RADIOS_MAX]):
            labels = (gateway, str(place), _stack_of(radio))
            up.add_metric(labels, radio.up)
            used.add_metric(labels, radio.slots_used)
            waiting.add_metric(labels, radio.waiting)
            heard.add_metric(labels, radio.adv_per_s)
            links.add_metric(labels, radio.connects)
            errors.add_metric(labels, radio.errors)
            if radio.slots_max is not None:
                slots.add_metric(labels, radio.slots_max)
    yield from (up, used, slots, waiting, heard, links, errors)


def _tell_sensors(gateways: dict[str, WatchedPart]) -> Iterator[Metric]:
    gauge, counter = GaugeMetricFamily, CounterMetricFamily
    families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {
        "gaps": counter("vitals_sensor_gaps", "Times that a stream was interrupted.", labels=_SENSOR),
        "reconnects": counter("vitals_sensor_reconnects", "Links after the first.", labels=_SENSOR),
        "notifications": counter("vitals_sensor_notifications", "What a sensor has said.", labels=_SENSOR),
        "undecodable": counter("vitals_sensor_undecodable", "What of it could not be read.", labels=_SENSOR),
        "rssi_dbm": gauge("vitals_sensor_rssi_dbm", "How strongly it was last heard calling.", labels=_SENSOR),
        "battery_pct": gauge("vitals_sensor_battery_percent", "Its battery.", labels=_SENSOR),
        "waits_for_slot": gauge("vitals_sensor_waits_for_slot", "Whether no radio has room for it.", labels=_SENSOR),
        "is_broadcast": gauge("vitals_sensor_broadcast", "Whether it is heard without a link.", labels=_SENSOR),
    }
    state = gauge("vitals_sensor_state", "1 for the state that a sensor is in.", labels=(*_SENSOR, "state"))
    latency = gauge(
        "vitals_sensor_latency_seconds",
        "From a notification to the broker, over the last minute.",
        labels=(*_SENSOR, "quantile"),
    )
    for gateway, known in gateways.items():
        for sensor in known.watched.status.sensors[:SENSORS_MAX]:
            labels = (gateway, sensor.sensor, sensor.kind.value)
            for name, family in families.items():
                value = getattr(sensor, name)
                if value is not None:
                    family.add_metric(labels, value)
            state.add_metric((*labels, sensor.state.value), 1)
            for quantile, late_ms in _quantiles(sensor):
                latency.add_metric((*labels, quantile), late_ms / 1000)
    yield from (*families.values(), state, latency)


def _quantiles(sensor: SensorStatus) -> Iterator[tuple[str, int]]:
    if sensor.latency_p50_ms is not None:
        yield "0.5", sensor.latency_p50_ms
    if sensor.latency_p99_ms is not None:
        yield "0.99", sensor.latency_p99_ms


def _stack_of(radio: RadioStatus) -> str:
    """Return the stack alone: the rest of a radio's name may be an address."""
    stack = radio.name.partition(":")[0]
    return stack if stack in {"bluez", "bumble"} else "other"
