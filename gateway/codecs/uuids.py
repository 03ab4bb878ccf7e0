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
PLX_SPOT_CHECK_MEASUREMENT: Final = full_uuid(0x2A5E)
PLX_CONTINUOUS_MEASUREMENT: Final = full_uuid(0x2A5F)
PLX_FEATURES: Final = full_uuid(0x2A60)

BATTERY_SERVICE: Final = full_uuid(0x180F)
BATTERY_LEVEL: Final = full_uuid(0x2A19)

DEVICE_INFORMATION_SERVICE: Final = full_uuid(0x180A)
MANUFACTURER_NAME: Final = full_uuid(0x2A29)
MODEL_NUMBER: Final = full_uuid(0x2A24)
SERIAL_NUMBER: Final = full_uuid(0x2A25)
FIRMWARE_REVISION: Final = full_uuid(0x2A26)

RUNNING_SPEED_SERVICE: Final = full_uuid(0x1814)
RUNNING_SPEED_MEASUREMENT: Final = full_uuid(0x2A53)
CYCLING_SPEED_SERVICE: Final = full_uuid(0x1816)
CYCLING_SPEED_MEASUREMENT: Final = full_uuid(0x2A5B)

FITNESS_MACHINE_SERVICE: Final = full_uuid(0x1826)
TREADMILL_DATA: Final = full_uuid(0x2ACD)
INDOOR_BIKE_DATA: Final = full_uuid(0x2AD2)

# Vendors' own. Sources: the codec of each.
NONIN_SERVICE: Final = "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b"
NONIN_MEASUREMENT: Final = "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b"
BCI_SERVICE: Final = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
BCI_STREAM: Final = "49535343-1e4d-4bd9-ba61-23c647249616"
O2RING_SERVICE: Final = "14839ac4-7d7e-415c-9a42-167340cf2339"
O2RING_REPLY: Final = "0734594a-a8e7-4b1a-a6b1-cd5243059a57"
O2RING_QUESTION: Final = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3"
PC60_SERVICE: Final = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
"""The Nordic UART Service, which many other devices offer too: a match needs the name besides."""
PC60_STREAM: Final = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
CONTEC_QUESTION: Final = full_uuid(0xFF01)
CONTEC_STREAM: Final = full_uuid(0xFF02)
JUMPER_SERVICE: Final = "cdeacb80-5235-4c07-8846-93a37ee6b86d"
JUMPER_MEASUREMENT: Final = "cdeacb81-5235-4c07-8846-93a37ee6b86d"
