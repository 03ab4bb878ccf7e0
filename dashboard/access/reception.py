"""The reception: knows who asks by cookie or token, lets people in and out, and has it written down."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.cookies import CookieError, SimpleCookie
from typing import Final, TypeVar

import msgspec
from starlette.datastructures import Headers

from dashboard.access.attempts import Attempts
from dashboard.access.book import Book, open_book, open_book_to_read
from dashboard.access.callers import EVERYBODY, NOBODY, Caller, Via
from dashboard.access.chain import Event
from dashboard.access.clerk import Clerk
from dashboard.access.codes import Codes
from dashboard.access.devices import Device, DeviceKind
from dashboard.access.held_logins import HeldLogin, HeldLogins
from dashboard.access.keys import hash_key
from dashboard.access.logins import SEEN_EVERY_MS
from dashboard.access.passwords import Passwords
from dashboard.access.roles import Role
from dashboard.access.shelves import Shelves
from dashboard.access.writer import Writer
from vitals.clock import Clock
from vitals.errors import SetupError, SetupReason, StorageError
from vitals.sessions import GenerationMode
from vitals.settings import Settings
from vitals.units import MonotonicMs, UtcMs

logger: Final = logging.getLogger(__name__)

LOGIN_COOKIE: Final = "vitals_login"
DEVICE_COOKIE: Final = "vitals_device"
RECHECK_S: Final = 30.0
"""A websocket's caller is looked at anew so often, and at once when access.db changes."""

LOOK_S: Final = 1.0
TOUCHED_MAX: Final = 1_000
BEARER: Final = "bearer "

Given = TypeVar("Given")


@contextmanager
def open_reception(settings: Settings, *, clock: Clock, is_open: bool) -> Iterator["Reception"]:
    """Open access.db for the dashboard.

    Raises:
        SetupError: open to everybody, but with real people, from elsewhere, or in a clinic that has users.
        StorageError: access.db cannot be opened.
    """
    file = settings.access_file
    with (
        closing(open_book(file)) as writing,
        closing(open_book_to_read(file)) as reading,
        closing(Writer()) as writer,
    ):
        if is_open:
            _require_demonstration(settings, Shelves(reading))
        yield Reception(
            writing=writing,
            reading=reading,
            writer=writer,
            clock=clock,
            room=settings.dashboard.room,
            is_open=is_open,
        )


def _require_demonstration(settings: Settings, shelves: Shelves) -> None:
    if settings.mode is GenerationMode.REAL:
        raise SetupError("mode = 'real': a demonstration shows no real people", SetupReason.NOT_ALLOWED)
    if settings.dashboard.host not in {"127.0.0.1", "localhost"}:
        problem = "a demonstration needs no login and is for 127.0.0.1 alone"
        raise SetupError(f"dashboard.host = {settings.dashboard.host!r}: {problem}", SetupReason.NOT_ALLOWED)
    if shelves.accounts.all():
        problem = "holds a clinic's users; a demonstration needs a folder of its own (--data)"
        raise SetupError(f"{settings.access_file}: {problem}", SetupReason.NOT_ALLOWED)


