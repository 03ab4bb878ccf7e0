"""The numbers that Bluetooth SIG gave to the services and characteristics we use, as bleak writes them.

Source: Assigned Numbers, sections 3.4 (services) and 3.8 (characteristics). 128 bits, lower case: bleak finds nothing
by any other spelling.
"""

from typing import Final


def full_uuid(short: int) -> str:
    """Return the 128-bit form of a 16-bit number: ``full_uuid(0x180D)`` is the heart-rate service."""
    return f"{short:08x}-0000-1000-8000-00805f9b34fb"


HEART_RATE_SERVICE: Final = full_uuid(0x180D)
HEART_RATE_MEASUREMENT: Final = full_uuid(0x2A37)
BODY_SENSOR_LOCATION: Final = full_uuid(0x2A38)

PULSE_OXIMETER_SERVICE: Final = full_uuid(0x1822)
PLX_CONTINUOUS_MEASUREMENT: Final = full_uuid(0x2A5F)
PLX_FEATURES: Final = full_uuid(0x2A60)

BATTERY_SERVICE: Final = full_uuid(0x180F)
BATTERY_LEVEL: Final = full_uuid(0x2A19)

DEVICE_INFORMATION_SERVICE: Final = full_uuid(0x180A)
MANUFACTURER_NAME: Final = full_uuid(0x2A29)
MODEL_NUMBER: Final = full_uuid(0x2A24)
SERIAL_NUMBER: Final = full_uuid(0x2A25)
FIRMWARE_REVISION: Final = full_uuid(0x2A26)
