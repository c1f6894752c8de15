# The joint-point laboratory from a fresh clone: `make demo`, `make test`. Needs git, make and Python 3.11 or newer.
#
#   make demo        T District with each layer cut: 8 arms x 4 replications, then the report page
#   make test        all tests, then the notebooks
#   make test-short  the tests that are not marked slow
#   make proofs      the proofs that take longest, some minutes
#   make faults      plant faults one by one: which law catches each (docs/laws.md)
#   make bench       the columns beside plain Mesa, in one run (STARSIM_PYTHON=PATH: Starsim too)
#   make lint        ruff, mypy, import contracts
#   make wheel-test  a wheel in an empty environment runs from an empty folder
#   make lock        remake locks/ from pyproject.toml (UPGRADE=1: the newest versions)
#   make setup       only the environment; the others do it when they must
#   make clean       what tests and builds left behind; `make distclean`: the environment too
#
# Settings: VENV=folder of the environment, PYTHON=interpreter to make it with, PYTHON_SERIES=3.12 for the
# first interpreter of just that series, WORKERS=processes for the tests.

VENV ?= .venv
PYTHON ?=
PYTHON_SERIES ?=
WORKERS ?= 2
UPGRADE ?=

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-short proofs bench faults lint wheel-test lock clean distclean find-python FORCE

# An environment must hold what it was given and nothing from the caller's shell.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

PY := $(VENV)/bin/python
STAMP := $(VENV)/.stamp
PIP := $(PY) -m pip -qq

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# --- the environment ----------------------------------------------------------------------------------

# Prints the first interpreter that really runs, is new enough and can make an environment. A name on the
# path proves nothing: a version manager's shim may answer for a version that is not there.
define FIND_PYTHON
	check='import sys; v = sys.version_info[:2]; s = "$(PYTHON_SERIES)"; print(sys.executable); \
	    sys.exit(v < (3, 11) or bool(s) and s != "%d.%d" % v)'; \
	bare=; \
	if [ -n "$(PYTHON)" ]; then set -- "$(PYTHON)"; else set -- \
	    $(addprefix python,3 $(PYTHON_SERIES) 3.11 3.12 3.13 3.14) python \
	    "$$HOME"/.pyenv/versions/3.*/bin/python /usr/local/bin/python3 /usr/bin/python3; fi; \
	for candidate in "$$@"; do \
	    found=$$("$$candidate" -c "$$check" 2>/dev/null </dev/null) || continue; \
	    if "$$found" -c 'import ensurepip, venv' 2>/dev/null; then echo "$$found"; exit 0; fi; \
	    bare=$$found; \
	done; \
	if [ -n "$$bare" ]; then \
	    echo "make: $$bare cannot make environments (it lacks ensurepip);" \
	        "install it, on Debian and Ubuntu: apt-get install python3-venv" >&2; \
	else \
	    echo "make: no Python $(or $(PYTHON_SERIES),3.11 or newer) found$(if $(PYTHON), at $(PYTHON));" \
	        "install one, or name it: make PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1
endef

find-python:
	@$(FIND_PYTHON)