class Reception:
    """All who ask pass here; the gate, the login routes and the websocket work with it."""

    def __init__(self, *, writing: Book, reading: Book, writer: Writer, clock: Clock, room: str, is_open: bool) -> None:
        """Keep the two connections, one for the writer's thread; ``is_open``: nobody needs a login."""
        self.is_open: Final = is_open
        self.room: Final = room
        self.passwords = Passwords()
        self.attempts: Final = Attempts()
        self.codes: Final = Codes()
        self.known: Final = Shelves(reading)
        self._writing: Final = Shelves(writing)
        self._writer: Final = writer
        self.clerk: Final = Clerk(self._writing.trail, writer)
        self._clock: Final = clock
        self._changed = asyncio.Event()
        self._held: Final = HeldLogins()
        self._touched: dict[str, UtcMs] = {}
        """Who was there since the last look, by key."""

    def now_utc_ms(self) -> UtcMs:
        """Return the time of day."""
        return self._clock.utc_ms()

    def now_ms(self) -> MonotonicMs:
        """Return the monotonic time."""
        return self._clock.mono_ms()

    async def change(self, act: Callable[[Shelves], Given]) -> Given:
        """Change access.db in one transaction, in the writer's thread; whoever is connected is looked at anew.

        Raises:
            InputError: as the act says.
            StorageError: the disk did not take it.
        """

        def do() -> Given:
            with self._writing.book.change():
                return act(self._writing)

        given = await self._writer.run(do)
        self._say_changed()
        return given

    async def begin_login(self, key: str, account: str, *, instead_of: str | None) -> None:
        """Begin a login by the hash of its cookie; a disk that takes nothing keeps nobody from an alarm.

        Raises:
            StorageError: the disk did not take it, and too many are held.
        """
        now = self.now_utc_ms()
        try:
            await self.change(lambda shelves: shelves.logins.add(key, account, utc_ms=now, instead_of=instead_of))
        except StorageError as error:
            if not self._held.begin(HeldLogin(key=key, account=account, began_utc_ms=now, instead_of=instead_of)):
                raise
            self._say_held(error)
        else:
            self._held.drop(instead_of or "")

    async def end_login(self, key: str) -> None:
        """End a login, whatever the disk says.

        Raises:
            StorageError: the disk did not take it, and too many are held.
        """
        try:
            await self.change(lambda shelves: shelves.logins.end(key))
        except StorageError as error:
            if not self._held.end(key):
                raise
            self._say_held(error)
        else:
            self._held.drop(key)

    def note(self, caller: Caller, what: str, *, address: str, subject: str = "", detail: str = "") -> None:
        """Have something written into the audit log."""
        self.clerk.note(self.event(caller, what, address=address, subject=subject, detail=detail))

    def event(self, caller: Caller, what: str, *, address: str, subject: str = "", detail: str = "") -> Event:
        """Return an entry of the audit log, of now."""
        return Event(
            utc_ms=self.now_utc_ms(),
            who=caller.who,
            role=caller.role or "",
            via=caller.via.value,
            address=address,
            what=what,
            subject=subject[:200],
            detail=detail[:1000],
        )

    def identify(self, headers: Headers) -> Caller:
        """Return who asks: by token if one is given (alone), else by login, else by a display's key."""
        if self.is_open:
            return EVERYBODY
        given = headers.get("authorization")
        if given is not None:
            return self._by_token(given)
        cookies = read_cookies(headers)
        caller = self._by_login(cookies.get(LOGIN_COOKIE, ""))
        return self._by_display(cookies.get(DEVICE_COOKIE, "")) if caller is NOBODY else caller

    def look_again(self, caller: Caller) -> Caller:
        """Return who a caller is now; `NOBODY`: logged out, shut out, revoked."""
        if self.is_open:
            return caller
        match caller.via:
            case Via.LOGIN:
                return self._login_of(caller.key)
            case Via.TOKEN:
                return self._token_of(caller.key)
            case Via.DISPLAY:
                return self._display_of(caller.key)
            case _:
                return NOBODY

    def tablet_of(self, headers: Headers) -> Device | None:
        """Return the paired tablet that asks; None: it is none."""
        secret = read_cookies(headers).get(DEVICE_COOKIE, "")
        found = self.known.devices.find(hash_key(secret)) if secret else None
        return found if found is not None and found.kind is DeviceKind.TABLET else None

    def touch(self, caller: Caller) -> None:
        """Keep that somebody is there; the file gets it within a second, and nobody waits for that."""
        if caller.via is Via.LOGIN and not caller.has_run_out:
            self._touched[caller.key] = self.now_utc_ms()

    def next_change(self) -> asyncio.Event:
        """Return what is set when access.db may have changed next."""
        return self._changed

    async def run(self) -> None:
        """Watch access.db for what the command line changes, until cancelled."""
        seen, waited_s = -1, 0.0
        while True:
            try:
                await self._write_held()
                await self._keep_touched()
                version = self.known.book.version()
            except StorageError as error:
                logger.info(f"access.db cannot be looked at {error}")
                version = seen
            if version != seen or waited_s >= RECHECK_S:
                seen, waited_s = version, 0.0
                self._say_changed()
            await asyncio.sleep(LOOK_S)
            waited_s += LOOK_S

    async def _write_held(self) -> None:
        begun, ended = self._held.all()
        if not begun and not ended:
            return

        def write(shelves: Shelves) -> None:
            for login in begun:
                shelves.logins.add(login.key, login.account, utc_ms=login.began_utc_ms, instead_of=login.instead_of)
            for key in ended:
                shelves.logins.end(key)

        await self.change(write)
        self._held.forget(begun, ended)
        logger.info(f"logins written later begun={len(begun)} ended={len(ended)}")

    def _say_held(self, error: StorageError) -> None:
        logger.warning(f"login or logout held in memory: {error}")
        self._say_changed()

    async def _keep_touched(self) -> None:
        due: dict[str, UtcMs] = {}
        for key, at_utc_ms in self._touched.items():
            login = self.known.logins.find(key, now_utc_ms=at_utc_ms)
            if login is not None and abs(at_utc_ms - login.seen_utc_ms) >= SEEN_EVERY_MS:
                due[key] = at_utc_ms

        def keep(shelves: Shelves) -> None:
            for key, at_utc_ms in due.items():
                shelves.logins.touch(key, utc_ms=at_utc_ms)

        if due:
            await self.change(keep)
        for key, at_utc_ms in due.items():
            if self._touched.get(key) == at_utc_ms:
                del self._touched[key]
        if len(self._touched) > TOUCHED_MAX:
            self._touched.clear()

    def _say_changed(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _by_token(self, given: str) -> Caller:
        secret = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
        return self._token_of(hash_key(secret)) if secret else NOBODY

    def _token_of(self, key: str) -> Caller:
        token = self.known.devices.find_token(key)
        return NOBODY if token is None else Caller(via=Via.TOKEN, who=token.name, role=token.role, key=key)

    def _by_login(self, secret: str) -> Caller:
        return self._login_of(hash_key(secret)) if secret else NOBODY

    def _login_of(self, key: str) -> Caller:
        now = self.now_utc_ms()
        if self._held.has_ended(key):
            return NOBODY
        login = self.known.logins.find(key, now_utc_ms=now) or self._held.find(key, self.known)
        if login is None:
            return NOBODY
        login = msgspec.structs.replace(login, seen_utc_ms=max(login.seen_utc_ms, self._touched.get(key, 0)))
        return Caller(
            via=Via.LOGIN,
            who=login.account,
            role=login.role,
            key=key,
            has_run_out=login.has_run_out(now_utc_ms=now),
            emergency_until_utc_ms=login.emergency_until_utc_ms,
        )

    def _by_display(self, secret: str) -> Caller:
        return self._display_of(hash_key(secret)) if secret else NOBODY

    def _display_of(self, key: str) -> Caller:
        found = self.known.devices.find(key)
        if found is None or found.kind is not DeviceKind.DISPLAY or found.room != self.room:
            return NOBODY
        return Caller(via=Via.DISPLAY, who=found.name, role=Role.DISPLAY, key=key, sees_names=found.sees_names)


def read_cookies(headers: Headers) -> dict[str, str]:
    """Return the cookies of a request; of nonsense none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}
