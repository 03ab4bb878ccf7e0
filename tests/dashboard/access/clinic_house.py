"""A dashboard that asks for a login, with a user of each role; passwords cost a millisecond instead of 300."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from pwdlib.hashers.argon2 import Argon2Hasher
from websockets.exceptions import ConnectionClosed

from dashboard.access.book import open_book
from dashboard.access.devices import Device, DeviceKind, Token
from dashboard.access.keys import new_key
from dashboard.access.passwords import Passwords
from dashboard.access.reception import DEVICE_COOKIE, LOGIN_COOKIE
from dashboard.access.roles import Role
from dashboard.access.shelves import Shelves
from tests.dashboard.house import PATIENCE_S, House, settings_for
from vitals.settings import Settings
from vitals.units import UtcMs

NO_BROKER: Final = "mqtt://127.0.0.1:1"
PASSWORD: Final = "correct horse battery"
PEOPLE: Final = {"ada": Role.ADMIN, "sue": Role.SUPERVISOR, "tom": Role.THERAPIST, "tim": Role.THERAPIST}


def cheap() -> Passwords:
    return Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


def furnish(settings: Settings, *, now_utc_ms: int) -> dict[Role, str]:
    """Add the people and a token of each role; return the tokens."""
    hashed, tokens = cheap().hash_now(PASSWORD), {}
    with closing(open_book(settings.access_file)) as book, book.change():
        shelves = Shelves(book)
        for name, role in PEOPLE.items():
            shelves.accounts.add(name, role, password=hashed, utc_ms=UtcMs(now_utc_ms))
        for role in (Role.ADMIN, Role.SUPERVISOR, Role.THERAPIST):
            key = new_key()
            tokens[role] = key.secret
            shelves.devices.add_token(Token(name=f"t-{role}", role=role, created_utc_ms=UtcMs(now_utc_ms)), key.hash)
    return tokens


class Clinic(House):
    """As `House`, but nobody gets in without a login."""

    tokens: dict[Role, str]

    is_open = False

    def browser(self, **more: Any) -> httpx.AsyncClient:
        """Somebody's browser: keeps cookies."""
        return httpx.AsyncClient(base_url=f"http://{self.authority}", trust_env=False, timeout=PATIENCE_S, **more)

    def script(self, role: Role) -> httpx.AsyncClient:
        return self.browser(headers={"authorization": f"Bearer {self.tokens[role]}"})

    async def log_in(self, browser: httpx.AsyncClient, user: str, password: str = PASSWORD) -> httpx.Response:
        return await browser.post("/api/v1/login", json={"user": user, "password": password})

    async def headers_of(self, name: str) -> dict[str, str]:
        """Cookies of one who is logged in, long away ("run out"), a paired display, or nobody."""
        if name == "nobody":
            return {}
        key = new_key()
        now = UtcMs(time.time_ns() // 1_000_000)
        with self.book() as shelves, shelves.book.change():
            if name == "display":
                wall = Device(
                    name=f"wall-{key.hash[:8]}",
                    kind=DeviceKind.DISPLAY,
                    room=self.settings.dashboard.room,
                    sees_names=False,
                    created_utc_ms=now,
                )
                shelves.devices.add(wall, key.hash)
                return {"cookie": f"{DEVICE_COOKIE}={key.secret}"}
            user = next(user for user, role in PEOPLE.items() if role == ("admin" if name == "run out" else name))
            shelves.logins.add(key.hash, user, utc_ms=now, instead_of=None)
            if name == "run out":
                shelves.logins.touch(key.hash, utc_ms=UtcMs(now - 3_600_000))
        return {"cookie": f"{LOGIN_COOKIE}={key.secret}"}

    async def someone(self, name: str) -> httpx.AsyncClient:
        return self.browser(headers=await self.headers_of(name))

    async def close_code(self, headers: dict[str, str]) -> int | None:
        """Open the stream; return with which code it is closed, None when a frame comes."""
        try:
            async with self.page(additional_headers=headers) as page:
                await page.take()
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006
        return None

    @contextmanager
    def book(self) -> Iterator[Shelves]:
        """As the command line: another connection to access.db."""
        with closing(open_book(self.settings.access_file)) as book:
            yield Shelves(book)

    def audited(self) -> list[str]:
        with self.book() as shelves:
            return [f"{row.event.who}:{row.event.what}:{row.event.subject}" for row in shelves.trail.rows()]


@asynccontextmanager
async def open_clinic(folder: Path, broker: str = NO_BROKER, **dashboard: Any) -> AsyncIterator[Clinic]:
    settings = settings_for(folder, broker, **dashboard)
    clinic = Clinic(settings)
    clinic.tokens = furnish(settings, now_utc_ms=1)
    async with clinic:
        yield clinic
