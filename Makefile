# Toonbank. `make` lists the commands. PORT and TOONBANK_DATA choose the port and the data folder.

PYTHON ?= $(firstword $(foreach p,python3 python3.11 python3.12 python3.13,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
# One more than two cores: somebody always waits for a browser, a lock or a process that starts.
JOBS ?= 3
VENV := .venv
RUN := $(VENV)/bin/python
COMPILE := uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header

export PORT TOONBANK_DATA
# Dozens of processes start in a run, and each would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE
ifeq ($(PORT),)
unexport PORT
endif
ifeq ($(TOONBANK_DATA),)
unexport TOONBANK_DATA
endif

.PHONY: help demo run stop demo-access test soak check messages openapi lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo         the portal with a believable chain, on http://127.0.0.1:8000"
	@echo "make run          the portal without demo data"
	@echo "make stop         stop what runs on the data folder"
	@echo "make demo-access  addresses, users and keys of the demo, as JSON (use make -s)"
	@echo "make check        style, types, floors, deployment, migrations, translation, API document"
	@echo "make test         make check, then all tests"
	@echo "make soak         what takes too long for every run: ten thousand orders while processes are killed, each page x role x theme x …"
	@echo "make messages     bring the translation files up to date with the code"
	@echo "make openapi      write openapi.yaml again from the code"
	@echo "make lock         lock requirements/*.in again, with hashes"
	@echo "make clean        remove the environment and .data, the default data folder"
	@echo
	@echo "PORT=8001 and TOONBANK_DATA=/some/folder choose the port and the data folder (.data)."

demo: $(VENV)/base
	@exec $(RUN) manage.py up --demo --with-parent

run: $(VENV)/base
	@exec $(RUN) manage.py up --with-parent

stop: $(VENV)/base
	@$(RUN) manage.py services stop

demo-access: $(VENV)/base
	@$(RUN) manage.py demo_access

check: $(VENV)/dev
	@$(RUN) -m config.checks

# The tests run even when a check fails, so that one run tells everything; their report names the failed checks.
test: $(VENV)/dev
	@failed=$$(mktemp); trap 'rm -f "$$failed"' EXIT; checks=0; \
	$(RUN) -m config.checks --failed-to "$$failed" || checks=$$?; \
	TOONBANK_FAILED_CHECKS="$$(cat "$$failed")" $(RUN) -m pytest -n $(JOBS) --dist worksteal -q || exit $$?; \
	exit $$checks

soak: $(VENV)/dev
	@$(RUN) -m pytest -n $(JOBS) --dist worksteal -q -rP -m soak tests

messages: $(VENV)/dev
	@$(RUN) -m config.translation

openapi: $(VENV)/dev
	@$(RUN) -m config.checks --write-openapi

lock: $(VENV)/dev
	@$(VENV)/bin/$(COMPILE) requirements/base.in -o requirements/base.txt
	@$(VENV)/bin/$(COMPILE) requirements/dev.in -o requirements/dev.txt
	@$(VENV)/bin/$(COMPILE) requirements/peers.in -o requirements/peers.txt

clean:
	@if [ -x $(RUN) ]; then $(RUN) manage.py services stop || true; fi
	@rm -rf $(VENV) .data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call install,requirements file)
# The locked file names every package there is to be, so nothing is looked for; a module is compiled when it is first loaded.
define install
	@if [ -z "$(PYTHON)" ]; then echo "Toonbank needs Python 3.11 or later; none was found. Name one: make PYTHON=…"; exit 1; fi
	@if [ ! -x $(RUN) ]; then echo "Making the environment in $(VENV) …"; $(PYTHON) -m venv $(VENV) || { \
	    echo "Python could not make an environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }; fi
	@echo "Installing $(1) …"
	@if [ -x $(VENV)/bin/uv ]; then $(VENV)/bin/uv pip install --quiet --no-deps --python $(RUN) --require-hashes -r $(1); \
	else $(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes -r $(1); fi
	@touch $@
endef

$(VENV)/base: requirements/base.txt
	$(call install,requirements/base.txt)

$(VENV)/dev: requirements/dev.txt
	$(call install,requirements/dev.txt)
	@touch $(VENV)/base
