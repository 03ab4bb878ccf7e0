import inspect
import re
from enum import StrEnum

import pytest

from vitals import errors
from vitals.errors import InputError, VitalsError


def classes() -> dict[str, type[VitalsError]]:
    return {
        name: value for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, VitalsError)
    }


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    drawn = re.findall(r"^    \+-- (\w+) ", errors.__doc__ or "", re.MULTILINE)
    assert drawn == [name for name in classes() if name != "VitalsError"]
    assert all(classes()[name].__bases__ == (VitalsError,) for name in drawn)


@pytest.mark.parametrize("name", [name for name in classes() if name != "VitalsError"])
def test_every_error_has_a_typed_reason(name: str) -> None:
    annotations = inspect.signature(classes()[name].__init__).parameters
    assert issubclass(annotations["reason"].annotation, StrEnum)


def test_an_input_error_names_the_place_and_the_problem() -> None:
    error = InputError("vitals/v1/x", "value 7", errors.InputReason.OUT_OF_RANGE)
    assert str(error) == "vitals/v1/x: value 7"
