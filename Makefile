# `make help` lists the targets. `make demo` is all a fresh machine needs (Python 3.11 with venv, make).

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Options of the commands, also from the environment: make demo DEMO="--port 8080 --participants 12"
DEMO ?=
BENCH ?=
# Options for pytest: make test PYTEST="tests/vitals -x"
PYTEST ?=
# Options of the virtual machine: make test-bluez BLUEZ="--limit 600"
BLUEZ ?=
export INSTALL

BIN := .venv/bin
PINS := tools/install.sh constraints-uv.txt pyproject.toml
QUICK := not peer and not browser and not slow and not bench
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: demo
demo: .venv/.runtime ## a simulated class of 12 on the wall; Ctrl-C ends it
	@exec $(BIN)/vitals demo $(DEMO)

.PHONY: install
install: .venv/.runtime ## what the system needs to run, into .venv; no tests, no root

.PHONY: test
test: .venv/.dev programs node_modules/.installed ## everything but the slow tests
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not slow and not bench" $(PYTEST)

.PHONY: soak
soak: soak-storm soak-radio soak-codecs soak-screen soak-alerts soak-sink soak-api ## what takes long, in parts with a limit each (soak-storm, ...)

.PHONY: soak-storm
soak-storm: .venv/.dev programs ## a storm of kills and pauses over two classes; CHAOS_SECONDS=180 each, CHAOS_SEED
	@timeout --foreground --signal=INT --kill-after=60 3600 $(BIN)/pytest -s -m slow tests/system/test_chaos.py $(PYTEST)

.PHONY: soak-radio
soak-radio: .venv/.dev programs ## an hour of 24 sensors with silent losses, few slots, a killed gateway; SOAK_MINUTES=60, SOAK_RATE=5, SOAK_SEED
	@timeout --foreground --signal=INT --kill-after=60 15000 $(BIN)/pytest -s -m slow tests/system/test_soak.py $(PYTEST)

.PHONY: soak-codecs
soak-codecs: .venv/.dev ## ten million random notifications for each codec; FUZZ_INPUTS, FUZZ_SEED
	@timeout --foreground --signal=INT --kill-after=60 7200 $(BIN)/pytest -s -m slow tests/gateway/test_codec_fuzz.py tests/gateway/test_codec_any_bytes.py $(PYTEST)

.PHONY: soak-screen
soak-screen: .venv/.dev programs ## a wall of 30 people in a browser for an hour: nothing grows; SOAK_MINUTES=60
	@timeout --foreground --signal=INT --kill-after=60 7500 $(BIN)/pytest -s -m slow tests/system/test_screen_soak.py $(PYTEST)

.PHONY: soak-alerts
soak-alerts: .venv/.dev programs ## alerts killed 200 times in the middle of escalations, at a clock rate; ALERTS_KILLS, ALERTS_SEED
	@timeout --foreground --signal=INT --kill-after=60 3600 $(BIN)/pytest -s -m slow tests/alerts/test_kills.py $(PYTEST)

.PHONY: soak-sink
soak-sink: .venv/.dev programs ## an InfluxDB server that is away for five minutes; SINK_AWAY_S=300
	@timeout --foreground --signal=INT --kill-after=60 1800 $(BIN)/pytest -s -m slow tests/ingest/test_sink.py $(PYTEST)

.PHONY: soak-api
soak-api: .venv/.dev programs ## what Schemathesis finds in the interface when it asks for long; API_EXAMPLES=100 an operation, API_SEED
	@timeout --foreground --signal=INT --kill-after=60 7500 $(BIN)/pytest -s -m slow tests/dashboard/access/test_openapi.py $(PYTEST)

.PHONY: test-bluez
test-bluez: .venv/.dev ## the gateway with a real bluetoothd and kernel, in a small virtual machine (3 minutes)
	@exec $(BIN)/python -m tests.bluez.run $(BLUEZ)

.PHONY: check
check: .venv/.dev ## format, lint, imports, types, pages, quick tests: after every few edits
	@$(MAKE) -k -j 4 --output-sync=target format-check lint imports types pages-here quick

.PHONY: gates
gates: .venv/.dev ## everything in check but the tests
	@$(MAKE) -k -j 2 --output-sync=target format-check lint imports types pages

.PHONY: quick
quick: .venv/.dev
	@$(BIN)/pytest -q -n 2 -m "$(QUICK)" $(PYTEST)

.PHONY: format
format: .venv/.dev ## put the code into its one form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

.PHONY: format-check
format-check: .venv/.dev
	@$(BIN)/ruff format --check --quiet --diff .

.PHONY: lint
lint: .venv/.dev ## ruff, and once more over the pure code with rules of its own
	@$(BIN)/ruff check --quiet .
	@sh tools/lint_pure.sh

.PHONY: imports
imports: .venv/.dev ## the directions of imports
	@sh tools/quietly.sh $(BIN)/lint-imports

.PHONY: types
types: .venv/.dev ## mypy
	@$(BIN)/mypy

.PHONY: pages
pages: node_modules/.installed ## the types of the pages' JavaScript
	@node_modules/.bin/tsc --project tsconfig.json

# `make check` installs nothing on the machine: without Node it says what it left out.
.PHONY: pages-here
pages-here:
	@if command -v npm >/dev/null; then $(MAKE) pages; else echo "pages: not checked, there is no Node here"; fi

.PHONY: alarm-report
alarm-report: .venv/.dev ## what the alarm rules catch and how often they cry wolf: docs/alarm-report.md; ten minutes
	@$(BIN)/python -m cli.alarm_report $(if $(RECORDINGS),--recordings $(RECORDINGS)) > docs/alarm-report.new
	@mv docs/alarm-report.new docs/alarm-report.md

.PHONY: bench
bench: .venv/.runtime ## the figures of docs/figures.md; some ten minutes
	@sh tools/machine.sh bench chromium || echo "without Chromium the wall is not measured" >&2
	@exec $(BIN)/vitals bench $(BENCH)

.PHONY: programs
programs:
	@sh tools/machine.sh test mosquitto chromium victoria-metrics soffice pdftoppm libpangoft2-1.0.so.0

.PHONY: constraints
constraints: .venv/.dev ## pin anew what is installed
	$(UV_COMPILE) pyproject.toml --group build --no-emit-package session-vitals --upgrade --extra all \
		--output-file constraints.txt
	$(UV_COMPILE) pyproject.toml --group build --no-emit-package session-vitals --upgrade --extra dev \
		--constraint constraints.txt --output-file constraints-dev.txt
	echo uv | $(UV_COMPILE) - --upgrade --output-file constraints-uv.txt

.PHONY: clean
clean: ## remove everything that can be made again
	rm -rf .venv .bluez node_modules build dist *.egg-info .coverage* htmlcov
	rm -rf .hypothesis .schemathesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# Stamps: a second run installs nothing.
.venv/.runtime: constraints.txt $(PINS)
	@sh tools/install.sh constraints.txt
	@touch $@

.venv/.dev: constraints-dev.txt $(PINS)
	@sh tools/install.sh constraints-dev.txt
	@touch $@ .venv/.runtime

node_modules/.installed: package.json package-lock.json
	@sh tools/machine.sh test node npm
	@npm ci --silent
	@touch $@
