import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.broker_url import BrokerUrl, mask_password, parse_broker_url
from vitals.errors import InputError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mqtt://h", BrokerUrl(host="h", port=1883)),
        ("mqtt://h:7/", BrokerUrl(host="h", port=7)),
        ("mqtts://h", BrokerUrl(host="h", port=8883, is_tls=True)),
        ("mqtt://[::1]:9", BrokerUrl(host="::1", port=9)),
        ("mqtts://me:p%40ss@h", BrokerUrl(host="h", port=8883, is_tls=True, user="me", password="p@ss")),
    ],
)
def test_an_address_is_read(text: str, url: BrokerUrl) -> None:
    assert parse_broker_url(text) == url


@pytest.mark.parametrize("text", ["", "h:1883", "http://h", "mqtt://", "mqtt://h:x", "mqtt://h:99999", "mqtt://h/t"])
def test_what_is_no_address_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(InputError, match="broker: ") as caught:
        parse_broker_url(text)
    assert repr(text) in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused_with_one_line(text: str) -> None:
    try:
        said = str(parse_broker_url(text))
    except InputError as refused:
        said = str(refused)
    assert "\n" not in said


@given(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.from_regex(r"[A-Z0-9]{9,20}", fullmatch=True))
def test_a_password_is_in_no_text_of_ours(user: str, password: str) -> None:
    text = f"mqtt://{user}:{password}@host"
    url = parse_broker_url(text)
    assert url.password == password
    assert all(password not in said for said in (str(url), repr(url), mask_password(text)))
