"""The broker of the iotcore wheel as its own process: ``python -m cli.iotcore_broker CONFIG``, until it is killed."""

import signal
import sys

from iotcore.iotcore import IotCoreBroker


def main() -> None:
    """Run until a signal ends the process; rumqttd has no other way to stop."""
    # The broker never returns to Python, so a handler in Python would never run.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    IotCoreBroker(config_path=sys.argv[1]).run_forever()


if __name__ == "__main__":
    main()
