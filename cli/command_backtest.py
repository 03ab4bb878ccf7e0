"""``vitals backtest``: which alarms recordings or stored classes would raise, by the rules in force or by others."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from analysis.core.engine import Engine
from analysis.core.rule_file import read_rules
from analysis.core.rules import RuleSet, hash_rules
from analysis.history.history import History
from analysis.history.playback import play
from analysis.rule_set import DEFAULT
from cli.backtest.difference import DifferenceLine, compare, render_differences
from cli.backtest.lines import Result, SeenLine, encode, render_alarms, render_summary, summarise, to_alarm_line
from cli.backtest.prescribed import Prescribed, read_prescribed
from cli.backtest.progress import Progress
from cli.configuration import printed_config, settings_of
from vitals.errors import SetupError, SetupReason
from vitals.sessions import Phase
from vitals.settings import Settings, add_common_flags

if TYPE_CHECKING:
    from cli.backtest.seen import Seen

EXIT_PROBLEMS: Final = 1
"""Something could not be used; everything else was."""


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``backtest``."""
    parser = subcommands.add_parser(
        "backtest",
        help="which alarms recordings or stored classes would raise",
        description="Puts recordings (ID.csv, ID.rr.csv) or stored classes through the live alarm code, thousands of "
        "times faster than life, and says which alarms come, when, for how long, and how many an hour.",
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="ID.csv, ID.rr.csv, or an incident bundle (.zip)"
    )
    parser.add_argument("--session", action="append", default=[], metavar="ID", help="a stored class; may be repeated")
    parser.add_argument("--record", action="store_true", help="every class in the record")
    parser.add_argument("--bundle", action="append", default=[], type=Path, metavar="FILE", help="an incident bundle")
    parser.add_argument("--as-seen", action="store_true", help="a stored class exactly as it was seen, by its journal")
    parser.add_argument("--rules", type=Path, metavar="FILE", help="another rule set (TOML)")
    parser.add_argument("--compare", action="store_true", help="with --rules: what they would change")
    parser.add_argument("--oximeter", type=int, metavar="N", help="use column spo2_devN (without it the first)")
    parser.add_argument("--hr-upper", type=int, metavar="BPM", help="upper HR limit for everybody")
    parser.add_argument("--spo2-floor", type=float, metavar="PCT", help="lower SpO2 limit for everybody")
    parser.add_argument("--prescriptions", type=Path, metavar="FILE", help="limits for each id (TOML or CSV)")
    parser.add_argument("--phase", type=Phase, default=Phase.TRAINING, help="phase of a recording (training)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_common_flags(parser)
    parser.set_defaults(run=_run, command_name="backtest")


class _Work(Struct, frozen=True, kw_only=True):
    """What shall be judged, and by what."""

    arguments: argparse.Namespace
    settings: Settings
    rules: RuleSet
    prescribed: Prescribed
    problems: list[str]
    progress: Progress


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    arguments.bundle += [file for file in arguments.files if file.suffix == ".zip"]
    arguments.files = [file for file in arguments.files if file.suffix != ".zip"]
    _require_sense(arguments)
    work = _Work(
        arguments=arguments,
        settings=settings,
        rules=DEFAULT if arguments.rules is None else _read_rules(arguments.rules),
        prescribed=read_prescribed(
            arguments.prescriptions, hr_upper_bpm=arguments.hr_upper, spo2_floor_pct=arguments.spo2_floor
        ),
        problems=[],
        progress=Progress(),
    )
    results: list[Result] = []
    differences: list[DifferenceLine] = []
    if arguments.bundle:
        results = list(_replay_bundles(work))
    elif arguments.as_seen:
        results = list(_replay(work))
    else:
        for history in _histories(work):
            result = _judge(history, work.rules)
            results.append(result)
            work.progress.clear()
            _print_result(result, as_json=arguments.json)
            if arguments.compare:
                differences += compare(_judge(history, DEFAULT).alarms, result.alarms)
    work.progress.clear()
    _print_end(work, results, differences)
    return EXIT_PROBLEMS if work.problems else 0


def _require_sense(arguments: argparse.Namespace) -> None:
    sources = [bool(arguments.files), bool(arguments.session), arguments.record, bool(arguments.bundle)]
    if sum(sources) != 1:
        msg = "backtest needs one of: files, --session ID, --record, --bundle FILE"
        raise SetupError(msg, SetupReason.SETTINGS)
    is_seen = arguments.as_seen or arguments.bundle
    if is_seen and (arguments.files or arguments.rules or arguments.prescriptions):
        msg = "--as-seen needs --session or --record; it and --bundle judge by the rules and limits of then"
        raise SetupError(msg, SetupReason.SETTINGS)
    if arguments.compare and arguments.rules is None:
        msg = "--compare needs --rules FILE to compare with"
        raise SetupError(msg, SetupReason.SETTINGS)


def _read_rules(file: Path) -> RuleSet:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"rules file {file} cannot be read: {why}"
        raise SetupError(msg, SetupReason.SETTINGS) from error
    return read_rules(text, place=str(file), base=DEFAULT)


def _judge(history: History, rules: RuleSet) -> Result:
    alarms = play(history, new_engine=partial(Engine, rules=rules))
    people = len(history.participants)
    return Result(
        id=history.id,
        participants=people,
        participant_hours=people * history.duration_s / 3600,
        alarms=alarms,
    )


def _histories(work: _Work) -> Iterator[History]:
    """Yield what can be judged; what cannot is a problem and stops nothing."""
    if work.arguments.files:
        yield from _recorded(work)
    else:
        yield from _stored(work)


def _recorded(work: _Work) -> Iterator[History]:
    from cli.backtest.recorded import group_files, load, to_history  # noqa: PLC0415 - brings the simulator

    groups = group_files(work.arguments.files)
    if not groups:
        work.problems.append("none of these files holds readings: a recording is ID.csv or ID.rr.csv")
    work.progress.expect(sum(_size(file) for file in work.arguments.files))
    for recording_id, files in groups.items():
        work.progress.show(recording_id)
        loaded = load(recording_id, files, oximeter=work.arguments.oximeter)
        work.problems.extend(loaded.refused)
        if loaded.recording is None:
            work.problems.append(loaded.problem)
        else:
            yield to_history(
                loaded.recording,
                limits=work.prescribed.limits_of(recording_id),
                entry=work.prescribed.entry_of(recording_id),
                phase=work.arguments.phase,
            )
        work.progress.add(sum(_size(file) for file in files))


def _stored(work: _Work) -> Iterator[History]:
    from cli.backtest.stored import find_sessions, load_session, open_record  # noqa: PLC0415 - brings the record

    with closing(open_record(work.settings.record_file)) as reader:
        sessions = find_sessions(reader, None if work.arguments.record else work.arguments.session)
        work.progress.expect(len(sessions))
        for session in sessions:
            work.progress.show(session.session)
            history = load_session(reader, session, work.prescribed)
            if history is None:
                work.problems.append(f"session {session.session}: no sensor of it ever spoke")
            else:
                yield history
            work.progress.add(1)


def _replay(work: _Work) -> Iterator[Result]:
    """Yield stored classes as they were seen; one that the record tells otherwise is a problem."""
    from cli.backtest.seen import replay_session  # noqa: PLC0415 - brings the record
    from cli.backtest.stored import find_sessions, open_record  # noqa: PLC0415

    with closing(open_record(work.settings.record_file)) as reader:
        sessions = find_sessions(reader, None if work.arguments.record else work.arguments.session)
        work.progress.expect(len(sessions))
        for session in sessions:
            work.progress.show(session.session)
            result = _conclude(work, session.session, replay_session(reader, session))
            if result is not None:
                yield result


def _replay_bundles(work: _Work) -> Iterator[Result]:
    """Yield the classes of incident bundles as they were seen.

    Raises:
        InputError: a file is no bundle, or was changed.
    """
    from cli.backtest.bundle import Bundle  # noqa: PLC0415 - brings the exports
    from cli.backtest.seen import replay_session  # noqa: PLC0415

    work.progress.expect(len(work.arguments.bundle))
    for file in work.arguments.bundle:
        bundle = Bundle(file)
        work.progress.show(bundle.stored.session)
        result = _conclude(work, bundle.stored.session, replay_session(bundle, bundle.stored))
        if result is not None:
            yield result


def _conclude(work: _Work, session: str, seen: "Seen | None") -> Result | None:
    """Print what a replay came to; None: the journal does not tell where to begin."""
    work.progress.clear()
    work.progress.add(1)
    if seen is None:
        work.problems.append(f"session {session}: the journal does not tell where to begin")
        return None
    work.problems.extend(f"session {session}: {line}" for line in seen.differences)
    result = Result(
        id=seen.id,
        participants=seen.participants,
        participant_hours=seen.participant_hours,
        alarms=seen.alarms,
    )
    _print_result(result, as_json=work.arguments.json)
    _print_seen(
        SeenLine(
            session=seen.id,
            events=seen.events,
            missing=seen.missing,
            skipped=seen.skipped,
            equal=not seen.differences,
        ),
        as_json=work.arguments.json,
    )
    return result


def _print_seen(line: SeenLine, *, as_json: bool) -> None:
    if as_json:
        print(encode(line))
        return
    verdict = "equal to the record" if line.equal else "NOT equal to the record"
    missing = line.missing + line.skipped
    without = f", {missing} readings are missing" if missing else ""
    print(f"  {line.events} changes of alarms, {verdict}{without}")


def _size(file: Path) -> int:
    """Return a file's size, 0 for one that is not there: reading it will say so."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _print_result(result: Result, *, as_json: bool) -> None:
    if not as_json:
        print(render_alarms(result))
        return
    for alarm in result.alarms:
        print(encode(to_alarm_line(alarm)))


def _print_end(work: _Work, results: Sequence[Result], differences: Sequence[DifferenceLine]) -> None:
    sys.stdout.flush()
    for problem in work.problems:
        print(f"vitals: {problem}", file=sys.stderr)
    summary = summarise(results, rules=work.rules.name, rules_hash=hash_rules(work.rules), problems=work.problems)
    if work.arguments.json:
        for difference in differences:
            print(encode(difference))
        print(encode(summary))
        return
    print(render_summary(summary))
    if work.arguments.compare:
        print(render_differences(differences))
