"""Laws of radio spec strings: what they name, and one clear line for what they don't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.radio.spec import SLOTS_DEFAULT, RadioKind, RadioSpec, parse_radio_spec
from vitals.errors import SetupError, SetupReason


@pytest.mark.parametrize(
    ("text", "kind", "target", "slots"),
    [
        ("bluez:hci0", RadioKind.BLUEZ, "hci0", SLOTS_DEFAULT),
        ("bluez:hci12?slots=5", RadioKind.BLUEZ, "hci12", 5),
        ("bumble:tcp-client:127.0.0.1:9001", RadioKind.BUMBLE, "tcp-client:127.0.0.1:9001", SLOTS_DEFAULT),
        ("bumble:tcp-client:127.0.0.1:9001?slots=60", RadioKind.BUMBLE, "tcp-client:127.0.0.1:9001", 60),
        ("bumble:usb:0", RadioKind.BUMBLE, "usb:0", SLOTS_DEFAULT),
        ("bumble:unix:/run/radio.sock", RadioKind.BUMBLE, "unix:/run/radio.sock", SLOTS_DEFAULT),
        (" bumble:serial:/dev/ttyACM0,1000000 ", RadioKind.BUMBLE, "serial:/dev/ttyACM0,1000000", SLOTS_DEFAULT),
    ],
)
def test_a_spec_names_kind_target_and_slots(text: str, kind: RadioKind, target: str, slots: int) -> None:
    spec = parse_radio_spec(text)
    assert spec == RadioSpec(kind=kind, target=target, slots=slots)
    assert parse_radio_spec(spec.text) == spec


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "neither bluez nor bumble"),
        ("hci0", "'hci0' is neither"),
        ("bluez:", "adapter ''"),
        ("bluez:eth0", "adapter 'eth0'"),
        ("bluez:hci0?slots=0", "slots '0'"),
        ("bluez:hci0?slots=many", "slots 'many'"),
        ("bluez:hci0?slot=5", "unknown option 'slot'"),
        ("bumble:usb", "needs a place"),
        ("bumble:pigeon:1", "transport 'pigeon'"),
        ("bumble:tcp-client:127.0.0.1", "'127.0.0.1' is not HOST:PORT"),
        ("bumble:tcp-client:127.0.0.1:99999", "is not HOST:PORT"),
    ],
)
def test_what_is_no_radio_is_refused_with_the_value_in_the_line(text: str, problem: str) -> None:
    with pytest.raises(SetupError) as refusal:
        parse_radio_spec(text)
    assert refusal.value.reason is SetupReason.SETTINGS
    assert repr(text) in str(refusal.value)
    assert problem in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.text(max_size=60))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        spec = parse_radio_spec(text)
    except SetupError:
        return
    assert parse_radio_spec(spec.text) == spec
