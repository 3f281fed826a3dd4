# ReleaseFlow: every target sets up what it needs. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
CLUSTER := PYTHON=$(PYTHON) tools/cluster/cluster
# The tools' environment, made on first use; recursive on purpose: targets without it do not make it.
VENV = $(or $(RELEASEFLOW_VENV),$(shell $(PYTHON) tools/venv.py),$(error cannot set up the tools: see the lines above))
# Runs a command line with kubectl, helm and KUBECONFIG of the cluster.
IN_CLUSTER = environment=$$($(CLUSTER) env helm) && eval "$$environment" &&
PYTEST = $(VENV)/bin/python -m pytest
# Quiet, on both cores, and counting which lines and branches of the operator are run.
COVERED = -q -n 2 --dist=worksteal --cov --cov-report=
# Label of the namespaces that stories make: what a run that was stopped left is found by it.
STORY = releaseflow.dev/story
# What stories left, also those of a run that was stopped: applications of Argo CD have finalizers and go first.
CLEAN_UP = PYTHONPATH=operator:. $(VENV)/bin/python -m tests.e2e.stories.argocd.definitions; \
  kubectl delete namespaces --selector=$(STORY) --wait=false >/dev/null

.PHONY: help demo test lint unit integration test-one test-tools test-argocd test-flux test-rollouts run protocol stories fmt crds docs explore mutants mutants-core release-check faults failover bench scale images cluster cluster-down kubectl lock

help: ## List what can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: ## Watch a release of a shop under load on a real cluster: migrated, failed and held, repaired
	@PYTHON=$(PYTHON) PYTHONPATH=. $(CLUSTER) alone $(VENV)/bin/python -m demo $(if $(PICTURE),--picture $(PICTURE))

test: lint unit prepare integration protocol stories ## Prove all of it: checks, tests, protocol, stories on a real cluster

.PHONY: prepare
prepare:
	@$(CLUSTER) up images

lint: ## Check style, types and layers
	@echo "==> lint: ruff, mypy, import-linter"
	@$(MAKE) lint-style lint-types
	@PYTHONPATH=operator $(VENV)/bin/lint-imports --no-logo

.PHONY: lint-style lint-types
lint-style:
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --check --quiet .

lint-types:
	@$(VENV)/bin/mypy

unit: ## Run the pure tests: no cluster, no PostgreSQL, no network; the core is covered to the last branch
	@echo "==> unit tests"
	@$(PYTEST) tests/unit tests/repository -m 'not integration' $(COVERED)
	@$(VENV)/bin/coverage report --include='*/releaseflow/core/*' --fail-under=100
	@echo "the whole product is covered to $$($(VENV)/bin/coverage report --format=total) %"

integration: ## Run the tests that start Helm, PostgreSQL or an API server, and say what all tests of `make unit` and these cover
	@echo "==> integration tests"
	@path=$$($(CLUSTER) programs helm) && PATH=$$path $(PYTEST) tests/unit tests/repository -m integration --cov-append $(COVERED)
	@$(VENV)/bin/coverage report

