"""The channels: one line each. A new one is a file beside these, a name in `vitals.delivery` and a line here."""

from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from alerts.channels.outcome import Channel, Surroundings
from vitals.delivery import ChannelName
from vitals.errors import SetupError, SetupReason


class Registered(NamedTuple):
    """Where a channel is, and how long it may take for one message."""

    module: str
    kind: str
    time_out_s: float


CHANNELS: Final = {
    ChannelName.WEB_PUSH: Registered("alerts.channels.web_push", "WebPushChannel", 10.0),
    ChannelName.NTFY: Registered("alerts.channels.ntfy", "NtfyChannel", 10.0),
    ChannelName.APPRISE: Registered("alerts.channels.apprise_hop", "AppriseChannel", 30.0),
    ChannelName.PAGE: Registered("alerts.channels.page", "PageChannel", 1.0),
}
"""Imported when the first way of a kind is opened: a site without phones loads none of it."""


def open_channel(name: ChannelName, surroundings: Surroundings) -> Channel:
    """Return a channel, ready to send.

    Raises:
        SetupError: its packages are not installed, or its key cannot be read.
    """
    module, kind, _ = CHANNELS[name]
    try:
        make: Callable[[Surroundings], Channel] = getattr(import_module(module), kind)
        return make(surroundings)
    except ModuleNotFoundError as error:
        msg = f"{name} needs the package {error.name}: install session-vitals[alerts]"
        raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
    except (OSError, ValueError) as error:
        raise SetupError(f"{name} cannot be opened: {error}", SetupReason.SETTINGS) from error
