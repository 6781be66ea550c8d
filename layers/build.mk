# What the makefiles of the layer and of the functions share.
PYTHON ?= python3

# $(call tidy,folder): what Python and its tools left beside the sources.
tidy = find $(1) \( -name __pycache__ -o -name '.*_cache' \) -prune -exec rm -rf {} +

# $(call precompile,folder,what Lambda calls it): bytecode that holds whatever the files' times are;
# it halves a cold start. Only a Python of Lambda's version can make it, and none is needed: without
# bytecode, Lambda compiles at each start.
IS_LAMBDAS := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
COMPILER := $(shell for each in $(PYTHON) python3.13; do $$each $(IS_LAMBDAS) && echo $$each && break; done)
precompile = $(if $(COMPILER),$(COMPILER) -m compileall -q --invalidation-mode unchecked-hash -s $(1) -p $(2) $(1))
