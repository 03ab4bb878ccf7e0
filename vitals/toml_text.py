"""A value of the settings as TOML text."""


def toml_value(value: object) -> str | None:
    """Return a value as TOML writes it; None for what has no value."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case tuple():
            return "[" + ", ".join(str(toml_value(item)) for item in value) + "]"
        case _:
            escaped = "".join(
                f"\\u{ord(sign):04x}" if ord(sign) < 32 or sign in '"\\' else sign  # noqa: PLR2004 - control signs
                for sign in str(value)
            )
            return f'"{escaped}"'
