"""Numbers of one stream: which were heard, so that a reading counts once, in whatever order and however often it comes.

A sensor gives one kind of reading, so a run and a sensor name the stream.
"""

from analysis.core.state import HOLES_MAX, STREAMS_MAX, Sensor, Stream


def is_new(sensor: Sensor, *, run: str, seq: int) -> bool:
    """Note a reading's number and return whether it was not heard before."""
    stream = sensor.streams.get(run)
    if stream is not None and seq == stream.last_seq + 1:
        stream.last_seq = seq
        return True
    if stream is None:
        if len(sensor.streams) >= STREAMS_MAX:
            del sensor.streams[next(iter(sensor.streams))]
        # What the run said before we began to listen may still come, from its outbox.
        sensor.streams[run] = Stream(last_seq=seq, holes=[(0, seq - 1)] if seq > 0 else [])
        return True
    if seq > stream.last_seq:
        stream.holes.append((stream.last_seq + 1, seq - 1))
        del stream.holes[:-HOLES_MAX]
        stream.last_seq = seq
        return True
    return _fill(stream, seq)


def _fill(stream: Stream, seq: int) -> bool:
    for index, (first, last) in enumerate(stream.holes):
        if first <= seq <= last:
            rest = [(first, seq - 1), (seq + 1, last)]
            stream.holes[index : index + 1] = [hole for hole in rest if hole[0] <= hole[1]]
            del stream.holes[:-HOLES_MAX]
            return True
    return False
