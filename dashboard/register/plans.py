"""Class plans in clinic.db, and which class was begun from which plan."""

import secrets
from typing import Any, Final

from msgspec import Struct
from pydantic import ValidationError

from dashboard.classes import describe_error
from dashboard.register.plan_body import PlanBody, require_plan
from dashboard.register.shelf import Shelf
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

PLANS_MAX: Final = 1_000


class Plan(Struct, frozen=True, kw_only=True):
    """A plan as it stands."""

    id: str
    body: PlanBody
    changed_utc_ms: UtcMs


class PlanRun(Struct, frozen=True, kw_only=True):
    """A class that was begun from a plan."""

    session: SessionId
    plan: str
    utc_ms: UtcMs


class Plans:
    """The plans of the register."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def all(self) -> tuple[Plan, ...]:
        """Return the plans that are in use, by name."""
        found = self._read("SELECT id, body, changed_utc_ms FROM plan WHERE NOT is_archived ORDER BY id")
        return tuple(sorted(found, key=lambda plan: plan.body.name.casefold()))

    def require(self, plan: str) -> Plan:
        """Return a plan that is in use.

        Raises:
            InputError: there is none of this id.
        """
        found = self._read("SELECT id, body, changed_utc_ms FROM plan WHERE id = ? AND NOT is_archived", (plan,))
        if not found:
            raise InputError("plan", f"{plan[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        return found[0]

    def put(self, plan: str | None, body: PlanBody, *, utc_ms: UtcMs) -> Plan:
        """Keep a plan; ``plan`` None: a new one.

        Raises:
            InputError: it contradicts itself, names somebody who is not in the register, or there are too many.
        """
        require_plan(body)
        with self._shelf.change():
            self._refuse_strangers(body)
            if plan is None:
                if self._shelf.rows("SELECT count(*) FROM plan WHERE NOT is_archived")[0][0] >= PLANS_MAX:
                    raise InputError("plan", f"there are {PLANS_MAX} plans: enough", InputReason.TOO_LARGE)
                plan = f"c-{secrets.token_hex(4)}"
            else:
                self.require(plan)
            self._shelf.run(
                "INSERT INTO plan VALUES (?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body,"
                " changed_utc_ms = excluded.changed_utc_ms",
                (plan, body.model_dump_json().encode(), utc_ms),
            )
        return Plan(id=plan, body=body, changed_utc_ms=utc_ms)

    def archive(self, plan: str) -> None:
        """Put a plan away; classes that were begun from it still name it.

        Raises:
            InputError: there is none of this id.
        """
        if not self._shelf.run("UPDATE plan SET is_archived = 1 WHERE id = ? AND NOT is_archived", (plan,)):
            raise InputError("plan", f"{plan[:80]!r} is not known", InputReason.UNKNOWN_NAME)

    def unseat(self, person: ParticipantId, *, utc_ms: UtcMs) -> int:
        """Take a person out of all plans; return of how many."""
        with self._shelf.change():
            plans = [plan for plan in self.all() if any(one.person == person for one in plan.body.seats)]
            for plan in plans:
                seats = tuple(one for one in plan.body.seats if one.person != person)
                staff = tuple(
                    one.model_copy(update={"own": tuple(own for own in one.own if own != person)})
                    for one in plan.body.staff
                )
                self.put(plan.id, plan.body.model_copy(update={"seats": seats, "staff": staff}), utc_ms=utc_ms)
        return len(plans)

    def note_run(self, plan: str, session: SessionId, *, utc_ms: UtcMs) -> None:
        """Keep that a class was begun from a plan."""
        self._shelf.run("INSERT INTO plan_run VALUES (?, ?, ?)", (session, plan, utc_ms))

    def runs(self, *, since_utc_ms: UtcMs) -> tuple[PlanRun, ...]:
        """Return the classes that were begun from plans since a time, oldest first."""
        rows = self._shelf.rows(
            "SELECT session, plan, utc_ms FROM plan_run WHERE utc_ms >= ? ORDER BY utc_ms", (since_utc_ms,)
        )
        return tuple(PlanRun(session=session, plan=plan, utc_ms=utc_ms) for session, plan, utc_ms in rows)

    def _refuse_strangers(self, body: PlanBody) -> None:
        for at, one in enumerate(body.seats):
            if not self._shelf.rows("SELECT 1 FROM person WHERE id = ? AND NOT is_archived", (one.person,)):
                problem = f"{one.person!r} is not in the register, or was put away"
                raise InputError(f"body.seats[{at}].person", problem, InputReason.CONFLICT)

    def _read(self, sql: str, bindings: tuple[Any, ...] = ()) -> tuple[Plan, ...]:
        return tuple(
            Plan(id=plan, body=_read_body(body), changed_utc_ms=changed)
            for plan, body, changed in self._shelf.rows(sql, bindings)
        )


def _read_body(kept: bytes) -> PlanBody:
    try:
        return PlanBody.model_validate_json(kept)
    except ValidationError as error:
        raise InputError(*describe_error(error, place="clinic.db plan"), InputReason.WRONG_SHAPE) from error
