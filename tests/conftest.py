"""What every test shares: the two profiles of the property tests.

`HYPOTHESIS_PROFILE=ci` looks longer; without it a run stays short enough for every few edits.
"""

import os

from hypothesis import settings

# No deadline: two cores are shared with brokers and browsers, and a slow example is no defect.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
