"""What the dashboard opens before anything runs, and closes after everything: address, files, the plan of a class."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket

from msgspec import Struct

from dashboard.access.reception import Reception, open_reception
from dashboard.clinic import Clinic
from dashboard.flow.plan import FlowPlan, decode_plan
from dashboard.review.review_desk import ReviewDesk
from dashboard.review.warmer import Warmer
from dashboard.server import Tls, listen, read_tls
from dashboard.zone import find_zone
from ingest.store.reader import RecordReader
from vitals.clock import Clock
from vitals.database import sole_owner
from vitals.errors import InputError, SetupError, SetupReason
from vitals.settings import Settings


class House(Struct, frozen=True, kw_only=True):
    """What is open."""

    listener: socket
    tls: Tls | None
    clinic: Clinic
    reader: RecordReader
    reception: Reception
    plan: FlowPlan
    review: ReviewDesk
    warmer: Warmer


@contextmanager
def open_house(settings: Settings, *, clock: Clock, is_open: bool) -> Iterator[House]:
    """Open everything, or nothing; see `dashboard.service.run` for what is refused."""
    plan = read_plan(settings.dashboard.flow_file)
    tls = read_tls(settings.dashboard.certificate_file, settings.dashboard.key_file)
    with (
        closing(listen(settings.dashboard.host, settings.dashboard.port, is_tls=tls is not None)) as listener,
        sole_owner(settings.clinic_file, what="dashboard"),
        closing(Clinic(settings.clinic_file)) as clinic,
        closing(RecordReader(settings.record_file)) as reader,
        closing(_open_review(settings)) as review,
        open_reception(settings, clock=clock, is_open=is_open) as reception,
    ):
        yield House(
            plan=plan,
            listener=listener,
            tls=tls,
            clinic=clinic,
            reader=reader,
            review=review,
            warmer=Warmer(
                review,
                now_utc_ms=clock.utc_ms,
                keep_days=settings.ingest.keep_sessions_days,
                delete_classes=lambda before_utc_ms: clinic.delete_ended(before_utc_ms=before_utc_ms),
            ),
            reception=reception,
        )


def read_plan(path: Path | None) -> FlowPlan:
    """Return the plan of the flow that the settings name; without a name, the delivered one.

    Raises:
        SetupError: the file cannot be read, or it makes no sense.
    """
    if path is None:
        return FlowPlan()
    try:
        return decode_plan(path.read_bytes(), place=f"dashboard.flow_file {path}")
    except InputError as error:
        raise SetupError(str(error), SetupReason.SETTINGS) from error
    except OSError as error:
        raise SetupError(f"dashboard.flow_file {path}: {error.strerror}", SetupReason.SETTINGS) from error


def _open_review(settings: Settings) -> ReviewDesk:
    return ReviewDesk(
        record_file=settings.record_file,
        clinic_file=settings.clinic_file,
        rules_file=settings.analysis.rules,
        zone=find_zone(),
    )
