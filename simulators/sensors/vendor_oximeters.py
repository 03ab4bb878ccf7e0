"""Virtual oximeters that speak their vendors' own protocols, byte for byte as the gateway's codecs write them.

They tell, as all virtual sensors do, that a simulator made them; only services, names and bytes are the vendors'.
"""

from collections.abc import Callable
from typing import Final

from bumble.gatt import Characteristic, Service

from gateway.codecs.bci import encode_bci
from gateway.codecs.contec import CONTEC_START, encode_contec, encode_contec_curve
from gateway.codecs.jumper import encode_jumper
from gateway.codecs.nonin import NoninStatus, encode_nonin
from gateway.codecs.o2ring import decode_o2ring_question, encode_o2ring
from gateway.codecs.pc60 import encode_pc60, encode_pc60_battery, encode_pc60_curve
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import (
    BCI_SERVICE,
    BCI_STREAM,
    CONTEC_QUESTION,
    CONTEC_STREAM,
    JUMPER_MEASUREMENT,
    JUMPER_SERVICE,
    NONIN_MEASUREMENT,
    NONIN_SERVICE,
    O2RING_QUESTION,
    O2RING_REPLY,
    O2RING_SERVICE,
    PC60_SERVICE,
    PC60_STREAM,
    full_uuid,
)
from simulators.air import Air
from simulators.sensors.peripheral import (
    ADVERTISING_MS_DEFAULT,
    Peripheral,
    VirtualSensor,
    address_of,
    notifying,
    writable,
)
from simulators.sensors.samples import OximeterSample

NONIN_FAMILY: Final = 0x03
O2RING_FAMILY: Final = 0x04
PC60_FAMILY: Final = 0x05
BCI_FAMILY: Final = 0x06
JUMPER_FAMILY: Final = 0x07
CONTEC_FAMILY: Final = 0x08

NOTIFICATION_BYTES: Final = 20
"""What the smallest BLE link carries; these devices cut their streams into such pieces, wherever a frame ends."""

BCI_FRAMES_PER_S: Final = 100
PC60_CURVES_PER_S: Final = 10
CURVES_PER_BATTERY: Final = 10


class VendorOximeter(VirtualSensor):
    """One oximeter of a vendor; ``battery_pct`` None: it has no battery service."""

    def __init__(
        self,
        air: Air,
        index: int,
        *,
        name: str,
        family: int,
        model: str,
        service: str,
        measurement: Characteristic[bytes],
        others: tuple[Characteristic[bytes], ...] = (),
        is_called_out: bool = True,
        battery_pct: int | None = None,
        advertising_ms: float = ADVERTISING_MS_DEFAULT,
    ) -> None:
        """Make oximeter number ``index`` (0..65535) of a family; its address follows from both."""
        peripheral = Peripheral(
            air,
            name=name,
            address=address_of(family=family, index=index),
            model=model,
            services=[Service(service, [measurement, *others])],
            advertised=[service] if is_called_out else [],
            battery_pct=battery_pct,
            advertising_ms=advertising_ms,
        )
        super().__init__(peripheral, measurement)

    async def notify_stream(self, stream: bytes) -> int:
        """Send bytes in pieces as they fit; return how many subscribers heard them."""
        heard = 0
        for at in range(0, len(stream), NOTIFICATION_BYTES):
            heard = await self.notify_raw(stream[at : at + NOTIFICATION_BYTES])
        return heard


class Nonin(VendorOximeter):
    """A Nonin 3230: one notification a second."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make Nonin number ``index``."""
        super().__init__(
            air,
            index,
            name=f"Nonin3230_{index:09d}",
            family=NONIN_FAMILY,
            model="virtual Nonin 3230",
            service=NONIN_SERVICE,
            measurement=notifying(NONIN_MEASUREMENT),
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: OximeterSample) -> int:
        """Send what is to be said at a moment."""
        status = NoninStatus.ENCRYPTED | (NoninStatus.FINGER_IN if sample.finger else NoninStatus(0))
        return await self.notify_raw(
            encode_nonin(
                _whole(sample.spo2_pct),
                _whole(sample.pulse_bpm),
                status=status,
                perfusion_pct=sample.perfusion_pct or 0.0,
                counter=int(sample.at_s) & 0xFFFF,
            )
        )


