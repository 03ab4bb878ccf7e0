"""What treadmills and bikes may tell, by the names that their encoders and their frames share."""

from typing import Any

from hypothesis import strategies as st

_SHARED = {
    "speed_kmh": st.none() | st.integers(0, 4_000).map(lambda hundredths: hundredths / 100),
    "distance_m": st.none() | st.integers(0, 0xFF_FFFF),
    "energy_kcal": st.none() | st.integers(0, 0xFFFE),
    "hr_bpm": st.none() | st.integers(1, 250),
    "elapsed_s": st.none() | st.integers(0, 0xFFFF),
    "power_w": st.none() | st.integers(-0x8000, 0x7FFE),
}

TREADMILL: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        **_SHARED,
        "incline_pct": st.none() | st.integers(-300, 400).map(lambda tenths: tenths / 10),
        "pace_s_per_500m": st.none() | st.integers(1, 0xFFFF).map(float),
        "met": st.none() | st.integers(26, 255).map(lambda tenths: tenths / 10),
    }
)

BIKE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        **_SHARED,
        "cadence_per_min": st.none() | st.integers(0, 400).map(lambda halves: halves / 2),
        "resistance_level": st.none() | st.integers(0, 255),
        "met": st.none() | st.integers(0, 255).map(lambda tenths: tenths / 10),
    }
)
