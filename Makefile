# Everything a person or CI calls; each target sets up what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup demo test check lock format clean

setup: $(STAMP)

$(STAMP): requirements-setup.lock requirements-dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-setup.lock
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/mailgauge demo

test: setup
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --max-worker-restart 0 $(PYTEST_ARGS)

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 sql
	$(MAKE) lock-check

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix --processes 2 sql

# Versions and hashes, no index addresses: a lock file installs from whichever index the machine uses.
COMPILE := env -u UV_INDEX_URL $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock:
	$(COMPILE) requirements-setup.in -o requirements-setup.lock
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --all-extras -o requirements-dev.lock

# Resolving again from the lock file's own pins changes nothing when the lock file is current.
.PHONY: lock-check
lock-check:
	@mkdir -p $(VENV)/lock && cp requirements*.lock $(VENV)/lock
	@$(COMPILE) requirements-setup.in -o $(VENV)/lock/requirements-setup.lock
	@$(COMPILE) pyproject.toml -o $(VENV)/lock/requirements.lock
	@$(COMPILE) pyproject.toml --all-extras -o $(VENV)/lock/requirements-dev.lock
	@for f in requirements*.lock; do cmp -s $$f $(VENV)/lock/$$f || { echo "$$f is out of date: run 'make lock'"; exit 1; }; done

clean:
	rm -rf $(VENV) demo
