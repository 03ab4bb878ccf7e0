import subprocess
import sys


def test_a_gateway_loads_bumble_only_for_a_radio_that_needs_it() -> None:
    """Half of the start of a small box, which has the operating system's Bluetooth alone."""
    question = "import gateway.service, gateway.radio.bluez_stack, sys; print('bumble' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
