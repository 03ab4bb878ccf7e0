"""What makes the phone's pages installable: manifest and service worker, both told the site's language."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.context import Context
from dashboard.api.pages import ASK_EACH_TIME

SHELL: Final = (
    "phone/offline.html",
    "phone/offline.js",
    "phone/offline.css",
    "tokens.css",
    "icon.svg",
    "phone/icon-192.png",
    "vendor/inter-latin-wght-normal.woff2",
)
"""What a phone keeps for when the server is away: a page that says so, and nothing about people."""

_NAMES: Final = {"en": "Session vitals", "de": "Session vitals"}
_SHORT: Final = {"en": "Vitals", "de": "Vitals"}
_ABOUT: Final = {
    "en": "Alarms of my people. Not a medical device; adds to direct supervision.",
    "de": "Alarme meiner Teilnehmer. Kein Medizinprodukt; ergänzt die Aufsicht.",
}


def install_routes(context: Context, static: Path) -> APIRouter:
    """Return the routes of the service worker and the manifest."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/service-worker.js")
    async def service_worker() -> Response:
        script = render_worker(static, language=context.stage.language)
        headers = ASK_EACH_TIME | {"service-worker-allowed": "/"}
        return Response(script, headers=headers, media_type="text/javascript")

    @routes.get("/manifest.webmanifest")
    async def manifest() -> Response:
        text = json.dumps(render_manifest(language=context.stage.language))
        return Response(text, headers=ASK_EACH_TIME, media_type="application/manifest+json")

    return routes


def render_worker(static: Path, *, language: str) -> str:
    """Return the service worker with the site's language and the version of what it keeps: a hash of its content."""
    script = (static / "phone" / "service-worker.js").read_text(encoding="utf-8")
    content = hashlib.sha256(script.encode())
    for name in SHELL:
        content.update((static / name).read_bytes())
    shell = json.dumps([f"/static/{name}" for name in SHELL])
    return (
        script.replace('const LANGUAGE = "en";', f'const LANGUAGE = "{language}";', 1)
        .replace('const VERSION = "none";', f'const VERSION = "{content.hexdigest()[:16]}";', 1)
        .replace("const SHELL = [];", f"const SHELL = {shell};", 1)
    )


def render_manifest(*, language: str) -> dict[str, Any]:
    """Return the web app manifest (W3C): what a phone installs."""
    return {
        "id": "/phone",
        "name": _NAMES[language],
        "short_name": _SHORT[language],
        "description": _ABOUT[language],
        "lang": language,
        "start_url": "/phone",
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0c1116",
        "theme_color": "#0c1116",
        "icons": [
            {"src": "/static/phone/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": "/static/phone/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {
                "src": "/static/phone/icon-maskable-512.png",
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
            {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        ],
    }