# The stamp holds the folder it was made in: an environment that was copied or moved is made anew.
ifneq ($(shell cat '$(STAMP)' 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
endif

$(STAMP): locks/py311.txt locks/py312.txt pyproject.toml
	@if ! $(PY) -c 'import pip' 2>/dev/null || { [ -f '$@' ] && [ "$$(cat '$@')" != '$(CURDIR)' ]; }; then \
	    python=$$($(FIND_PYTHON)) || exit 1; \
	    echo "set-up: $(VENV) with $$("$$python" -V) ($$python)"; \
	    if [ -f '$(VENV)/pyvenv.cfg' ]; then clear=--clear; else clear=; fi; \
	    "$$python" -m venv $$clear '$(VENV)'; \
	fi
	@lock=$$($(PY) -c 'import sys; print("locks/py311.txt" if sys.version_info < (3, 12) else "locks/py312.txt")'); \
	    echo "set-up: the packages of $$lock (about a minute when they are new)"; \
	    $(PIP) install --require-hashes --no-deps -r "$$lock"
	@echo "set-up: jiedian itself, from this folder"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@printf '%s\n' '$(CURDIR)' > $@

setup: $(STAMP)
	@echo "set-up: $(VENV) is ready"

# --- what one does with it ----------------------------------------------------------------------------

demo: $(STAMP)
	@echo "demo: abm factorial t_district --households 3000 --replications 4 --out results/demo"
	@$(PY) -m abm factorial t_district --households 3000 --replications 4 --out results/demo || { code=$$?; \
	    if [ $$code -eq 2 ] && [ -f results/demo/manifest.json ]; then \
	        echo "make: if an older version of the program made results/demo, move it away and try again:" \
	            "mv results/demo results/demo-old" >&2; \
	    fi; exit $$code; }
	$(PY) -m abm report results/demo

test: $(STAMP)
	@echo "test: all tests on $(WORKERS) processes"
	@$(PY) -m pytest -q -n $(WORKERS) --dist worksteal -m "not long" --durations=10
	@if ls notebooks/*.ipynb >/dev/null 2>&1; then \
	    echo "test: the notebooks"; \
	    $(PY) -m pytest -q -n $(WORKERS) --nbmake notebooks; \
	fi

test-short: $(STAMP)
	@echo "test: without the slow ones, on $(WORKERS) processes"
	@$(PY) -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow and not long"

proofs: $(STAMP)
	@echo "proofs: the tests that take long, on $(WORKERS) processes"
	@$(PY) -m pytest -q -n $(WORKERS) --dist worksteal -m long

bench: $(STAMP)
	$(if $(STARSIM_PYTHON),$(PY) benchmarks/beside_starsim.py --starsim-python '$(STARSIM_PYTHON)')
	$(PY) benchmarks/household_tick.py --households 100000 --json

faults: $(STAMP)
	$(PY) -m tests.laws.faults

lint: $(STAMP)
	@bad=; \
	    echo "lint: style"; $(PY) -m ruff check -q || bad="$$bad style"; \
	    echo "lint: form"; $(PY) -m ruff format --check || bad="$$bad form"; \
	    echo "lint: types"; $(PY) -m mypy || bad="$$bad types"; \
	    echo "lint: who imports whom"; $(VENV)/bin/lint-imports --no-logo || bad="$$bad imports"; \
	    if [ -n "$$bad" ]; then echo "lint: to mend:$$bad" >&2; exit 1; fi

# The lock's versions go in as constraints, so that only what the wheel itself asks for is installed.
wheel-test: $(STAMP)
	@rm -rf build/wheel
	@echo "wheel-test: building"
	@$(PIP) wheel --no-deps --no-build-isolation -w build/wheel .
	@$(PY) -m zipfile -l build/wheel/*.whl > build/wheel/contents.txt
	@cd scenarios && find . -name '*.toml' -o -name '*.csv' | sed 's|^\./||' | while read -r file; do \
	    grep -q "^abm/scenario/library/$$file " ../build/wheel/contents.txt || \
	    { echo "wheel-test: the wheel lacks scenarios/$$file" >&2; exit 1; }; done
	@if grep -E '^(tests|notebooks|scenarios|experiments|docs)/' build/wheel/contents.txt; then \
	    echo "wheel-test: the wheel carries what it should not" >&2; exit 1; fi
	@set -e; \
	    lock=$$($(PY) -c 'import sys; print("locks/py311.txt" if sys.version_info < (3, 12) else "locks/py312.txt")'); \
	    sed -n 's/^\([A-Za-z0-9].*[^ ]\) *\\$$/\1/p' "$$lock" > build/wheel/constraints.txt; \
	    wheel=$$(ls '$(CURDIR)'/build/wheel/*.whl); \
	    place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; trap 'exit 1' INT TERM; \
	    echo "wheel-test: installing into an empty environment"; \
	    $(PY) -m venv "$$place/venv"; \
	    "$$place/venv/bin/python" -m pip -qq install -c build/wheel/constraints.txt "$$wheel"; \
	    mkdir "$$place/empty"; cd "$$place/empty"; \
	    echo "wheel-test: abm run t_district --households 300 --years 2"; \
	    "$$place/venv/bin/abm" run t_district --households 300 --years 2

# --- upkeep -------------------------------------------------------------------------------------------

# `fewest` keeps one version of a package for all platforms, so a lock says what was tested.
lock: $(STAMP)
	@for series in 3.11 3.12; do \
	    echo "lock: Python $$series"; \
	    $(PY) -m uv pip compile --quiet --no-config --universal --python-version $$series \
	        --fork-strategy fewest --extra dev --generate-hashes $(if $(UPGRADE),--upgrade) \
	        --custom-compile-command "make lock" -c locks/constraints.txt \
	        -o locks/py$$(echo $$series | tr -d .).txt pyproject.toml || exit 1; \
	done
	@if grep -nE '://|^ *-(i|f|-index|-extra-index|-find-links)' locks/*.txt; then \
	    echo "lock: a lock names an address" >&2; exit 1; fi

clean:
	rm -rf build dist results/demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name '.?*' -prune -o -type d -name __pycache__ -print | xargs rm -rf

distclean: clean
	@if [ -f '$(VENV)/pyvenv.cfg' ]; then echo "rm -rf $(VENV)"; rm -rf '$(VENV)'; fi
