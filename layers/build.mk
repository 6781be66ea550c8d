# What the makefiles of the project, of the layer and of the functions share.
PYTHON ?= python3

# $(call tidy,folder): what Python and its tools left beside the sources.
tidy = find $(1) \( -name __pycache__ -o -name '.*_cache' \) -prune -exec rm -rf {} +

# LAMBDA_PYTHON: a Python of Lambda's version, which alone can make bytecode for it; empty if there is
# none. A version manager's shim may lead nowhere: each is tried, and those behind the shims are, too.
IS_LAMBDAS := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
DATA := $(or $(XDG_DATA_HOME),$(HOME)/.local/share)
MANAGED := $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.13* \
	$(or $(ASDF_DATA_DIR),$(HOME)/.asdf)/installs/python/3.13* \
	$(or $(MISE_DATA_DIR),$(DATA)/mise)/installs/python/3.13* \
	$(or $(UV_PYTHON_INSTALL_DIR),$(DATA)/uv/python)/cpython-3.13*
CANDIDATES = $(PYTHON) python3.13 $(wildcard $(MANAGED:%=%/bin/python3.13))
LAMBDA_PYTHON ?= $(shell for each in $(CANDIDATES); do $$each $(IS_LAMBDAS) && echo $$each && break; done)

# $(call precompile,folder,what Lambda calls it): bytecode that holds whatever the files' times are.
# Without it Lambda compiles at each cold start: importing takes 2.6 to 3.2 times the processor time.
precompile = $(if $(LAMBDA_PYTHON),$(LAMBDA_PYTHON) -m compileall -q --invalidation-mode unchecked-hash -s $(1) -p $(2) $(1))
