import re

from vitals.runs import new_run_id


def test_a_run_id_is_64_random_bits_in_hex() -> None:
    runs = {new_run_id() for _ in range(1000)}
    assert len(runs) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{16}", run) for run in runs)