class O2Ring(VendorOximeter):
    """An O2Ring: it says nothing until it is asked, and answers with what it was given to say last."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make ring number ``index``; it has measured nothing yet."""
        self.is_mute = False
        """Set: questions are heard and not answered."""
        self.on_answer: Callable[[OximeterSample], None] | None = None
        """Called with what was answered."""
        self._sample: OximeterSample | None = None

        async def hear(raw: bytes) -> None:
            await self._answer(raw)

        super().__init__(
            air,
            index,
            name=f"O2Ring {index:04d}",
            family=O2RING_FAMILY,
            model="virtual O2Ring",
            service=O2RING_SERVICE,
            measurement=notifying(O2RING_REPLY),
            others=(writable(O2RING_QUESTION, hear),),
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: OximeterSample) -> None:
        """Keep what is to be said until somebody asks."""
        self._sample = sample

    async def _answer(self, raw: bytes) -> None:
        question, sample = decode_o2ring_question(raw), self._sample
        if self.is_mute or sample is None or isinstance(question, Undecodable):
            return
        answer = encode_o2ring(
            _whole(sample.spo2_pct),
            _whole(sample.pulse_bpm),
            perfusion_pct=sample.perfusion_pct or 0.0,
            is_worn=sample.finger,
            question=question,
        )
        if await self.notify_stream(answer) and self.on_answer is not None:
            self.on_answer(sample)


class Pc60(VendorOximeter):
    """A PC-60FW: values once a second between pieces of the curve, and its battery now and then."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make PC-60 number ``index``."""
        self._seconds = 0
        super().__init__(
            air,
            index,
            name=f"PC-60FW_{index:06d}",
            family=PC60_FAMILY,
            model="virtual PC-60FW",
            service=PC60_SERVICE,
            measurement=notifying(PC60_STREAM),
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: OximeterSample) -> int:
        """Send one second of the stream."""
        values = encode_pc60(
            _whole(sample.spo2_pct),
            _whole(sample.pulse_bpm),
            perfusion_pct=sample.perfusion_pct or 0.0,
            is_probe_off=not sample.finger,
        )
        battery = encode_pc60_battery(3) if self._seconds % CURVES_PER_BATTERY == 0 else b""
        self._seconds += 1
        return await self.notify_stream(values + encode_pc60_curve((60, 70, 80, 70, 60)) * PC60_CURVES_PER_S + battery)


class Bci(VendorOximeter):
    """A BerryMed BM1000: a hundred frames a second, without a battery level."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make BM1000 number ``index``."""
        self._rest = b""
        super().__init__(
            air,
            index,
            name="BerryMed",
            family=BCI_FAMILY,
            model="virtual BM1000",
            service=BCI_SERVICE,
            measurement=notifying(BCI_STREAM),
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: OximeterSample) -> int:
        """Send one second of the stream; the last frame may wait for its end until the next."""
        frame = encode_bci(_whole(sample.spo2_pct), _whole(sample.pulse_bpm), has_finger=sample.finger)
        stream = self._rest + frame * BCI_FRAMES_PER_S
        # Cut two bytes short of the last frame's end: a frame that lies across two notifications is the rule.
        stream, self._rest = stream[:-2], stream[-2:]
        return await self.notify_stream(stream)


class Jumper(VendorOximeter):
    """A Jumper JPD-500F: values once a second, and its curve between."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make JPD-500F number ``index``."""
        super().__init__(
            air,
            index,
            name="My Oximeter",
            family=JUMPER_FAMILY,
            model="virtual JPD-500F",
            service=JUMPER_SERVICE,
            measurement=notifying(JUMPER_MEASUREMENT),
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: OximeterSample) -> int:
        """Send what is to be said at a moment; without a finger it says that it has no value."""
        await self.notify_raw(bytes([0x80, 64, 65, 66]))
        spo2_pct, pulse_bpm = (sample.spo2_pct, sample.pulse_bpm) if sample.finger else (None, None)
        return await self.notify_raw(
            encode_jumper(_whole(spo2_pct), _whole(pulse_bpm), perfusion_pct=sample.perfusion_pct or 0.0)
        )


class Contec(VendorOximeter):
    """A Contec CMS50D-BT: silent until it is told to begin. It calls out no service, only its name."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make CMS50D-BT number ``index``."""
        self._has_begun = False

        async def hear(raw: bytes) -> None:
            self._has_begun = self._has_begun or raw == CONTEC_START

        super().__init__(
            air,
            index,
            name=f"SpO20{index:05d}",
            family=CONTEC_FAMILY,
            model="virtual CMS50D-BT",
            service=full_uuid(0xFF00),
            measurement=notifying(CONTEC_STREAM),
            others=(writable(CONTEC_QUESTION, hear),),
            is_called_out=False,
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: OximeterSample) -> int:
        """Send one second of the stream, once it was told to begin; a pulse above 127 does not fit its frame."""
        if not self._has_begun:
            return 0
        pulse_bpm = _whole(sample.pulse_bpm)
        values = encode_contec(
            _whole(sample.spo2_pct), None if pulse_bpm is None else min(pulse_bpm, 126), has_finger=sample.finger
        )
        return await self.notify_stream(encode_contec_curve(40) + values + encode_contec_curve(50))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
