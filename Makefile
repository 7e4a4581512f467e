# Two commands on a fresh machine: `make demo` and `make test`. Everything they need they fetch themselves.
SHELL := /bin/bash
PYTHON ?= python3
UV := .venv/bin/uv
export OMP_NUM_THREADS ?= 2
export OPENBLAS_NUM_THREADS ?= 1
SERVE ?= yes
# the tests in parts, the longest first; four at once on two cores, as each waits for programs that it starts
AT_ONCE ?= 4
OF_technologies := $(addprefix tests/,technologies reference)
OF_web := tests/web
OF_integrations := $(addprefix tests/,integrations oversight measure audit intake pictures)
OF_operations := tests/operations
OF_limits := tests/limits
OF_demos := tests/demos
OF_stories := tests/stories
OF_kernel := $(addprefix tests/,kernel storage)
OF_cli := $(addprefix tests/,cli docs)
PARTS := technologies web integrations operations limits demos stories kernel cli
OF_rest := tests $(foreach part,$(PARTS),$(addprefix --ignore=,$(OF_$(part))))
# temporary files of tests lie in memory where there is room: most of the time they would wait for a disk
export PYTEST_DEBUG_TEMPROOT ?= $(shell grep -s ' /dev/shm ' /proc/mounts | grep -qv noexec && \
	df -k --output=avail /dev/shm | awk 'NR == 2 && $$1 > 4000000 {print "/dev/shm"}')
# with every office on PostgreSQL, too: what is promised, what a crash leaves, one story; `make test-all` runs the rest there
OF_postgresql := $(addprefix tests/,promises integrations/test_stream_crash.py stories/test_story_of_a_forecast.py)
ALL_ON_POSTGRESQL := $(addprefix tests/,stories operations/test_dividing.py) \
	$(addprefix tests/kernel/,verbs identity state records) \
	$(addprefix --ignore=tests/stories/test_story_of_,a_sealed_trial.py the_clerks_commands.py) # for these SQLite is enough
# with every office divided, its registrar on a real socket, too:
DIVIDED := tests/promises tests/integrations/test_stream_crash.py
OF_divided := $(DIVIDED) -k "toy or boxes"
TESTS := $(addprefix test-,operations technologies web limits integrations demos postgresql stories kernel rest \
	cli divided)
unexport PYTHONDONTWRITEBYTECODE # a command compiles what it imports once, not each time

.PHONY: $(TESTS) demo test test-all mutations check setup-demo setup-docs setup-test docs clean

demo: setup-demo ## a town with every technology at work, to be played at its pages (SERVE=no ends when they are written)
	.venv/bin/peelian demo --out demo-office $(if $(filter no,$(SERVE)),--no-serve,--serve)

test: setup-test ## everything: style, types, architecture, tests with the real parts
	@$(MAKE) --no-print-directory --keep-going --jobs=$(AT_ONCE) check $(TESTS)

$(TESTS): test-%: | .venv/set-up-for-tests ## one of the parts; one that hangs is ended and says at which test (the longest takes some 20 minutes)
	timeout --kill-after=1m 45m .venv/bin/pytest $(OF_$*)
test-postgresql: export PEELIAN_TESTS_ON = postgresql
test-divided: export PEELIAN_TESTS_DIVIDED = 1

test-all: export PEELIAN_TESTS_FULL = 1
test-all: test ## the same at full size; divided offices, all on PostgreSQL, stories at all widths in both languages, 10,000 requests to each door
	PEELIAN_TESTS_DIVIDED=1 .venv/bin/pytest $(DIVIDED)
	PEELIAN_TESTS_ON=postgresql .venv/bin/pytest $(ALL_ON_POSTGRESQL)
	PEELIAN_TESTS_MATRIX=1 .venv/bin/pytest tests/demos/stories
	PEELIAN_FUZZ=10000 .venv/bin/pytest -s tests/web/test_api_fuzz.py tests/web/test_fuzz.py
	-.venv/bin/python benchmarks/walk.py # what a case passes and a capability reaches: its bars are not met yet

mutations: | .venv/set-up-for-tests ## do the tests notice? each line of tests/mutations.toml is changed, and its tests have to fail
	.venv/bin/python tools/mutations.py

check: | .venv/set-up-for-tests ## style, types, architecture
	.venv/bin/ruff format --check src tests benchmarks docs
	.venv/bin/ruff check src tests benchmarks docs
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: setup-docs ## the documentation site in docs/_build/html, its examples run; any warning fails
	.venv/bin/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	.venv/bin/pytest tests/docs

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed: make PYTHON=python3.11"'
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8'

setup-demo: .venv/bin/uv
	$(UV) sync --frozen --inexact --no-default-groups --extra demo --quiet
	.venv/bin/python tools/fetch_scripts.py

setup-docs: .venv/bin/uv
	$(UV) sync --frozen --inexact --all-extras --group docs --quiet
	.venv/bin/python tools/fetch_scripts.py

setup-test: .venv/bin/uv
	bash tools/debian-parts
	$(UV) sync --frozen --inexact --all-extras --all-groups --quiet
	.venv/bin/python tools/fetch_scripts.py
	npm ci --ignore-scripts --no-audit --no-fund --silent --prefix tests/web
	@touch .venv/set-up-for-tests

.venv/set-up-for-tests: # what one part, or the style alone, needs where `make test` never ran
	@$(MAKE) --no-print-directory setup-test

clean:
	rm -rf .venv demo-office demo-office-witness build dist docs/_build
