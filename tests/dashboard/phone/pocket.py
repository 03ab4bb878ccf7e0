"""A phone as a test holds it: a browser that keeps what it installs, and a real dashboard; and what alerts says."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, CDPSession, Page, ViewportSize, async_playwright, expect

from tests.chromium import CHROMIUM, FLAGS, find_serious
from tests.dashboard.house import House, Voice
from vitals.action_token import ACTION_MS, ActionToken, sign_action
from vitals.alarms import AlarmId
from vitals.delivery import (
    Answered,
    Attempt,
    AttemptState,
    ChannelName,
    DeliveryState,
    Reach,
    Response,
    SubscriptionId,
    WayState,
)
from vitals.duty import StaffId
from vitals.site_key import open_site_key
from vitals.topics import DeliveryTopic, ReachTopic
from vitals.units import UtcMs
from vitals.wire import encode

ROOT: Final = Path(__file__).resolve().parents[3]
PAYLOADS: Final[dict[str, dict[str, Any]]] = json.loads(
    (ROOT / "tests" / "data" / "push-payloads.json").read_text(encoding="utf-8")
)["payloads"]
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


class Pocket:
    """One phone."""

    def __init__(self, context: BrowserContext, page: Page, house: House, pictures: Path) -> None:
        """Keep the four."""
        self.context = context
        self.page = page
        self.url = f"http://{house.authority}"
        self._pictures = pictures

    async def open(self, path: str) -> None:
        """Open a page of the dashboard."""
        await self.page.goto(self.url + path)

    async def open_phone(self, query: str = "") -> None:
        """Open the phone's page and wait until it is live."""
        await self.open("/phone" + query)
        await expect(self.page.locator("body")).to_have_attribute("data-link", "live")

    async def picture(self, name: str) -> None:
        """Keep what it looks like."""
        await self.page.screenshot(path=self._pictures / f"{name}.png")

    async def defects(self) -> list[str]:
        """What axe-core finds that is serious."""
        return await find_serious(self.page)

    async def register(self) -> "Worker":
        """Wait for the service worker, and take hold of it as the push service would."""
        cdp = await self.context.new_cdp_session(self.page)
        registrations: list[dict[str, Any]] = []
        cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
        await cdp.send("ServiceWorker.enable")
        # Not a constant expression: the worker may still be on its way.
        await self.page.evaluate("navigator.serviceWorker.ready.then((found) => found.active.state)")
        # Not `wait_for_function` of an expression: it looks again by `eval`, which the policy of the page forbids.
        while not await self.page.evaluate("navigator.serviceWorker.controller !== null"):
            await self.page.wait_for_timeout(50)
        while not registrations:
            await self.page.wait_for_timeout(50)
        return Worker(self, cdp, registrations[-1]["registrationId"])


class Worker:
    """The phone's service worker."""

    def __init__(self, pocket: Pocket, cdp: CDPSession, registration: str) -> None:
        """Keep the three."""
        self._pocket = pocket
        self._cdp = cdp
        self._registration = registration

    async def push(self, payload: dict[str, Any] | str) -> None:
        """Deliver a push, as decrypted."""
        data = payload if isinstance(payload, str) else json.dumps(payload)
        origin = {"origin": self._pocket.url, "registrationId": self._registration}
        await self._cdp.send("ServiceWorker.deliverPushMessage", {**origin, "data": data})

    async def notes(self) -> list[dict[str, Any]]:
        """The notifications that the phone shows now."""
        found: list[dict[str, Any]] = await self._pocket.page.evaluate(
            """async () => {
              const registration = await navigator.serviceWorker.ready;
              const shown = await registration.getNotifications();
              return shown.map(({title, body, tag, data, actions, renotify, silent, requireInteraction}) =>
                ({title, body, tag, step: data?.step, actions: (actions ?? []).map(({action}) => action),
                  renotify, silent, requireInteraction}));
            }"""
        )
        return found

    async def until_noted(self, tag: str, **wanted: Any) -> dict[str, Any]:
        """Wait until the notification of a tag is as wanted; return it. One tag is one notification."""
        ends_s = time.monotonic() + 20
        while True:
            found = [note for note in await self.notes() if note["tag"] == tag]
            assert len(found) <= 1, found
            if found and all(found[0][name] == value for name, value in wanted.items()):
                return found[0]
            assert time.monotonic() < ends_s, (wanted, found)
            await self._pocket.page.wait_for_timeout(50)

    async def touch(self, tag: str, action: str) -> None:
        """Touch a button of a notification; "" is the notification itself."""
        (worker,) = self._pocket.context.service_workers
        await worker.evaluate(
            """async ([tag, action]) => {
              const [notification] = await self.registration.getNotifications({tag});
              const event = new NotificationEvent('notificationclick', {notification, action});
              // A made-up event keeps no worker alive, as a finger's does: this question does, until all is done.
              const work = [];
              event.waitUntil = (one) => work.push(one);
              self.dispatchEvent(event);
              await Promise.all(work);
            }""",
            [tag, action],
        )


