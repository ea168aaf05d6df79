# make                       reproduce every number, table and figure at cpu scale
# make SCALE=smoke           the same line in seconds (config/*.yaml hold the scales)
# make STUDIES=all           every study; or names with commas, see `patina plan --studies all`
# make TORCH=FILE.whl        set up with a torch build of your own, such as the CPU-only one
# make test                  the tests (make test ARGS="-k blur" for some of them)
# make bench                 the benchmarks
# make lint                  ruff, the type checker, snakemake --lint
# make lock                  resolve requirements.lock anew (needs the network)
SCALE   ?= cpu
STUDIES ?= default
PYTHON  ?= python3
TORCH   ?=
CORES   ?= all
ARGS    ?=

BIN   := .venv/bin
READY := .venv/ready

.PHONY: all test bench lint lock clean
.SILENT:

all: $(READY)
	$(BIN)/patina run --scale $(SCALE) --studies $(STUDIES) --cores $(CORES)

# torch has no hash in the lock: its CPU and CUDA builds are different files of one version.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "patina needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	echo "setting up .venv (once): about 240 MB and, with PyPI's CUDA build of torch, 3 GB more"
	$(PYTHON) -m venv .venv
	grep -v '^torch==' requirements.lock > .venv/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH),$(TORCH),$$(grep '^torch==' requirements.lock))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

bench: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/benchmarks --benchmark-only --benchmark-disable-gc $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakemake --lint --config scale=smoke

# torch's line stays as it is; the GPU libraries that PyPI's build of it brings are left out.
lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	grep '^torch==' requirements.lock > .venv/torch.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --quiet --constraint .venv/torch.txt --output-file .venv/resolved.txt
	awk '/^[A-Za-z]/ {skip = /^(torch==|triton|nvidia-|cuda-)/} !skip' .venv/resolved.txt > .venv/lock.txt
	cat .venv/torch.txt .venv/lock.txt > requirements.lock

clean:
	rm -rf build .snakemake