test-one: ## Run one test with whatever it needs: make test-one T=tests/unit/core/test_redaction.py::test_name
	@case "$(T)" in \
	  "") echo "say which: make test-one T=tests/unit/core/test_redaction.py, or with ::test_name"; exit 2 ;; \
	  tests/e2e/stories/argocd*) $(CLUSTER) alone $(MAKE) play-argocd T="$(T)" ;; \
	  tests/e2e/stories/flux*) $(CLUSTER) alone $(MAKE) play-flux T="$(T)" ;; \
	  tests/e2e/stories/rollouts*) $(CLUSTER) alone $(MAKE) play-rollouts T="$(T)" ;; \
	  tests/e2e/*) $(CLUSTER) alone $(MAKE) play-stories T="$(T)" ;; \
	  *) if $(PYTEST) -q --collect-only -m integration "$(T)" >/dev/null; then \
	       path=$$($(CLUSTER) programs helm); export PATH="$$path"; fi; $(PYTEST) "$(T)" ;; \
	esac

stories: ## Play the stories on the real cluster, with the packaged operator
	@echo "==> stories on the cluster"
	@$(CLUSTER) alone $(MAKE) play-stories

.PHONY: test-kind
test-kind: ## Play the demo and the stories on kind, where a Docker engine answers, and remove the cluster
	@docker version >/dev/null 2>&1 || { echo "no Docker engine answers: start one, or run make test, which needs none"; exit 1; }
	@$(MAKE) demo stories cluster-down RELEASEFLOW_CLUSTER=kind

.PHONY: play-stories
play-stories: images
	@environment=$$($(CLUSTER) env helm $(if $(T),,argocd)) && eval "$$environment" && trap '$(CLEAN_UP)' EXIT; \
	  $(PYTEST) $(or $(T),tests/e2e -m 'not matrix and not argocd and not flux and not rollouts') -q -n 4 --dist=loadgroup --timeout=900

test-tools: ## Play every migration tool with every case on the real cluster, and write the table of docs/reference/tools.md
	@echo "==> every migration tool, with every case"
	@$(CLUSTER) ready all
	@outcomes=$$(mktemp -d) && trap 'rm -r "$$outcomes"' EXIT && export RELEASEFLOW_TOOL_OUTCOMES="$$outcomes" && \
	  $(CLUSTER) alone $(MAKE) play-stories T="tests/e2e/stories/test_tools.py tests/e2e/stories/test_tool_cases.py tests/e2e/stories/test_down.py" && \
	  PYTHONPATH=operator:. $(VENV)/bin/python -m tools.tool_outcomes "$$outcomes" && $(MAKE) docs

test-argocd: ## Play all stories with a real Argo CD beside the real cluster; `make test` plays two of them
	@echo "==> stories with Argo CD"
	@$(CLUSTER) alone $(MAKE) play-argocd

test-flux: ## Play the stories with the real controllers of Flux beside the real cluster: built once, in 10 minutes
	@echo "==> stories with Flux"
	@$(CLUSTER) alone $(MAKE) play-flux

test-rollouts: ## Play the stories with the real controller of Argo Rollouts beside the real cluster: built once, in 5 minutes
	@echo "==> stories with Argo Rollouts"
	@$(CLUSTER) alone $(MAKE) play-rollouts

.PHONY: play-argocd play-flux play-rollouts
play-argocd play-flux play-rollouts: play-%: images
	@environment=$$($(CLUSTER) env helm $*) && eval "$$environment" && \
	  trap '$(CLEAN_UP)' EXIT; \
	  $(PYTEST) $(or $(T),tests/e2e/stories/$*) -q --timeout=900

run: cluster ## Run the operator from this checkout in place of the installed one, until Ctrl-C
	@$(IN_CLUSTER) $(CLUSTER) alone $(VENV)/bin/python -m tools.run_operator

fmt: ## Format the code and fix what can be fixed automatically
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

crds: cluster ## Generate CRDs, their copy in the chart, and the plain manifests
	@PYTHONPATH=operator $(VENV)/bin/python -m tools.crds
	@cp crds/*.yaml charts/releaseflow/files/crds/
	@$(IN_CLUSTER) deploy/render.sh
	@echo "generated crds/, charts/releaseflow/files/crds/ and deploy/"

release-check: ## Do all of a release but publish it: checks, notes, chart, package and image; see docs/contributing/release.md
	@echo "==> release: version, generated files, deploy/"
	@path=$$($(CLUSTER) programs helm) && export PATH="$$path" && mkdir -p dist && \
	  $(PYTEST) -q tests/unit/test_version.py tests/repository/test_layout.py tests/unit/chart && \
	  echo "==> release: notes, chart and package, in dist/" && \
	  $(VENV)/bin/python -m tools.changelog >dist/NOTES.md && \
	  helm lint --strict charts/releaseflow && helm package charts/releaseflow --destination dist && \
	  $(VENV)/bin/python -m build --no-isolation --wheel --outdir dist .
	@echo "==> release: image"
	@$(CLUSTER) images operator:dev client:dev
	@echo "checked. Not done here: SBOM, signatures, publishing; docs/contributing/release.md says how"

docs: ## Generate the reference
	@PYTHONPATH=operator $(VENV)/bin/python -m tools.reference
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.unit.gitops.manifests
	@echo "generated docs/reference/ and what gitops/argocd has of it"

protocol: ## Explore the protocol to the end of a small world, and break the real operator at each of its writes
	@echo "==> protocol: the explorer, and the vectors that its world is held to"
	@$(PYTEST) tests/model tests/mutants tests/conformance -q -n 2
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.model --quick
	@echo "==> protocol: the real operator, API server and etcd, and whatever can go wrong between them"
	@$(PYTEST) tests/faults -q --capture=no

explore: ## Explore the protocol further than `make test` does: two operators, two flows; and random larger worlds
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.model
	@RELEASEFLOW_EXAMPLES=20 $(PYTEST) tests/model/test_walks.py tests/unit/core -q -k 'walks or properties'

mutants: ## Break each rule of the protocol on purpose, and see that it is noticed
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.mutants --write

mutants-core: ## Change the core line by line with mutmut, 400 changes drawn by chance, and see that its stories notice
	@python=$$($(PYTHON) tools/venv.py requirements-mutants.txt)/bin/python && PYTHONPATH=operator:. $$python -m tests.mutants.core --write

faults: cluster ## Break the real operator at every write and every observation, against a real API server: hours
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.faults --selection all
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.faults --doubles 1000

failover: ## Measure the fail-over time of the leader, and a restart with 1,000 flows: ten minutes
	@$(CLUSTER) programs
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.failover

scale: ## Measure what flows cost when there are many: 50 and 1,000 released at once, and beside 10,000 finished runs
	@$(CLUSTER) programs
	@PYTHONPATH=operator:. $(VENV)/bin/python -m tests.bench.scale

bench: images ## Measure what the gate costs, side by side with what people use today
	@$(IN_CLUSTER) PYTHONPATH=operator:. $(VENV)/bin/python -m tests.bench

images: ## Have a cluster that holds the images of make test, and those of more tools: make images TOOLS="sqlx dbmate"
	@$(CLUSTER) ready
	@$(if $(TOOLS),$(CLUSTER) load $(TOOLS))

cluster: ## Have a real cluster: the one named, kind where Docker answers, else a node built from Go modules
	@$(CLUSTER) up

cluster-down: ## Remove the cluster and everything that it left
	@$(CLUSTER) down

kubectl: ## Run kubectl against the cluster: make kubectl ARGS="get rflow,mrun -A"
	@$(CLUSTER) kubectl $(ARGS)

# The locks are complete and installed without a resolver: whatever is newest then, the same is installed. They stay so
# because uv follows every requirement for all supported Pythons at once (--universal), `pip check` ends the set-up where
# one is not met, and tests/repository/test_locks.py follows them again for each Python.
lock: ## Pin the dependencies again, with hashes and without addresses
	@for file in requirements requirements-dev requirements-mutants; do \
	  $(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --strip-extras \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file $$file.txt $$file.in; done
	@$(MAKE) check-locks

.PHONY: check-locks
check-locks:
	@$(PYTEST) tests/repository/test_locks.py -q