@asynccontextmanager
async def open_pocket(house: House, folder: Path, pictures: Path, **more: Any) -> AsyncIterator[Pocket]:
    """Give a phone; it keeps its things in ``folder``. What goes wrong in a page fails the test."""
    given: dict[str, Any] = {"viewport": PHONE, "locale": "en-GB", "has_touch": True} | more
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder / f"browser-{secrets.token_hex(4)}", headless=True, executable_path=CHROMIUM, args=FLAGS, **given
        )
        await context.grant_permissions(["notifications"], origin=f"http://{house.authority}")
        page = context.pages[0]
        page.set_default_timeout(20_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield Pocket(context, page, house, pictures)
        await context.close()
        assert errors == []


class AlertsVoice:
    """Says what alerts would: how far the news has come, the ways; signs tokens with its key. And who is on duty."""

    def __init__(self, voice: Voice, house: House) -> None:
        """Keep the two."""
        self.voice = voice
        self._house = house
        self._key = open_site_key(house.settings.action_key_file)
        self._version = 1_000

    async def put_on_duty(self, session: str, **members: tuple[str, ...]) -> None:
        """Put people on duty, each with whose alarms are theirs first; sue is the supervisor."""
        kept = [
            {"staff": staff, "role": "supervisor" if staff == "sue" else "therapist", "participants": people}
            for staff, people in members.items()
        ]
        answer = await self._house.http.put(f"/api/v1/sessions/{session}/duty", json={"members": kept})
        assert answer.is_success, answer.text

    def say_call(self, alarm: str, *, called: tuple[str, ...] = (), **more: Any) -> None:
        """Say how far the news of an alarm has come."""
        now = UtcMs(self.voice.clock.utc_ms())
        self._version += 1
        state = more.pop("as_state", AttemptState.SENT)
        attempts = tuple(
            Attempt(staff=StaffId(staff), channel=ChannelName.WEB_PUSH, step=0, at_utc_ms=now, state=state)
            for staff in called
        )
        answers = tuple(
            Answered(staff=StaffId(staff), response=Response(response), at_utc_ms=now)
            for staff, response in more.pop("answers", {}).items()
        )
        said = DeliveryState(
            alarm_id=AlarmId(alarm),
            revision=self._version,
            onset_utc_ms=now,
            attempts=attempts,
            answers=answers,
            **more,
        )
        self.voice.bus.set_retained(str(DeliveryTopic(site="gym", alarm_id=alarm)), encode(said))

    def say_reach(self, *ways: tuple[str, str], **more: Any) -> None:
        """Say which subscription is whose."""
        now = UtcMs(self.voice.clock.utc_ms())
        self._version += 1
        kept = tuple(
            WayState(
                subscription=SubscriptionId(subscription),
                staff=StaffId(staff),
                channel=ChannelName.WEB_PUSH,
                since_utc_ms=now,
                label="Android",
                **more,
            )
            for subscription, staff in ways
        )
        self.voice.bus.set_retained(str(ReachTopic(site="gym")), encode(Reach(version=self._version, ways=kept)))

    def token(self, alarm: str, staff: str, *, age_ms: int = 0) -> str:
        """Sign a token, ``age_ms`` ago."""
        action = ActionToken(
            alarm_id=AlarmId(alarm),
            staff=StaffId(staff),
            expires_utc_ms=UtcMs(self.voice.clock.utc_ms() - age_ms + ACTION_MS),
            nonce=secrets.token_hex(8),
        )
        return sign_action(self._key, action)
