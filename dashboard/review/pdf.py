"""A page as a PDF, by weasyprint. It is imported here, where it is used: it takes a second and 70 MB."""

import logging
from typing import Final

from vitals.errors import SetupError, SetupReason

PAPERS: Final = ("A4", "Letter")


def render_pdf(html: str, *, paper: str = "A4") -> bytes:
    """Return the PDF of a page that needs nothing from elsewhere.

    Args:
        html: the whole page; charts and styles are inside.
        paper: ``A4`` or ``Letter``.

    Raises:
        SetupError: weasyprint is not installed, or not whole.
    """
    try:
        from weasyprint import CSS, HTML  # type: ignore[import-untyped]  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise SetupError(
            f"a PDF needs the extra `report` (weasyprint 68 or newer, and the Pango library): {error}",
            SetupReason.MISSING_PACKAGE,
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # what of CSS it leaves out is no news
    fetcher = URLFetcher(allowed_protocols=("data",))  # a report fetches nothing
    size = paper if paper in PAPERS else PAPERS[0]
    sheet = CSS(string=f"@page {{ size: {size}; }}", url_fetcher=fetcher)
    made: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[sheet])
    return made
