"""The ledger of `make test-bluez` sees each defect that it is there for."""

from tests.bluez.ledger import Heard, Outage, Said, find_faults

SAID = [Said(number=number, at_s=float(number), taken=True) for number in range(6)]


def heard(*numbers: int | None, run: str = "a") -> list[Heard]:
    return [Heard(run=run, seq=seq, number=number, at_s=0.0) for seq, number in enumerate(numbers)]


def test_everything_as_it_was_said_is_no_fault() -> None:
    assert find_faults(SAID, heard(0, 1, 2, 3, 4, 5), []) == []


def test_a_reading_that_comes_twice_is_no_fault() -> None:
    twice = heard(0, 1, 2, 3, 4, 5)

    assert find_faults(SAID, twice + twice, []) == []


def test_what_nobody_had_asked_for_need_not_be_heard() -> None:
    untaken = [Said(number=0, at_s=0.0, taken=False), *SAID[1:]]

    assert find_faults(untaken, heard(1, 2, 3, 4, 5), []) == []


def test_a_loss_is_a_fault_unless_there_was_an_outage() -> None:
    lossy = heard(0, 1, 4, 5)

    assert find_faults(SAID, lossy, [Outage(begin_s=1.5, end_s=3.5)]) == []
    assert find_faults(SAID, lossy, [Outage(begin_s=2.5, end_s=3.5)]) == ["lost without an outage: 2, said at 2.0 s"]


def test_nothing_heard_at_all_is_a_fault() -> None:
    assert len(find_faults(SAID, [], [])) == len(SAID)


def test_a_hole_in_the_seqs_is_a_fault_in_each_run() -> None:
    gone = heard(0, 1, 2)[:2] + heard(3, 4, 5, run="b")[1:]

    assert "run b has holes in its seqs: [0]" in find_faults(SAID, gone, [Outage(begin_s=0, end_s=9)])


def test_a_value_that_was_never_said_is_a_fault() -> None:
    assert "run a seq 2 was never said" in find_faults(SAID, heard(0, 1, None, 3, 4, 5), [Outage(begin_s=2, end_s=2)])


def test_a_changed_order_is_a_fault() -> None:
    assert find_faults(SAID, heard(0, 2, 1, 3, 4, 5), []) == ["not in the order of saying: [0, 2, 1, 3, 4, 5]"]


def test_one_seq_with_two_values_is_a_fault() -> None:
    assert "run a seq 0 came as 0 and as 7" in find_faults(SAID, heard(0, 1, 2, 3, 4, 5) + heard(7), [])
