"""The test driver: begins a round of proof each ten seconds, as if a sensor that nobody wears had spoken."""

from typing import Final

from vitals.clock import Clock
from vitals.proof import ProofRound, Stage
from vitals.readings import RunId
from vitals.sensors import GatewayId
from vitals.topics import ProofTopic


class ProofDriver:
    """Makes the rounds of one run. They are no readings: no record, no tile and no limit ever sees one."""

    def __init__(self, *, site: str, gateway: GatewayId, run: RunId, clock: Clock) -> None:
        """Begin with round 0."""
        self.topic: Final = str(ProofTopic(site=site, stage=Stage.GATEWAY, gateway=gateway))
        self._gateway: Final = gateway
        self._run: Final = run
        self._clock: Final = clock
        self._seq = 0

    def next_round(self) -> ProofRound:
        """Return the next round, of now."""
        proof = ProofRound(
            gateway=self._gateway,
            run=self._run,
            seq=self._seq,
            made_mono_ms=self._clock.mono_ms(),
            made_utc_ms=self._clock.utc_ms(),
        )
        self._seq += 1
        return proof
