"""What the routes work with: handed to them once, when the application is built."""

from msgspec import Struct

from dashboard.access.reception import Reception
from dashboard.clinic import Clinic
from dashboard.desk import Desk
from dashboard.emergency_desk import EmergencyDesk
from dashboard.entry_desk import EntryDesk
from dashboard.erasure_desk import ErasureDesk
from dashboard.export.office import Office
from dashboard.flow_desk import FlowDesk
from dashboard.health.expelled import ExpelledWatch
from dashboard.health.health_desk import HealthDesk
from dashboard.push.answer_desk import AnswerDesk
from dashboard.push.open_phones import OpenPhones
from dashboard.push.way_desk import WayDesk
from dashboard.register.duty_desk import DutyDesk
from dashboard.register.staff import Staff
from dashboard.review.review_desk import ReviewDesk
from dashboard.ticker import Ticker
from dashboard.view.picture import Stage
from dashboard.view.room import Room
from dashboard.wear_desk import WearDesk
from ingest.store.reader import RecordReader


class Context(Struct, frozen=True, kw_only=True):
    """The server's parts."""

    room: Room
    stage: Stage
    ticker: Ticker
    desk: Desk
    entry_desk: EntryDesk
    emergency_desk: EmergencyDesk
    wear_desk: WearDesk
    flow_desk: FlowDesk
    clinic: Clinic
    reader: RecordReader
    review: ReviewDesk
    reception: Reception
    answers: AnswerDesk
    ways: WayDesk
    open_phones: OpenPhones
    health: HealthDesk
    expelled: ExpelledWatch
    duty: DutyDesk
    staff: Staff
    erasure: ErasureDesk
    office: Office
    is_tls: bool
