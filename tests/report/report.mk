# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds the host tests of the reports with ASan and UBSan, and reads their C
# and that of the reports (lint-report). Included by tests/tests.mk.

REPORT_TEST_DIR := tests/report
REPORT_TEST_OUT := $(BUILD)/tests/checked
REPORT_TEST_SOURCES := $(wildcard $(REPORT_TEST_DIR)/test_*.c)
REPORT_TESTS := $(patsubst $(REPORT_TEST_DIR)/%.c,$(REPORT_TEST_OUT)/%, \
    $(REPORT_TEST_SOURCES))
REPORT_CHECK_PACKAGES := $(REPORT_PACKAGES) jq perl libxml2-utils libcmocka-dev libasan8 \
    libubsan1 chromium-headless-shell
# The program itself, for the tests that are scripts.
REPORT_CHECKED := $(BUILD)/tests/harness/int13bench

REPORT_TEST_OBJS := $(patsubst $(REPORT_DIR)/%.c,$(REPORT_TEST_OUT)/%.o, \
    $(REPORT_SOURCES)) \
    $(REPORT_TEST_OUT)/style.o
REPORT_TEST_FLAGS = $(REPORT_FLAGS) -iquote tests/unit -O1 -g $(UNIT_SANITIZE)

.PHONY: check-report lint-report
check-report: $(REPORT_TESTS) $(REPORT_CHECKED)
	$(call need,$(REPORT_CHECK_PACKAGES))
	@tests/run $(REPORT_TESTS) $(REPORT_TEST_DIR)/*.t

$(REPORT_TEST_OUT)/%.o: $(REPORT_DIR)/%.c $(REPORT_OUT)/.packages
	@mkdir -p $(@D)
	$(CC) $(REPORT_TEST_FLAGS) -MMD -MP -c -o $@ $<

$(REPORT_TEST_OUT)/%.o: $(REPORT_TEST_DIR)/%.c $(REPORT_OUT)/.packages
	@mkdir -p $(@D)
	$(CC) $(REPORT_TEST_FLAGS) -MMD -MP -c -o $@ $<

$(REPORT_TESTS): %: %.o $(REPORT_TEST_OBJS)
	$(CC) $(UNIT_SANITIZE) -o $@ $^ -lcmocka -ljansson -lm

-include $(wildcard $(REPORT_TEST_OUT)/*.d)

lint-c: lint-report

lint-report: | $(REPORT_OUT)/.packages
	@printf '%s\n' $(REPORT_SOURCES) $(REPORT_TEST_SOURCES) | \
	    xargs -P$$(nproc) -I{} $(CLANG_TIDY) --quiet \
	    --config-file=$(UNIT_DIR)/.clang-tidy $(TIDY_LESS:%=--checks='%') \
	    --header-filter='^(.*/)?($(REPORT_DIR)|tests)/.*' {} -- \
	    $(REPORT_FLAGS) -iquote tests/unit
	@$(CPPCHECK) --enable=warning,performance,portability --quiet \
	    --error-exitcode=1 --inline-suppr --std=c11 -I$(REPORT_DIR) \
	    -Itests/unit $(REPORT_SOURCES) $(REPORT_TEST_SOURCES)
