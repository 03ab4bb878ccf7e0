import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.bus import topic_fits
from vitals.errors import InputError, InputReason
from vitals.topics import TOPICS, ReadingTopic, RosterTopic, Topic, parse_topic, topic_filter

LEVEL = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)


@st.composite
def topics(draw: st.DrawFn) -> Topic:
    kind = draw(st.sampled_from(TOPICS))
    return kind(**{name: draw(LEVEL) for name in kind.__struct_fields__})


@given(topics())
def test_a_topic_and_its_text_are_the_same_thing(topic: Topic) -> None:
    assert parse_topic(str(topic)) == topic


@given(topics())
def test_the_filter_of_a_kind_takes_every_topic_of_that_kind(topic: Topic) -> None:
    assert topic_fits(str(topic), topic_filter(type(topic), site=topic.site))


@given(topics(), st.sampled_from(TOPICS))
def test_the_filter_of_a_kind_takes_no_topic_of_another_kind(topic: Topic, other: type[Topic]) -> None:
    assert topic_fits(str(topic), topic_filter(other, site=topic.site)) == (other is type(topic))


@given(st.text(max_size=300))
def test_any_text_is_a_topic_or_refused(text: str) -> None:
    try:
        topic = parse_topic(text)
    except InputError as refused:
        error = refused
    else:
        assert str(topic) == text
        return
    assert error.reason is InputReason.UNKNOWN_TOPIC
    assert "\n" not in str(error)
    assert len(str(error)) < 2300


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vitals/v1/gym",
        "vitals/v2/gym/alarm/audio",
        "vitals/v1/gym/alarm/audio/more",
        "vitals/v1/gym/session/+/roster",
        "vitals/v1/gym/session//roster",
        "vitals/v1/gym/session/a b/roster",
        "vitals/v1/gym/session/" + "x" * 65 + "/roster",
    ],
)
def test_what_is_none_of_ours_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(InputError, match="none of ours") as caught:
        parse_topic(text)
    assert repr(text)[:50] in str(caught.value)


def test_a_filter_fixes_the_levels_that_are_given() -> None:
    assert topic_filter(ReadingTopic, site="gym", gateway="g1") == "vitals/v1/gym/gateway/g1/reading/+/+"
    assert topic_filter(RosterTopic, site="gym") == "vitals/v1/gym/session/+/roster"


@pytest.mark.parametrize(
    ("topic", "wanted", "fits"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/+", True),
        ("a/b", "#", True),
        ("a", "a/#", True),
        ("a/b/c", "a/#", True),
        ("a/b", "a", False),
        ("a", "a/b", False),
        ("a/b/c", "a/+", False),
        ("$SYS/x", "#", False),
        ("$SYS/x", "+/x", False),
        ("$SYS/x", "$SYS/#", True),
    ],
)
def test_filters_fit_as_the_standard_says(topic: str, wanted: str, *, fits: bool) -> None:
    assert topic_fits(topic, wanted) is fits
