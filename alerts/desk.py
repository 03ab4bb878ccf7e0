"""What the policy's effects become: committed first, then told and sent; one moment shares one commit."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from alerts.dispatch import Delivered
from alerts.ledger import AttemptRow, Changes, Ledger, Remembered, Settled, WayRow
from alerts.letter import Letter, write_clearing, write_letter
from alerts.policy.case import Case
from alerts.policy.events import Answer, CaseChanged, CaseEnded, Cleared, Effect, Event, Held, Tell, WayClosed
from alerts.policy.machine import step
from alerts.policy.memory import Kept, is_same, kept_of
from alerts.policy.plan import Plan, policy_timeline
from alerts.policy.state import PolicyState, Way
from alerts.telling import Attempts, course_of, delivery_of, receipt_of, rows_of, settled_of, settled_row
from vitals.alarms import AlarmId
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import CommandAnswer, CommandId
from vitals.delivery import AttemptState, Reach, SubscriptionId, WayState
from vitals.errors import StorageError
from vitals.heartbeat import Heartbeat
from vitals.participants import ParticipantId
from vitals.proof import ProofRound, Stage
from vitals.push_message import PushKind
from vitals.topics import DeliveryTopic, PolicyTopic, ProofTopic, ReachTopic, parse_topic, topic_filter
from vitals.trouble import Trouble
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

WAYS_MAX: Final = 1_000
REVISIONS_A_RUN: Final = 10**7
"""So many states a run may tell before it meets the numbers of the next one: weeks of a storm."""
_RESULTS_S: Final = 0.2
"""What became of a hundred letters is one commit and not a hundred, between which the letters would have to wait. A
crash before it repeats those letters, once."""
_AGAIN_S: Final = 1.0
"""Real seconds until a disk that took nothing is tried again."""


class Desk:
    """Runs the policy. `step` decides and collects, `run` commits, tells and posts."""

    def __init__(
        self,
        *,
        site: str,
        plan: Plan,
        ledger: Ledger,
        remembered: Remembered,
        bus: Bus,
        heartbeat: Heartbeat,
        clock: Clock,
    ) -> None:
        """Take up what an earlier run left."""
        self._site = site
        self._plan = plan
        self._ledger = ledger
        self._bus = bus
        self._heartbeat = heartbeat
        self._clock = clock
        self.ways: dict[SubscriptionId, WayRow] = dict(remembered.ways)
        """Where everybody is reached; the same object for the whole run."""
        kept = remembered.kept
        self.state = PolicyState(
            cases=dict(remembered.cases),
            duty=kept.duty,
            ways={key: Way(subscription=key, staff=row.staff, channel=row.channel) for key, row in self.ways.items()},
            offs=kept.offs,
            buckets=kept.buckets,
            sessions=frozenset(kept.sessions),
            losses=kept.losses,
        )
        self._saved = dict(remembered.cases)
        self._attempts = Attempts(remembered.attempts)
        self._handled = {answer.id: answer for answer in remembered.handled}
        # Of every revision and version: higher than what an earlier run has told.
        self._version: int = max(clock.utc_ms(), remembered.kept.revisions_from)
        self._revisions_from: Final = self._version + REVISIONS_A_RUN
        self._changes = Changes(cases=dict(remembered.cases), kept=self._kept())
        self._post: list[Letter] = [letter for letter in remembered.waiting if letter.subscription in self.ways]
        self._to_tell: dict[AlarmId, None] = dict.fromkeys(remembered.cases)
        self._gone: list[AlarmId] = []
        self._answers: list[CommandAnswer] = list(remembered.handled)
        self._proofs: list[ProofRound] = []
        self._told: set[AlarmId] = set()
        self._has_new_reach = True
        self._work = asyncio.Event()
        self._work.set()
        self._results_timer: asyncio.TimerHandle | None = None
        self._unsaved = Trouble(heartbeat)
        self._waiting_since_ms: int | None = None
        self.post_letter: Callable[[Letter], None] = _nobody
        """Where letters go once they are committed."""
        self.commits = 0
        self.delays_ms_max = 0
        """Longest from due to handed over since the last heartbeat."""
        bus.set_retained(str(PolicyTopic(site=site)), encode(policy_timeline(plan)))
        bus.subscribe(topic_filter(DeliveryTopic, site=site), self._hear_delivery)

    def handled(self, command: CommandId) -> CommandAnswer | None:
        """Return what was answered to a command, if it was handled before."""
        return self._handled.get(command)

    def step(self, event: Event) -> None:
        """Take one event."""
        before = self.state
        self.state, effects = step(before, self._plan, event)
        if not is_same(before, self.state):
            self._changes.kept = self._kept()
        for effect in effects:
            self._take(effect)
        if effects or self._changes.kept is not None:
            self.ask_commit()

    def answer(self, answer: CommandAnswer) -> None:
        """Answer a command, once what it has changed is on disk."""
        self._handled[answer.id] = answer
        self._changes.handled.append(answer)
        self._answers.append(answer)
        self.ask_commit()

    def open_way(self, row: WayRow) -> None:
        """Keep a way; the policy hears of it by an event of its own."""
        self.ways[row.subscription] = row
        self._changes.ways[row.subscription] = row
        self._has_new_reach = True
        self.ask_commit()

    def close_way(self, subscription: SubscriptionId) -> None:
        """Forget a way and its address."""
        if self.ways.pop(subscription, None) is None:
            return
        self._changes.ways[subscription] = None
        self._has_new_reach = True
        event = WayClosed(subscription=subscription, now_ms=self._clock.mono_ms(), now_utc_ms=self._clock.utc_ms())
        self.step(event)
        self.ask_commit()

    def erase(self, participant: ParticipantId) -> None:
        """Forget whom an alarm was about: cases, attempts, answers."""
        for case in [one for one in self.state.cases.values() if one.participant == participant]:
            cases = {key: one for key, one in self.state.cases.items() if key != case.alarm_id}
            self.state = replace(self.state, cases=cases)
            self._end(case)
        for key in [key for key, row in self._changes.attempts.items() if row.participant == participant]:
            del self._changes.attempts[key]
        self._changes.courses = [one for one in self._changes.courses if one.participant != participant]
        self._changes.erased.append(participant)
        self.ask_commit()

    def prove(self, proof: ProofRound) -> None:
        """Hand a round of proof on, once the ledger has taken what came before it."""
        self._proofs.append(proof)
        self.ask_commit()

    def hear_delivered(self, delivered: Delivered) -> None:
        """Note what became of a letter."""
        letter = delivered.letter
        self._settle(settled_of(delivered, self._attempts.rows(letter.message_id)))
        self._note_way(delivered)
        if delivered.at_ms is not None:
            self.delays_ms_max = max(self.delays_ms_max, delivered.at_ms - letter.due_ms)
        if delivered.is_gone:
            logger.info(f"way gone way={letter.subscription} channel={letter.channel} why={delivered.problem}")
            self.close_way(letter.subscription)
        self._ask_commit_soon()

    def messages(self, alarm_id: AlarmId) -> tuple[str, ...]:
        """Return the messages about an alarm that is not over, the newest first."""
        return self._attempts.messages(alarm_id)

    def hear_receipt(self, message_id: str, *, is_seen: bool) -> None:
        """Note that a phone has shown a message, or that its owner opened it: the policy hears nothing of it."""
        rows = self._attempts.rows(message_id)
        settled = receipt_of(rows[0], is_seen=is_seen) if rows else None
        if settled is not None:
            self._settle(settled)
            self._ask_commit_soon()

    def _settle(self, settled: Settled) -> None:
        self._changes.settled.append(settled)
        for row in self._attempts.rows(settled.message_id):
            self._attempts.put(settled_row(row, settled))
            self._to_tell[row.alarm_id] = None

    def ask_commit(self) -> None:
        """Have everything so far committed and told at the end of this moment."""
        if self._waiting_since_ms is None:
            self._waiting_since_ms = self._clock.mono_ms()
        self._work.set()

    def _ask_commit_soon(self) -> None:
        """Have results committed with whatever comes next, or after `_RESULTS_S`: nobody waits for them."""
        if self._results_timer is None and not self._work.is_set():
            self._results_timer = asyncio.get_running_loop().call_later(_RESULTS_S, self._work.set)

    @property
    def oldest_unhandled_ms(self) -> int:
        """Age of the oldest effect that is not committed yet."""
        return 0 if self._waiting_since_ms is None else self._clock.mono_ms() - self._waiting_since_ms

    async def run(self) -> None:
        """Commit and tell whatever is asked for, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            if self._results_timer is not None:
                self._results_timer.cancel()
                self._results_timer = None
            self.speak()
            if self._unsaved.why:
                await asyncio.sleep(_AGAIN_S)
                self._work.set()

    def speak(self) -> None:
        """Commit, then tell and post.

        A disk that takes nothing must not keep an alarm from people: then they are called all the same, the heartbeat
        says so, and what was to be written waits in memory for the disk.
        """
        try:
            if not self._changes.is_empty:
                self._ledger.commit(self._changes)
                self.commits += 1
        except StorageError as error:
            self._tell_unsaved(f"calls not saved: {error}")
        else:
            self._changes = Changes()
            self._waiting_since_ms = None
            self._tell_unsaved("")
        letters, self._post = self._post, []
        for letter in letters:
            self.post_letter(letter)
        self._tell()

    def _take(self, effect: Effect) -> None:
        now_ms, now_utc_ms = self._clock.mono_ms(), self._clock.utc_ms()
        match effect:
            case Tell():
                letter = write_letter(effect, now_ms=now_ms)
                for row in rows_of(letter, self.state.cases, now_utc_ms=now_utc_ms):
                    self._keep(row)
                self._post.append(letter)
                logger.info(f"call alarm={letter.alarm_ids[0]} step={letter.step} way={letter.subscription}")
            case Held():
                self._hold(effect)
            case Cleared(subscription=subscription):
                way = self.ways.get(subscription)
                if way is not None:
                    self._post.append(write_clearing(effect, staff=way.staff, channel=way.channel, now_ms=now_ms))
            case CaseChanged(case=case):
                saved = self._saved.get(case.alarm_id)
                if saved is not None and replace(saved, text=case.text) == case:
                    return  # another value, as each second: it is in no row and on no screen of ours
                self._saved[case.alarm_id] = self._changes.cases[case.alarm_id] = case
                self._to_tell[case.alarm_id] = None
            case CaseEnded(case=case):
                if self._has_steps(case) and not case.is_test:
                    self._changes.courses.append(course_of(case, ended_utc_ms=now_utc_ms))
                self._end(case)
            case Answer(command=command, accepted=accepted, reason=reason):
                self.answer(CommandAnswer(id=command, accepted=accepted, reason=reason))

    def _hold(self, held: Held) -> None:
        letter = write_letter(
            Tell(
                message_id=held.message_id,
                kind=PushKind.ALARM,
                subscription=held.subscription,
                staff=held.staff,
                channel=held.channel,
                step=held.step,
                due_ms=held.due_ms,
                cases=(held.case,),
            ),
            now_ms=self._clock.mono_ms(),
        )
        (row,) = rows_of(letter, {held.case.alarm_id: held.case}, now_utc_ms=self._clock.utc_ms())
        problem = "this phone gets many calls"
        settled = Settled(message_id=held.message_id, state=AttemptState.HELD, delay_ms=None, problem=problem)
        self._keep(settled_row(row, settled))
        self._to_tell[held.case.alarm_id] = None

    def _keep(self, row: AttemptRow) -> None:
        self._attempts.put(row)
        self._changes.attempts[row.message_id, row.alarm_id] = row

    def _end(self, case: Case) -> None:
        self._changes.cases[case.alarm_id] = None
        self._saved.pop(case.alarm_id, None)
        self._to_tell.pop(case.alarm_id, None)
        self._attempts.forget(case.alarm_id)
        self._gone.append(case.alarm_id)

    def _note_way(self, delivered: Delivered) -> None:
        row = self.ways.get(delivered.letter.subscription)
        if row is None:
            return
        if delivered.at_ms is not None:
            after = replace(row, sent_utc_ms=self._clock.utc_ms(), problem="")
        else:
            after = replace(row, problem=delivered.problem[:200])
        self.ways[row.subscription] = after
        self._changes.ways[row.subscription] = after
        self._has_new_reach = True

    def _kept(self) -> Kept:
        return kept_of(self.state, revisions_from=self._revisions_from)

    def _tell(self) -> None:
        to_tell, self._to_tell = self._to_tell, {}
        for alarm_id in to_tell:
            self._tell_case(alarm_id)
        gone, self._gone = self._gone, []
        for alarm_id in gone:
            if alarm_id in self._told and alarm_id not in self.state.cases:
                self._told.discard(alarm_id)
                self._bus.set_retained(self._topic(alarm_id), b"")
        if self._has_new_reach:
            self._has_new_reach = False
            self._tell_reach()
        answers, self._answers = self._answers, []
        for answer in answers:
            self._heartbeat.answer(answer)
        proofs, self._proofs = self._proofs, []
        for proof in proofs:
            topic = ProofTopic(site=self._site, stage=Stage.ALERTS, gateway=proof.gateway)
            self._bus.send_soon(str(topic), encode(proof))

    def _tell_case(self, alarm_id: AlarmId) -> None:
        case = self.state.cases.get(alarm_id)
        if case is None or not (self._has_steps(case) or case.is_test):
            return
        self._version += 1
        self._told.add(alarm_id)
        state = delivery_of(
            case,
            self._plan,
            self._attempts.of(alarm_id),
            revision=self._version,
            now_ms=self._clock.mono_ms(),
            now_utc_ms=self._clock.utc_ms(),
        )
        self._bus.set_retained(self._topic(alarm_id), encode(state))

    def _has_steps(self, case: Case) -> bool:
        """Return whether the policy calls anybody about a case; of others there is nothing to tell."""
        return bool(self._plan.ladder(case.priority).steps)

    def _tell_reach(self) -> None:
        self._version += 1
        ways = tuple(
            WayState(
                subscription=row.subscription,
                staff=row.staff,
                channel=row.channel,
                since_utc_ms=row.since_utc_ms,
                label=row.label,
                sent_utc_ms=row.sent_utc_ms,
                problem=row.problem,
            )
            for row in self.ways.values()
        )
        reach = Reach(version=self._version, ways=ways[:WAYS_MAX])
        self._bus.set_retained(str(ReachTopic(site=self._site)), encode(reach))

    def _hear_delivery(self, incoming: Incoming) -> None:
        """Clear what an earlier run has told of a case that is over."""
        topic = parse_topic(incoming.topic)
        if not incoming.payload or not incoming.retained or not isinstance(topic, DeliveryTopic):
            return
        if topic.alarm_id not in self.state.cases:
            self._bus.set_retained(incoming.topic, b"")

    def _topic(self, alarm_id: AlarmId) -> str:
        return str(DeliveryTopic(site=self._site, alarm_id=alarm_id))

    def _tell_unsaved(self, why: str) -> None:
        if not self._unsaved.tell(why):
            return
        if why:
            logger.error(f"ledger {why}")
        else:
            logger.info("ledger saved again")


def _nobody(_letter: Letter) -> None:
    """Nobody sends yet."""
