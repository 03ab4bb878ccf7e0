import base64
import stat
from pathlib import Path

import pytest

from cli.pairing.members import (
    MEMBERS_MAX,
    Members,
    hash_password,
    new_password,
    read_members,
    render_acl,
    render_passwords,
    write_members,
)
from vitals.errors import InputError, SetupError
from vitals.units import UtcMs

NOW = UtcMs(1_800_000_000_000)


def test_a_hash_is_the_one_that_mosquitto_passwd_writes() -> None:
    # Printed by `mosquitto_passwd -c -b FILE g2 secret` of Mosquitto 2.0.11.
    theirs = (
        "$7$101$wigqH8Fa0ofSkiJT"
        "$PpBz4tseNh8nHMk6R4kZBlgMoye+zeYFAehVfavB/eSdIm4iZ4aNlh5KrzREOawvqAHZDiUpX49CmAMyeJOQjA=="
    )
    assert hash_password("secret", salt=base64.b64decode("wigqH8Fa0ofSkiJT")) == theirs


def test_no_password_is_like_another_and_none_is_kept() -> None:
    passwords = {new_password() for _ in range(100)}
    assert len(passwords) == 100
    password = passwords.pop()
    members = Members().admit("g2", password, now_utc_ms=NOW)
    assert password not in render_passwords(members) + repr(members)


def test_a_gateway_that_is_paired_again_has_one_password(tmp_path: Path) -> None:
    members = Members().admit("g2", "one", now_utc_ms=NOW).admit("g1", "x", now_utc_ms=NOW)
    members = members.admit("g2", "other", now_utc_ms=NOW)
    assert [member.gateway for member in members.gateways] == ["g1", "g2"]
    file = tmp_path / "gateways.json"
    assert read_members(file) == Members()
    write_members(file, members)
    assert read_members(file) == members
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_who_is_expelled_is_gone_and_a_stranger_cannot_be() -> None:
    members = Members().admit("g2", "one", now_utc_ms=NOW)
    assert members.expel("g2") == Members()
    with pytest.raises(InputError, match="'g3' is not paired"):
        members.expel("g3")


def test_the_list_has_an_end() -> None:
    members = Members()
    for number in range(MEMBERS_MAX):
        members = members.admit(f"g{number}", "x", now_utc_ms=NOW)
    with pytest.raises(InputError, match="would be number 65"):
        members.admit("one-more", "x", now_utc_ms=NOW)
    assert len(members.admit("g7", "again", now_utc_ms=NOW).gateways) == MEMBERS_MAX


def test_a_gateway_may_speak_for_itself_alone() -> None:
    members = Members().admit("g2", "x", now_utc_ms=NOW).admit("g3", "y", now_utc_ms=NOW)
    blocks = render_acl(members, site="gym").split("user ")[1:]
    for gateway, block in zip(("g2", "g3"), blocks, strict=True):
        assert block.startswith(gateway + "\n")
        topics = [line.split(" ", 2) for line in block.splitlines() if line.startswith("topic")]
        assert {verb for _, verb, _ in topics} == {"read", "write"}
        assert all(gateway in topic.split("/") for _, _, topic in topics)
        assert not any("#" in topic for _, _, topic in topics)


@pytest.mark.parametrize(
    "text", ["x", '{"v":2}', '{"gateways":[{"gateway":"a b","password_hash":"","paired_utc_ms":1}]}']
)
def test_a_damaged_list_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "gateways.json"
    file.write_text(text)
    with pytest.raises(SetupError, match=r"paired gateways .*gateways\.json: "):
        read_members(file)
