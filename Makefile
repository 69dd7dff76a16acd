# Each line is a command that anyone can type.
SLEAP ?= 1.6
PROJECT ?=
PIPELINE ?=
LINT = .venvs/lint/bin
SCREEN = xvfb-run -a -s "-screen 0 3200x2400x24"

.PHONY: setup demo test lint faults bench bench-cluster bench-load bench-export bench-transfer bench-window bench-start docs screenshots clean

setup:
	resources/environments/setup.sh

demo: setup
	python3 resources/demo/run.py --sleap "$(SLEAP)" $(if $(PROJECT),--project "$(PROJECT)") $(if $(THEN),--then-predict) $(if $(PIPELINE),--pipeline "$(PIPELINE)")

lint: setup
	$(LINT)/ruff check .
	$(LINT)/ruff format --check .
	$(LINT)/vermin -t=3.7- --no-tips --violations sleap_remote_plugin resources/demo tests
	$(LINT)/mypy
	PYTHONPATH=. $(LINT)/lint-imports

test: lint
	python3 tests/run.py

# Every fault at every step of a submission, as a table.
faults: setup
	.venvs/sleap16/bin/python -m pytest -q tests/faults -m "faults or not faults"

# How long connections take beside OpenSSH's; on a practice cluster of its own.
bench: setup
	.venvs/sleap16/bin/python -m tests.bench.connection

# What following and submitting cost the cluster, beside dpdispatcher and AiiDA (from
# PyPI, into the user's cache); on a practice cluster of its own.
bench-cluster: setup
	.venvs/sleap16/bin/python -m tests.bench.cluster

# How long an export takes, beside SLEAP's own with zip and unzip; both generations.
bench-export: setup
	.venvs/sleap13/bin/python -m tests.bench.export
	.venvs/sleap16/bin/python -m tests.bench.export

# How long a load of predictions takes, beside SLEAP's own, in its real window.
bench-load: setup
	.venvs/sleap16/bin/python -m tests.bench.load

# How fast copies are beside cp, scp and sftp; on a practice cluster of its own.
bench-transfer: setup
	.venvs/sleap16/bin/python -m tests.bench.transfer

# The window's longest pauses while 500 jobs change, a log of 200 MB grows, a mount hangs.
bench-window: setup
	$(SCREEN) .venvs/sleap13/bin/python -m tests.bench.window
	$(SCREEN) .venvs/sleap16/bin/python -m tests.bench.window

# What we add to SLEAP's start, and to that of any other Python.
bench-start: setup
	$(SCREEN) .venvs/sleap13/bin/python -m tests.bench.start
	$(SCREEN) .venvs/sleap16/bin/python -m tests.bench.start

docs: setup
	.venvs/sleap16/bin/python -m mkdocs build --strict -f docs/website/mkdocs.yml

# Every window in every state, compared with the last; and the last demos of both
# generations: `make demo SLEAP=1.3` and `make demo SLEAP=1.6`.
screenshots: setup
	rm -rf build/screens-before
	if [ -d build/screens ]; then mv build/screens build/screens-before; fi
	$(SCREEN) .venvs/sleap13/bin/python -m tests.qt.rendering build/screens/1.3/100
	$(SCREEN) .venvs/sleap16/bin/python -m tests.qt.rendering build/screens/1.6/100
	$(SCREEN) env QT_SCALE_FACTOR=2 .venvs/sleap13/bin/python -m tests.qt.rendering build/screens/1.3/200 --look light --look dark
	$(SCREEN) env QT_SCALE_FACTOR=2 .venvs/sleap16/bin/python -m tests.qt.rendering build/screens/1.6/200 --look light --look dark
	.venvs/sleap16/bin/python docs/window_pictures.py
	.venvs/sleap16/bin/python docs/screenshots.py

clean:
	rm -rf build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
