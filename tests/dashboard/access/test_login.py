"""Getting in, being kept out, and leaving."""

import asyncio
import time
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest
from pwdlib import PasswordHash
from websockets.exceptions import ConnectionClosed

from dashboard.access.accounts import PIN_FAILURES_MAX
from dashboard.access.held_logins import HELD_MAX, HeldLogin, HeldLogins
from dashboard.access.keys import hash_key, new_key
from dashboard.access.passwords import require_password, require_pin
from dashboard.access.reception import LOGIN_COOKIE
from dashboard.access.roles import Role
from tests.dashboard.access.clinic_house import PASSWORD, Clinic, open_clinic
from tests.dashboard.house import Page, until
from vitals.deadline import deadline
from vitals.errors import InputError
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


def utc_ms() -> UtcMs:
    return UtcMs(time.time_ns() // 1_000_000)


async def is_closed_with_4401(page: Page) -> bool:
    try:
        async with deadline(20):
            while True:
                await page.take()
    except ConnectionClosed as error:
        return error.rcvd is not None and error.rcvd.code == 4401


async def test_who_logs_in_is_who_the_server_takes_one_for(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser() as tom:
        assert (await tom.get("/api/v1/live")).status_code == 401
        assert (await tom.get("/wall")).headers["location"] == "/login?next=/wall"
        answer = await clinic.log_in(tom, " Tom ")
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert answer.headers["cache-control"] == "no-store"
        me = (await tom.get("/api/v1/me")).json()
        assert (me["who"], me["role"], me["is_open"]) == ("tom", "therapist", False)
        assert (await tom.get("/api/v1/live")).status_code == 200
        assert (await tom.get("/wall")).status_code == 200
        # Of the key only its hash is kept.
        secret = tom.cookies[LOGIN_COOKIE]
        with clinic.book() as shelves:
            assert shelves.logins.find(hash_key(secret), now_utc_ms=utc_ms()) is not None
            assert shelves.logins.find(secret, now_utc_ms=utc_ms()) is None

        assert (await tom.post("/api/v1/logout")).json()["who"] == ""
        tom.cookies.set(LOGIN_COOKIE, secret)
        assert (await tom.get("/api/v1/live")).status_code == 401


async def test_guessing_ends_after_five_and_costs_no_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    verify = PasswordHash.verify

    def counting(self: PasswordHash, password: str, hashed: str) -> bool:
        compared.append(password)
        return verify(self, password, hashed)

    monkeypatch.setattr(PasswordHash, "verify", counting)
    async with open_clinic(tmp_path) as clinic, clinic.browser() as guesser:
        statuses = [(await clinic.log_in(guesser, "ada", f"guess number {n}")).status_code for n in range(8)]
        assert statuses == [401] * 5 + [429] * 3
        right = await clinic.log_in(guesser, "ada")
        assert right.status_code == 429  # also the right one has to wait
        assert 1 <= int(right.headers["retry-after"]) <= 61
        assert len(compared) == 5
        # Others are not shut out by it, until one address has tried 20 times.
        assert (await clinic.log_in(guesser, "sue")).status_code == 200
        more = [(await clinic.log_in(guesser, f"nobody{n}", "x")).status_code for n in range(20)]
        assert more.count(429) >= 5
        await until(lambda: clinic.audited().count(":login_failed:ada") == 5, "failed logins are written down")


async def test_an_unknown_user_is_compared_like_a_known_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    verify = PasswordHash.verify

    def counting(self: PasswordHash, password: str, hashed: str) -> bool:
        calls.append(len(hashed))
        return verify(self, password, hashed)

    monkeypatch.setattr(PasswordHash, "verify", counting)
    async with open_clinic(tmp_path) as clinic, clinic.browser() as browser:
        known = await clinic.log_in(browser, "ada", "wrong wrong wrong")
        unknown = await clinic.log_in(browser, "eve", "wrong wrong wrong")
        with clinic.book() as shelves:
            shelves.accounts.set_disabled("tim", is_disabled=True)
        shut_out = await clinic.log_in(browser, "tim")

        assert known.status_code == unknown.status_code == shut_out.status_code == 401
        assert known.text == unknown.text == shut_out.text
        assert len(calls) == 3
        assert len(set(calls)) == 1
        await until(lambda: ":login_failed:" in clinic.audited(), "the unknown one is written down")
        assert not any("eve" in line for line in clinic.audited())  # it may have been a password


async def test_a_key_from_before_the_login_is_worth_nothing_after_it(tmp_path: Path) -> None:
    planted = new_key().secret
    async with open_clinic(tmp_path) as clinic, clinic.browser() as victim, clinic.browser() as thief:
        for browser in (victim, thief):
            browser.cookies.set(LOGIN_COOKIE, planted)
        await clinic.log_in(victim, "tom")
        assert victim.cookies.get(LOGIN_COOKIE, domain="127.0.0.1") != planted
        assert (await thief.get("/api/v1/live")).status_code == 401

        before = victim.cookies.get(LOGIN_COOKIE, domain="127.0.0.1")
        victim.cookies.delete(LOGIN_COOKIE, domain="")
        await clinic.log_in(victim, "sue")
        thief.cookies.set(LOGIN_COOKIE, before or "")
        assert (await thief.get("/api/v1/live")).status_code == 401


async def test_logging_out_and_shutting_out_end_the_stream_at_once(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        headers = await clinic.headers_of("therapist")
        async with clinic.page(additional_headers=headers) as page:
            await page.take()
            async with clinic.browser(headers=headers) as browser:
                await browser.post("/api/v1/logout")
            assert await is_closed_with_4401(page)

        headers = await clinic.headers_of("therapist")
        async with clinic.page(additional_headers=headers) as page:
            await page.take()
            with clinic.book() as shelves:  # as `vitals user disable` does
                for name in ("tom", "tim"):
                    shelves.accounts.set_disabled(name, is_disabled=True)
            assert await is_closed_with_4401(page)


async def test_a_login_that_has_run_out_sees_and_does_nothing(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        headers = await clinic.headers_of("admin")
        async with clinic.page(additional_headers=headers) as page, clinic.browser(headers=headers) as browser:
            await page.take()
            key = hash_key(headers["cookie"].partition("=")[2])
            with clinic.book() as shelves:
                shelves.logins.touch(key, utc_ms=UtcMs(utc_ms() - 16 * 60_000))
            assert (await browser.get("/api/v1/live")).status_code == 401
            me = (await browser.get("/api/v1/me")).json()
            assert (me["who"], me["has_run_out"], me["may"]) == ("ada", True, ["anybody", "watch"])
            # The wall stays, and so do its frames; a new page of it opens.
            assert (await browser.get("/wall")).status_code == 200
            for _ in range(3):
                await page.take()
            assert await clinic.close_code(headers) is None
            # A wish on the websocket changes nothing and does not close it.
            await page.socket.send('{"t": "pause_audio", "seconds": 120, "by": "XX"}')
            await until(lambda: "ada:pause_audio:" in clinic.audited(), "the try is written down")
            for _ in range(3):
                await page.take()
            assert page.known["audio"].get("paused_until_ms") is None
            refused = await browser.post("/api/v1/audio-pause", json={"seconds": 60, "by": "XX"})
            assert refused.status_code == 401
            assert refused.json()["detail"].startswith("login: ada was away too long")
            assert (await clinic.log_in(browser, "ada")).status_code == 200


async def test_a_busy_login_does_not_run_out_and_a_polling_page_keeps_none_alive(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        headers = await clinic.headers_of("supervisor")
        key = hash_key(headers["cookie"].partition("=")[2])

        def seen_ago_ms() -> int:
            with clinic.book() as shelves:
                login = shelves.logins.find(key, now_utc_ms=utc_ms())
                assert login is not None
                return utc_ms() - login.seen_utc_ms

        async with clinic.browser(headers=headers) as browser:
            with clinic.book() as shelves:
                shelves.logins.touch(key, utc_ms=UtcMs(utc_ms() - 14 * 60_000))
            for path in ("/api/v1/me", "/api/v1/live", "/healthz", "/static/wall.css"):
                await browser.get(path)
            assert seen_ago_ms() >= 14 * 60_000
            await browser.get("/api/v1/sessions")
            await until(lambda: seen_ago_ms() < 14 * 60_000, "it is kept that somebody is there")


async def test_the_first_link_works_once(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        key = new_key()
        with clinic.book() as shelves, shelves.book.change():
            shelves.book.run("DELETE FROM account")
            shelves.devices.set_first_link(key.hash, until_utc_ms=UtcMs(utc_ms() + 60_000))
        body = {"secret": key.secret, "user": "boss", "password": PASSWORD}
        async with clinic.browser() as boss, clinic.browser() as late:
            weak = await boss.post("/api/v1/first", json=body | {"password": "short"})
            assert weak.status_code == 422
            assert "short" not in weak.text
            made = await boss.post("/api/v1/first", json=body)
            assert (made.status_code, made.json()["role"]) == (200, "admin")
            again = await late.post("/api/v1/first", json=body | {"user": "thief"})
            assert again.status_code == 403
            assert (await late.get("/api/v1/devices")).status_code == 401
            with clinic.book() as shelves:
                assert [account.name for account in shelves.accounts.all()] == ["boss"]
        await until(lambda: "boss:first_admin:boss" in clinic.audited(), "it is written down")


async def pair_tablet(clinic: Clinic, browser: httpx.AsyncClient, name: str) -> None:
    await clinic.log_in(browser, "sue")
    assert (await browser.post("/api/v1/tablets", json={"name": name})).status_code == 201
    await browser.post("/api/v1/logout")


async def test_a_pin_opens_on_a_paired_tablet_alone(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser() as tablet, clinic.browser() as phone:
        await clinic.log_in(phone, "tom")
        assert (await phone.post("/api/v1/me/pin", json={"password": "wrong", "pin": "4071"})).status_code == 403
        assert (await phone.post("/api/v1/me/pin", json={"password": PASSWORD, "pin": "1234"})).status_code == 422
        assert (await phone.post("/api/v1/me/pin", json={"password": PASSWORD, "pin": "4071"})).json()["has_pin"]
        await phone.post("/api/v1/logout")
        by_pin: dict[str, Any] = {"json": {"user": "tom", "pin": "4071"}}

        assert (await phone.post("/api/v1/login", **by_pin)).status_code == 403
        await pair_tablet(clinic, tablet, "tablet-1")
        assert (await tablet.post("/api/v1/login", json={"user": "tom", "pin": "9999"})).status_code == 401
        inside = await tablet.post("/api/v1/login", **by_pin)
        assert (inside.status_code, inside.json()["tablet"]) == (200, "tablet-1")

        async with clinic.script(Role.SUPERVISOR) as desk:
            assert (await desk.post("/api/v1/devices/tablet-1/revoke")).status_code == 200
        await tablet.post("/api/v1/logout")
        assert (await tablet.post("/api/v1/login", **by_pin)).status_code == 403


async def test_after_ten_wrong_pins_only_the_password_opens(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser() as tablet:
        await pair_tablet(clinic, tablet, "tablet-1")
        await clinic.log_in(tablet, "tom")
        await tablet.post("/api/v1/me/pin", json={"password": PASSWORD, "pin": "4071"})
        with clinic.book() as shelves:
            for _ in range(PIN_FAILURES_MAX):
                shelves.accounts.count_pin("tom", is_right=False)
        assert (await tablet.post("/api/v1/login", json={"user": "tom", "pin": "4071"})).status_code == 401
        assert (await clinic.log_in(tablet, "tom")).status_code == 200
        assert (await tablet.post("/api/v1/login", json={"user": "tom", "pin": "4071"})).status_code == 200


async def test_a_token_lets_a_script_in_and_no_cookie_helps_it(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.script(Role.THERAPIST) as script:
        assert (await script.get("/api/v1/live")).status_code == 200
        assert (await script.get("/api/v1/devices")).status_code == 403
        with clinic.book() as shelves:
            shelves.devices.revoke_token("t-therapist")
        assert (await script.get("/api/v1/live")).status_code == 401
        # A wrong token beside a good cookie is not let in by the cookie.
        headers = await clinic.headers_of("admin")
        async with clinic.browser(headers=headers | {"authorization": "Bearer nonsense"}) as mixed:
            assert (await mixed.get("/api/v1/live")).status_code == 401


async def test_a_strangers_page_can_neither_post_nor_listen_with_a_login(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        headers = await clinic.headers_of("admin")
        for origin in ("http://evil.example", "null", f"https://{clinic.authority}"):
            async with clinic.browser(headers=headers | {"origin": origin}) as browser:
                for path in ("/api/v1/audio-pause", "/api/v1/login", "/api/v1/tablets"):
                    assert (await browser.post(path, json={})).status_code == 403
        async with clinic.script(Role.ADMIN) as script:  # no token opens the guard either
            answer = await script.post("/api/v1/audio-pause", json={}, headers={"origin": "http://evil.example"})
            assert answer.status_code == 403


@pytest.mark.parametrize("password", ["short", "a" * 10, "1212121212", "tom tom tom tom", "x" * 201])
def test_easy_passwords_are_not_taken_nor_repeated(password: str) -> None:
    with pytest.raises(InputError) as refused:
        require_password(password, name="tom")

    assert password not in str(refused.value)


@pytest.mark.parametrize("pin", ["123", "1111", "1234", "9876", "0123", "12345678", "12a4", "٣٤٥٦"])
def test_easy_pins_are_not_taken(pin: str) -> None:
    with pytest.raises(InputError):
        require_pin(pin)


async def test_the_loop_goes_on_while_a_password_is_hashed(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, clinic.browser() as browser, asyncio.TaskGroup() as tasks:
        entry = tasks.create_task(clinic.log_in(browser, "tom"))
        assert (await clinic.http.get("/healthz")).status_code == 200
        assert (await entry).status_code == 200


# Nine times somebody waits for the disk, each as long as the desk has patience with it: 47 s on an idle machine.
@pytest.mark.timeout(180)
async def test_a_disk_that_takes_nothing_keeps_nobody_out_or_in(tmp_path: Path) -> None:
    async with (
        open_clinic(tmp_path) as clinic,
        clinic.browser() as tom,
        clinic.browser() as sue,
        clinic.browser() as ada,
    ):
        await clinic.log_in(tom, "tom")
        old = tom.cookies[LOGIN_COOKIE]
        locker = apsw.Connection(str(clinic.settings.access_file))
        locker.set_busy_timeout(10_000)
        locker.execute("BEGIN EXCLUSIVE").fetchall()
        try:
            assert (await clinic.log_in(sue, "sue")).json()["who"] == "sue"
            held = sue.cookies[LOGIN_COOKIE]
            assert (await clinic.log_in(ada, "ada")).json()["who"] == "ada"
            late = ada.cookies[LOGIN_COOKIE]
            assert (await sue.get("/api/v1/me")).json()["who"] == "sue"
            paused = await sue.post("/api/v1/audio-pause", json={"seconds": 0, "by": "SU"})
            assert paused.status_code == 202
            # Another login ends the one before, and a logout ends it, though the file says otherwise.
            assert (await clinic.log_in(tom, "tom")).status_code == 200
            async with clinic.browser(cookies={LOGIN_COOKIE: old}) as thief:
                assert (await thief.get("/api/v1/me")).json()["who"] == ""
            gone = tom.cookies[LOGIN_COOKIE]
            assert (await tom.post("/api/v1/logout")).json()["who"] == ""
            async with clinic.browser(cookies={LOGIN_COOKIE: gone}) as thief:
                assert (await thief.get("/api/v1/me")).json()["who"] == ""
        finally:
            locker.execute("ROLLBACK").fetchall()
            locker.close()
        # The disk takes the logout before it was told of the login, which must not come after it.
        assert (await ada.post("/api/v1/logout")).json()["who"] == ""

        def is_written() -> bool:
            with clinic.book() as shelves:
                is_kept = shelves.logins.find(hash_key(held), now_utc_ms=utc_ms()) is not None
                return is_kept and shelves.logins.find(hash_key(old), now_utc_ms=utc_ms()) is None

        await until(is_written, "the file knows what happened meanwhile")
        assert (await sue.get("/api/v1/live")).status_code == 200
        assert (await tom.get("/api/v1/live")).status_code == 401
        async with clinic.browser(cookies={LOGIN_COOKIE: late}) as thief:
            assert (await thief.get("/api/v1/me")).json()["who"] == ""
        await until(lambda: {"sue:login:sue", "tom:logout:"} <= set(clinic.audited()), "so does the audit log")


def test_so_many_logins_are_held_and_no_more() -> None:
    held = HeldLogins()
    for number in range(HELD_MAX):
        assert held.begin(HeldLogin(key=f"k{number}", account="tom", began_utc_ms=utc_ms(), instead_of=None))
    assert not held.begin(HeldLogin(key="one more", account="tom", began_utc_ms=utc_ms(), instead_of=None))
    assert held.end("k0")
    assert held.begin(HeldLogin(key="one more", account="tom", began_utc_ms=utc_ms(), instead_of=None))
    begun, ended = held.all()
    assert ended == ()
    # What ends while it is written must end on disk too.
    assert held.end("k1")
    held.forget(begun, ended)
    assert held.all() == ((), ("k1",))
    assert held.has_ended("k1")


@pytest.mark.parametrize("is_under_way", [False, True])
def test_a_held_login_that_ended_on_disk_is_not_written_after_its_end(*, is_under_way: bool) -> None:
    held = HeldLogins()
    held.begin(HeldLogin(key="k", account="tom", began_utc_ms=utc_ms(), instead_of=None))
    begun, ended = held.all()
    held.drop("k")
    if is_under_way:
        held.forget(begun, ended)
    assert held.all() == ((), ("k",) if is_under_way else ())
