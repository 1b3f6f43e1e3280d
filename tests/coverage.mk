# SPDX-License-Identifier: LGPL-3.0-or-later
# How much of the driver the host tests reach. Included by
# tests/tests.mk, after the other parts of tests/.

COVERAGE_OUT := $(BUILD)/tests/coverage
COVERAGE_PROGRAMS := $(patsubst $(UNIT_DIR)/%.c,$(COVERAGE_OUT)/%,$(UNIT_TESTS)) \
    $(COVERAGE_OUT)/random_histories $(addprefix $(COVERAGE_OUT)/,$(FUZZ_TARGETS))

.PHONY: coverage
coverage:
	$(call need,libcmocka-dev)
	@$(MAKE) --no-print-directory -s UNIT_OUT=$(COVERAGE_OUT) MODEL_OUT=$(COVERAGE_OUT) \
	    UNIT_SANITIZE='-O0 --coverage' $(COVERAGE_PROGRAMS)
	@tests/coverage $(COVERAGE_OUT) $(COVERAGE_PROGRAMS)
