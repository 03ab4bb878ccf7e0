"""Tokens of pushes: theirs alone who hold the key, for ten minutes, and nothing in them can be changed."""

from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.action_token import ACTION_MS, TOKEN_CHARS_MAX, ActionToken, read_action, sign_action
from vitals.alarms import AlarmId
from vitals.duty import StaffId
from vitals.errors import InputError
from vitals.units import UtcMs

KEY: Final = bytes(range(32))
NOW: Final = UtcMs(1_800_000_000_000)
ACTION: Final = ActionToken(
    alarm_id=AlarmId("5f1c0a9be2d34c67"),
    staff=StaffId("tom"),
    expires_utc_ms=UtcMs(NOW + ACTION_MS),
    nonce="0123456789abcdef",
)

ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=32)


@given(alarm=ids, staff=ids, key=st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_again(alarm: str, staff: str, key: bytes) -> None:
    action = msgspec.structs.replace(ACTION, alarm_id=AlarmId(alarm), staff=StaffId(staff))
    token = sign_action(key, action)

    assert read_action(key, token, now_utc_ms=NOW) == action
    assert len(token) <= TOKEN_CHARS_MAX


def test_it_holds_for_ten_minutes_and_not_one_ms_longer() -> None:
    token = sign_action(KEY, ACTION)

    assert read_action(KEY, token, now_utc_ms=UtcMs(NOW + ACTION_MS - 1)) == ACTION
    with pytest.raises(InputError, match="ten minutes are over"):
        read_action(KEY, token, now_utc_ms=UtcMs(NOW + ACTION_MS))


@given(place=st.integers(0, 10_000), letter=st.sampled_from("ABCxyz019-_.é\ud800 "))
def test_a_changed_letter_is_refused(place: int, letter: str) -> None:
    token = sign_action(KEY, ACTION)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    if changed == token or _same_bits(token, changed):
        return
    with pytest.raises(InputError, match="none of ours"):
        read_action(KEY, changed, now_utc_ms=NOW)


def _same_bits(token: str, changed: str) -> bool:
    """The last letter of a seal carries two bits that mean nothing."""
    return token[:-1] == changed[:-1]


@given(st.text(max_size=700))
def test_nonsense_is_refused_in_one_line(token: str) -> None:
    with pytest.raises(InputError) as refused:
        read_action(KEY, token, now_utc_ms=NOW)
    assert "\n" not in str(refused.value)


def test_another_key_makes_no_token() -> None:
    with pytest.raises(InputError, match="none of ours"):
        read_action(KEY, sign_action(bytes(32), ACTION), now_utc_ms=NOW)


def test_a_sealed_token_of_another_shape_is_refused() -> None:
    strange = msgspec.structs.replace(ACTION, nonce="not hex")
    with pytest.raises(InputError, match="another version"):
        read_action(KEY, sign_action(KEY, strange), now_utc_ms=NOW)
