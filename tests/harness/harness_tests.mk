# SPDX-License-Identifier: LGPL-3.0-or-later
# Host tests of int13bench, with ASan and UBSan. Included by
# tests/tests.mk, behind tests/unit/unit.mk and tests/report/report.mk.

HTEST_DIR := tests/harness
HTEST_OUT := $(BUILD)/tests/harness
HTEST_TESTS := $(wildcard $(HTEST_DIR)/test_*.c)
# All but the program itself.
HTEST_COMMON := $(patsubst %.c,$(HTEST_OUT)/%.o, \
    $(filter-out $(HARNESS_DIR)/main.c,$(HARNESS_SOURCES)) $(HARNESS_SHARED))
HTEST_PROGRAMS := $(patsubst $(HTEST_DIR)/%.c,$(HTEST_OUT)/%,$(HTEST_TESTS))
HTEST_INCLUDES := -iquote $(HTEST_DIR) $(HARNESS_INCLUDES)

check-unit: $(HTEST_PROGRAMS)

# The table of medians has those of the reports.
$(HTEST_PROGRAMS): $(HTEST_OUT)/%: $(HTEST_OUT)/$(HTEST_DIR)/%.o $(HTEST_COMMON) \
    $(REPORT_TEST_OUT)/stats.o
	$(CC) $(UNIT_SANITIZE) -o $@ $^ -lcmocka $(HARNESS_LIBS)

# The whole program, for the tests that are scripts.
$(HTEST_OUT)/int13bench: $(HTEST_OUT)/$(HARNESS_DIR)/main.o $(HTEST_COMMON) \
    $(REPORT_TEST_OBJS)
	$(CC) $(UNIT_SANITIZE) -o $@ $^ $(HARNESS_LIBS)

$(HTEST_OUT)/%.o: %.c | $(HARNESS_OUT)/.packages
	@mkdir -p $(@D)
	$(CC) $(HARNESS_FLAGS) -O1 -g $(HTEST_INCLUDES) $(UNIT_SANITIZE) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(HTEST_COMMON)) \
    $(patsubst %.c,$(HTEST_OUT)/%.d,$(HTEST_TESTS))


################ Lint

HTEST_LINTED := $(HARNESS_SOURCES) $(HARNESS_SHARED) $(HTEST_TESTS) \
    $(wildcard bench/trace/*.c)

.PHONY: lint-harness
lint-c: lint-harness

# sscanf() is good enough for what our own programs print.
lint-harness: $(XEN_HEADERS)/.linked $(BUILD)/version.h | $(HARNESS_OUT)/.packages
	@printf '%s\n' $(HTEST_LINTED) | xargs -P$$(nproc) -I{} \
	    $(CLANG_TIDY) --quiet --config-file=$(UNIT_DIR)/.clang-tidy \
	    --checks='-cert-err34-c$(TIDY_LESS:%=,%)' \
	    --header-filter='^(.*/)?($(HARNESS_DIR)|$(HTEST_DIR)|bench/trace)/.*' {} -- \
	    -std=gnu11 -D_GNU_SOURCE $(HTEST_INCLUDES) -isystem $(XEN_HEADERS)
	@$(CPPCHECK) --enable=warning,performance,portability --quiet \
	    --error-exitcode=1 --inline-suppr --std=c11 -D_GNU_SOURCE \
	    $(patsubst %,-I%,$(BUILD) $(HARNESS_DIR) $(HTEST_DIR) $(PAYLOAD_DIR)) $(HTEST_LINTED)
