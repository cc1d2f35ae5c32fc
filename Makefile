# STACK=dev runs in the sandbox of Paperspace, on this computer and free of charge. Any other stack is a real machine.
STACK ?= dev
PYTHON ?= python3
ENGINE ?= sandbox
# No step uses an SSH agent, and a dead one fails every step.
unexport SSH_AUTH_SOCK
# Each of the many Pythons that `up` and the tests start would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
BENCHMARKS := noop_preview up_overhead api_calls engine
PULUMI = "$$($(BIN)/python -m lab.engine)"

ifeq ($(STACK),dev)
export PULUMI_BACKEND_URL := file://$(CURDIR)/.sandbox/backend
export PULUMI_CONFIG_PASSPHRASE := sandbox
WORLD = mkdir -p .sandbox/backend && $(BIN)/python -m sandbox up && eval "$$($(BIN)/python -m sandbox env)"
END_OF_WORLD = $(BIN)/python -m sandbox down
WORLD_VARIABLES = PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE PAPERSPACE_API_URL PAPERSPACE_API_KEY
# In the sandbox nothing is lost; for a real machine Pulumi shows its plan and asks.
CONFIRMED = --yes --skip-preview
else
WORLD = :
END_OF_WORLD = :
endif
SELECT = $(PULUMI) stack select --create --stack $(STACK) >/dev/null

.PHONY: up preview down notebook ssh env venv test test-real test-nspawn test-vm check lint types imports bench clean
.DEFAULT_GOAL := check

.venv/installed.lock: requirements.lock
	@PYTHON=$(PYTHON) tools/venv

venv: .venv/installed.lock

up: venv
	@$(WORLD) && $(SELECT) && $(PULUMI) up --stack $(STACK) $(CONFIRMED) --suppress-outputs && $(BIN)/lab card $(STACK)

preview: venv
	@$(WORLD) && $(SELECT) && $(PULUMI) preview --stack $(STACK) --diff

down: venv
	@$(WORLD) && $(SELECT) && $(PULUMI) destroy --stack $(STACK) $(CONFIRMED) && $(BIN)/lab forget $(STACK) && $(END_OF_WORLD)

notebook: venv
	@$(BIN)/lab notebook $(STACK)

ssh: venv
	@$(BIN)/lab ssh $(STACK)

# Lines for a shell to evaluate: only they may be on standard output.
env: venv
	@{ $(WORLD) && $(SELECT); } >&2 && $(BIN)/python -m lab.shell $(WORLD_VARIABLES)

test: venv
	@tools/apt-install chromium openssh-client || true
	@$(BIN)/pytest --numprocesses auto --dist loadscope --engine=$(ENGINE) tests

test-real: venv
	@$(MAKE) --no-print-directory test ENGINE=real
	@$(BIN)/pytest -m real_engine --numprocesses auto --dist loadscope tests/engine

test-nspawn: venv
	@tools/apt-install debootstrap systemd-container openssh-client || true
	@$(BIN)/pytest -m nspawn -p no:xdist tests/nspawn

test-vm: venv
	@tools/apt-install debootstrap systemd-container qemu-system-x86 e2fsprogs openssh-client || true
	@$(BIN)/pytest -m vm -p no:xdist tests/vm

lint: venv
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: venv
	@$(BIN)/mypy

imports: venv
	@$(BIN)/lint-imports

check: lint types imports test

bench: venv
	@for benchmark in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$benchmark || exit 1; done

clean:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m sandbox down; fi
	@rm -rf .venv .sandbox
