# Start with `make demo` and `make test`. Both install what they need in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := sqlite:///demo.db
DEMO_STUDIES := demo-digits demo-mnist demo-fuzzy-rgb
DEMO_NEW := 'mnist-pairs[per_class=30]' --net lenet --objective retrieval

.PHONY: demo test test-long chaos check bench guard atlas clean help

help:
	@echo "make demo       search margins on three small tasks, then recommend for a fourth: four minutes"
	@echo "make test       run the tests: up to ten minutes"
	@echo "make test-long  run the long tests: many workers, browser, every study"
	@echo "make chaos      kill, freeze and disconnect workers, 20 seeds: half an hour; SEED=7 runs one"
	@echo "make check      check lint, types and the direction of imports"
	@echo "make bench      compare the speed of a sweep with other methods: half an hour, on a quiet machine"
	@echo "make guard      fail if sweeps became slower: five minutes, on a quiet machine"
	@echo "make atlas      measure the built-in repository again: hours; resumes if interrupted"
	@echo "make clean      remove the virtual environment and the demo database"

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "installing into $(VENV): takes about two minutes, and 5 GB with PyTorch's CUDA build"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

demo: $(VENV)/installed
	@for study in $(DEMO_STUDIES); do \
		$(BIN)/sweeper run $$study --storage $(DEMO) || exit $$?; echo; \
	done
	@$(BIN)/sweeper studies --storage $(DEMO)
	@echo
	@echo "Which margins for data that was never swept? sweeper recommend" $(DEMO_NEW) "--try"
	@echo
	@$(BIN)/sweeper recommend $(DEMO_NEW) --try --storage $(DEMO)
	@echo
	@echo "Next:"
	@echo "  $(BIN)/sweeper serve --storage $(DEMO)              ask, and show the studies, in the browser"
	@echo "  $(BIN)/sweeper results demo-digits --storage $(DEMO)"
	@echo "  $(BIN)/sweeper confirm demo-digits --storage $(DEMO)   retrain the best, read the test data"
	@echo "  $(BIN)/sweeper recommend ./my-images                     your own data: a folder per class"
	@echo "  $(BIN)/sweeper run ./my-images"

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not long" --numprocesses 2

test-long: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m long --numprocesses 2

chaos: $(VENV)/installed-dev
	SWEEPER_CHAOS_SEEDS=$(or $(SEED),1-20) SWEEPER_CHAOS_SECONDS=$(SECONDS) \
		$(BIN)/python -m pytest -m long tests/chaos --tb=short

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev
	$(BIN)/sweeper bench
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/overhead.py

guard: $(VENV)/installed-dev
	$(BIN)/python benchmarks/guard.py

atlas: $(VENV)/installed-dev
	$(BIN)/python -m tools.atlas sweep sqlite:///atlas.db
	$(BIN)/python -m tools.atlas write sqlite:///atlas.db
	$(BIN)/python -m tools.figures.atlas

clean:
	rm -rf $(VENV) demo.db demo.db-shm demo.db-wal
