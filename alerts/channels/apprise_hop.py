"""Apprise, the last hop: e-mail, SMS, Teams, Telegram and what else it knows. In a thread with one slot.

It tells only whether a service took it, has no tags and takes its time; therefore it is the second channel.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote

import msgspec

from alerts.channels.ntfy import RESPOND_PATH
from alerts.channels.outcome import SENT, Outcome, Surroundings, Verdict
from vitals.errors import InputError, InputReason
from vitals.push_message import PushKind, PushMessage

SCHEMES: Final = frozenset(
    {
        *("mailto", "mailtos", "ntfy", "ntfys", "gotify", "gotifys", "pover", "signal", "signals", "matrix", "matrixs"),
        *("tgram", "msteams", "workflow", "workflows", "slack", "discord", "mmost", "mmosts", "rocket", "rockets"),
        *("twilio", "vonage", "nexmo", "sns", "clicksend", "sinch", "msgbird", "d7sms", "voipms", "seven", "plivo"),
        *("threema", "whatsapp", "pagerduty", "opsgenie", "splunk", "json", "jsons"),
    }
)
"""Services that carry a message to people. Apprise also knows ways onto this machine (files, programs, its desktop):
those are none."""

TIME_OUT_S: Final = 4
"""For a connection and for an answer each: a hanging service holds the one slot no longer."""

ADDRESS_CHARS_MAX: Final = 2_000


class AppriseChannel:
    """Hands messages to apprise, one after the other."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Start the thread, which imports apprise (half a second) when the first message needs it."""
        self._dashboard_url: Final = surroundings.dashboard_url
        self._thread: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alerts.apprise")
        # It logs addresses with their passwords.
        logging.getLogger("apprise").setLevel(logging.CRITICAL)

    def check(self, address: str) -> None:
        """Refuse what is no address of a service that carries messages to people."""
        scheme, separator, rest = address.partition("://")
        if not separator or not rest or len(address) > ADDRESS_CHARS_MAX or not address.isprintable():
            raise InputError("address", "is no address of apprise", InputReason.WRONG_SHAPE)
        if scheme.lower() not in SCHEMES:
            problem = f"{scheme[:20]!r} is none of {', '.join(sorted(SCHEMES))}"
            raise InputError("address", problem, InputReason.NOT_ALLOWED)

    async def send(self, address: str, message: PushMessage, *, is_urgent: bool) -> Outcome:
        """Hand one message over. What is over is not taken back: these services have no tags."""
        if message.kind is PushKind.CLEAR:
            return SENT
        url = apprise_url(address, message, dashboard_url=self._dashboard_url)
        body = message.body if not self._dashboard_url else f"{message.body}\n{self._dashboard_url}{message.url}"
        loop = asyncio.get_running_loop()
        try:
            took = await loop.run_in_executor(self._thread, _notify, url, message.title, body, is_urgent)
        except Exception as error:  # noqa: BLE001 - a hundred services of others, each with errors of its own
            return Outcome(verdict=Verdict.LATER, problem=f"apprise failed: {type(error).__name__}")
        if took is None:
            return Outcome(verdict=Verdict.REFUSED, problem="apprise does not know this address")
        return SENT if took else Outcome(verdict=Verdict.LATER, problem="the service did not take it")

    async def close(self) -> None:
        """Let the thread end after what it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def apprise_url(address: str, message: PushMessage, *, dashboard_url: str) -> str:
    """Return the address with what every message needs: no picture from elsewhere, short time-outs, the button."""
    more = f"image=no&cto={TIME_OUT_S}&rto={TIME_OUT_S}"
    if address.lower().startswith("ntfy") and dashboard_url and message.token:
        body = msgspec.json.encode({"token": message.token, "response": "accept"}).decode()
        button = f"http, Accept, {dashboard_url}{RESPOND_PATH}, method=POST, clear=true"
        button += f", headers.Content-Type=application/json, body='{body}'"
        # Not encoded it would be cut at its first comma.
        more += f"&actions={quote(button, safe='')}"
    return f"{address}{'&' if '?' in address else '?'}{more}"


def _notify(url: str, title: str, body: str, is_urgent: bool) -> bool | None:  # noqa: FBT001 - run_in_executor's way
    """Send with apprise; None: it does not know the address. Runs in the thread."""
    import apprise  # noqa: PLC0415 - half a second and 14 MB, for those sites that use it

    to: Any = apprise.Apprise()
    if not to.add(url):
        return None
    kind = apprise.NotifyType.FAILURE if is_urgent else apprise.NotifyType.WARNING
    return bool(to.notify(title=title, body=body, notify_type=kind))
