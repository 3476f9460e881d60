# Two commands do everything on a machine with Python >= 3.11, pip and make:
#   make demo    a trained network: counts, one region, a verdict, certificates, their checks
#   make test    style, types, layers, doctests, tests
# and one needs Rocq 8.16 besides:
#   make proofs  the machine-checked theorems, and the verified checker on certificates of the demo networks
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
JOBS ?= 2

NETWORK = examples/two_moons.onnx
DOMAIN = box:-2:3
POINT = 1/2,1/4
QUERY = examples/two_moons.vnnlib
CERTIFICATE = build/two_moons.certificate.jsonl
VERDICT = build/two_moons.verdict.jsonl

.PHONY: demo test proofs coqc clean

demo: $(VENV)/.installed
	@mkdir -p $(dir $(CERTIFICATE))
	$(BIN)/exactrelu regions $(NETWORK) --domain $(DOMAIN) --certificate $(CERTIFICATE)
	$(BIN)/exactrelu show $(NETWORK) --at "$(POINT)"
	$(BIN)/exactrelu check $(CERTIFICATE) $(NETWORK)
	$(BIN)/exactrelu verify $(QUERY) --network $(NETWORK) --certificate $(VERDICT)
	$(BIN)/exactrelu check $(VERDICT) $(NETWORK) $(QUERY)

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n $(JOBS)

proofs: coqc $(VENV)/.installed
	$(MAKE) -C proofs/rocq
	$(BIN)/python proofs/check_certificates.py build/proofs

coqc:
	@command -v coqc >/dev/null || { echo "make proofs needs Rocq 8.16, the program coqc. Debian and Ubuntu: apt-get install coq" >&2; exit 1; }

# The stamps depend on the metadata, not on the code: the installation is editable. Dependencies are wheels only,
# so that a missing one is one clear line of pip instead of a failing compiler.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "exactrelu needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --only-binary :all: --editable .
	@touch $@

$(VENV)/.installed-test: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --only-binary :all: --editable ".[test]"
	@touch $@ $(VENV)/.installed

clean:
	$(MAKE) -C proofs/rocq clean
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
