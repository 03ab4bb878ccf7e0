"""Only our own pages and programs are answered, and no page of a stranger through somebody's browser."""

import asyncio
import socket
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from cli.broker import free_port
from dashboard.guard import BODY_BYTES_MAX, names_of, require_allowed
from dashboard.server import listen
from tests.dashboard.house import House, settings_for
from vitals.errors import SetupError, SetupReason

NO_BROKER = "mqtt://127.0.0.1:1"

CASES: list[tuple[str, str, dict[str, str], int]] = [
    # Whom the request thinks it speaks to.
    ("GET", "/healthz", {}, 200),
    ("GET", "/healthz", {"host": "localhost:{port}"}, 200),
    ("GET", "/healthz", {"host": "LOCALHOST:{port}"}, 200),
    ("GET", "/healthz", {"host": "[::1]:{port}"}, 200),
    ("GET", "/healthz", {"host": "evil.example:{port}"}, 421),
    ("GET", "/healthz", {"host": "127.0.0.1"}, 421),
    ("GET", "/healthz", {"host": "127.0.0.1:1"}, 421),
    ("GET", "/healthz", {"host": "127.0.0.1.evil.example:{port}"}, 421),
    ("GET", "/healthz", {"host": ""}, 421),
    # Who stands in front.
    ("GET", "/api/v1/live", {"x-forwarded-for": "10.0.0.1"}, 403),
    ("GET", "/api/v1/live", {"x-forwarded-host": "clinic.example"}, 403),
    ("GET", "/api/v1/live", {"x-forwarded-proto": "https"}, 403),
    ("GET", "/api/v1/live", {"x-real-ip": "10.0.0.1"}, 403),
    ("GET", "/api/v1/live", {"forwarded": "for=10.0.0.1"}, 403),
    # Whose page asks for a change. 422: the guard let it pass, the empty body did not.
    ("POST", "/api/v1/audio-pause", {}, 422),
    ("POST", "/api/v1/audio-pause", {"origin": "http://127.0.0.1:{port}"}, 422),
    ("POST", "/api/v1/audio-pause", {"origin": "http://localhost:{port}", "sec-fetch-site": "same-origin"}, 422),
    ("POST", "/api/v1/audio-pause", {"origin": "http://evil.example"}, 403),
    ("POST", "/api/v1/audio-pause", {"origin": "https://127.0.0.1:{port}"}, 403),
    ("POST", "/api/v1/audio-pause", {"origin": "http://127.0.0.1:1"}, 403),
    ("POST", "/api/v1/audio-pause", {"origin": "null"}, 403),
    ("POST", "/api/v1/audio-pause", {"sec-fetch-site": "cross-site"}, 403),
    ("POST", "/api/v1/audio-pause", {"sec-fetch-site": "same-site"}, 403),
    ("PUT", "/api/v1/sessions", {"origin": "http://evil.example"}, 403),
    ("GET", "/api/v1/live", {"origin": "http://evil.example"}, 200),  # it may ask, its browser gives it no answer
]


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_the_matrix_of_hosts_origins_and_proxies(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        port = str(house.settings.dashboard.port)
        found = []
        for method, path, headers, _ in CASES:
            filled = {name: value.format(port=port) for name, value in headers.items()}
            answer = await house.http.request(method, path, headers=filled)
            found.append((method, path, headers, answer.status_code))
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert "access-control-allow-origin" not in answer.headers
            if answer.status_code >= 400:
                assert list(answer.json()) == ["detail"]
                assert "\n" not in answer.json()["detail"]

    assert found == CASES


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_strangers_page_gets_no_websocket(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        ours = f"http://{house.authority}"
        for headers in ({}, {"Origin": ours}):
            async with house.page(additional_headers=headers) as page:
                await page.take()
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"X-Forwarded-For": "10.0.0.1"}):
            with pytest.raises(InvalidStatus) as refused:
                async with house.page(additional_headers=headers):
                    pass
            assert refused.value.response.status_code == 403


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_body_without_end_is_refused_however_it_comes(tmp_path: Path) -> None:
    async def ask(port: int, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /api/v1/sessions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n%b\r\n%b" % (port, head, body))
        answer = await reader.readuntil(b"\r\n")
        writer.close()
        return answer

    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    dripped = piece * (BODY_BYTES_MAX // 0x10000) + b"1\r\nx\r\n"
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        port = house.settings.dashboard.port
        told = await ask(port, b"content-length: 1048577\r\n", b"")
        nonsense = await ask(port, b"content-length: 99999999999999999999\r\n", b"")
        untold = await ask(port, b"transfer-encoding: chunked\r\n", dripped)
        assert (await house.http.get("/healthz")).status_code == 200

    assert (told[:12], nonsense[:12], untold[:12]) == (b"HTTP/1.1 413",) * 3


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_body_that_never_comes_whole_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.guard.BODY_S", 0.5)
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        port = house.settings.dashboard.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /api/v1/sessions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: 9\r\n\r\n{" % port)
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body is not here after" in answer


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        port = house.settings.dashboard.port
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /api/v1/sessions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: 9\r\n\r\n{" % port)
        await writer.drain()
        assert (await house.http.get("/healthz")).status_code == 200
        writer.close()
        await writer.wait_closed()
        for _ in range(20):
            assert (await house.http.get("/healthz")).status_code == 200

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "clinic.example", ""])
def test_without_tls_nothing_but_this_machine_is_listened_on(host: str) -> None:
    with pytest.raises(SetupError, match=r"^dashboard\.host = .*: only this machine") as refused:
        require_allowed(host, is_tls=False)

    assert refused.value.reason is SetupReason.NOT_ALLOWED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_this_machine_has_many_names(host: str) -> None:
    require_allowed(host, is_tls=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4"])
def test_with_tls_the_network_is_listened_on(host: str) -> None:
    require_allowed(host, is_tls=True)


def test_a_server_for_the_network_is_called_by_its_names_alone() -> None:
    assert names_of("127.0.0.1", (), own_name="box")[-1] == "[::1]"
    assert "box" in names_of("0.0.0.0", (), own_name="box")
    assert names_of("0.0.0.0", ("wall.clinic",), own_name="box")[-1] == "wall.clinic"
    assert "box" not in names_of("0.0.0.0", ("wall.clinic",), own_name="box")


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nhost: 127"])
async def test_a_head_that_never_comes_whole_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr("dashboard.heads.HEAD_S", 0.5)
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.settings.dashboard.port)
        writer.write(sent)
        assert await reader.read() == b""
        writer.close()
        async with house.page() as page:  # who has said its head is not cut off
            for _ in range(3):
                await page.take()


def test_a_port_in_use_is_one_line_that_says_what_to_do() -> None:
    port = free_port()
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(SetupError, match=rf"^dashboard\.port = {port}: in use on 127\.0\.0\.1 .* --port$") as refused,
    ):
        listen("127.0.0.1", port)

    assert refused.value.reason is SetupReason.PORT_IN_USE


async def test_no_piece_of_an_answer_waits_for_the_one_before_to_be_confirmed() -> None:
    undelayed: list[int] = []

    def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        undelayed.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen("127.0.0.1", 0)
    async with await asyncio.start_server(look, sock=listener):
        reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        await reader.read()
        writer.close()

    assert [bool(flag) for flag in undelayed] == [True]
