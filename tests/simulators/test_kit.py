"""Who has what in a simulated class: the same for the same settings, and each sensor with an address of its own."""

from collections import Counter

from simulators.cast import cast_people, draw_people, plan_class
from simulators.kit import MachineModel, OximeterModel, plan_kit
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.settings import SimulatorSettings


def test_the_demo_shows_a_nonin_an_o2ring_a_treadmill_and_a_bike_among_standard_oximeters() -> None:
    kit = plan_kit(SimulatorSettings())
    oximeters = Counter(one.oximeter for one in kit)

    assert oximeters == {OximeterModel.STANDARD: 7, OximeterModel.NONIN: 1, OximeterModel.O2RING: 1, None: 3}
    assert [one.machine for one in kit if one.machine] == [MachineModel.TREADMILL, MachineModel.BIKE]


def test_the_scenarios_for_measuring_have_standard_oximeters_and_no_machines() -> None:
    for scenario in ("quiet", "crisis"):
        kit = plan_kit(SimulatorSettings(scenario=scenario, participants=30))
        assert {one.oximeter for one in kit} == {OximeterModel.STANDARD, None}
        assert not any(one.machine for one in kit)


def test_a_mixed_class_of_twelve_wears_twelve_oximeters_of_all_makes() -> None:
    kit = plan_kit(SimulatorSettings(scenario="quiet", oximeters="mixed", machines=5))

    assert len(kit) == 12
    assert {one.oximeter for one in kit} == set(OximeterModel)
    assert [one.machine for one in kit] == [*MachineModel, MachineModel.TREADMILL, *[None] * 7]


def test_no_two_sensors_of_a_class_have_one_id() -> None:
    settings = SimulatorSettings(scenario="quiet", oximeters="mixed", machines=12)
    cast = cast_people(draw_people(people=12, seed=7), plan_kit(settings))
    plan = plan_class(
        cast,
        name="class",
        mode=GenerationMode.TEST,
        room="room-1",
        gateway=GatewayId("g1"),
        site_key=bytes(16),
    )
    people = plan["participants"]
    assert isinstance(people, list)
    ids = [person[kind] for person in people for kind in ("strap", "oximeter", "machine")]

    assert len(ids) == len(set(ids)) == 36
