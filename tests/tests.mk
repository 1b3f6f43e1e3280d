# SPDX-License-Identifier: LGPL-3.0-or-later
# All that tests: builds the test programs, and runs them by tests/run. Included
# by the top-level Makefile, behind bench/bench.mk and loader/loader.mk, whose
# flags and files most tests need.

include tests/kernel/kernel.mk
include tests/unit/unit.mk
include tests/report/report.mk
include tests/harness/harness_tests.mk
include tests/loader/loader_tests.mk
include tests/model/model.mk
include tests/fuzz/fuzz.mk
include tests/coverage.mk

export CMOCKA_MESSAGE_OUTPUT := TAP

CHECK_PACKAGES := $(LAB_PACKAGES) qemu-utils perl libcmocka-dev libasan8 libubsan1 \
    shellcheck clang-tidy cppcheck git fio ipxe syslinux syslinux-common isolinux \
    xorriso mtools dosfstools xfsprogs $(HARNESS_PACKAGES) \
    $(VALGRIND_PACKAGES) $(REPORT_CHECK_PACKAGES) $(MODEL_PACKAGES) $(FUZZ_PACKAGES)

# While the first lab test makes the image that the others wait for, a CPU has
# the long tests that need none; the longest of the lab come next, so that none
# of them is alone at the end.
CHECK_FIRST := tests/lab/10-int13.t tests/build/make.t tests/lint.t tests/coverage.t \
    $(patsubst %,tests/lab/%.t,75-soak 20-grub 47-twin 70-faults 45-handover)
CHECK_ORDER = $(CHECK_FIRST) \
    $(filter-out $(CHECK_FIRST),$(wildcard tests/lab/*.t tests/build/*.t))

# What tests/run runs each program by.
$(BUILD)/tests/limit: tests/limit.c
	@mkdir -p $(@D)
	$(CC) -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -o $@ $<

.PHONY: check check-lab lint
check: measure loader kernel baseline-rivals $(BASELINE_OUT)/ours-readahead.bin
	$(call need,$(CHECK_PACKAGES))
	@echo "make: building the unit tests"
	@$(MAKE) --no-print-directory -s $(UNIT_PROGRAMS) $(HTEST_PROGRAMS) \
	    $(LTEST_PROGRAMS) $(LTEST_UNIT) $(REPORT_TESTS) $(REPORT_CHECKED) model-programs fuzz-programs
	@tests/run $(CHECK_ORDER) $(UNIT_PROGRAMS) \
	    tests/unit/*.t $(MODEL_PROGRAM) tests/fuzz/*.t \
	    tests/model/*.t $(HTEST_PROGRAMS) tests/harness/*.t $(LTEST_UNIT) \
	    tests/loader/*.t $(REPORT_TESTS) tests/report/*.t tests/limits.t

check-lab: measure loader kernel baseline-rivals $(BASELINE_OUT)/ours-readahead.bin
	$(call need,$(CHECK_PACKAGES))
	@tests/run $(if $(TEST),tests/lab/$(TEST).t,tests/lab/*.t)

# tests/lab/75-soak.t in full.
SOAK_OPS ?= 100000

.PHONY: soak
soak: measure
	$(call need,$(CHECK_PACKAGES))
	@SOAK_OPS=$(SOAK_OPS) tests/run tests/lab/75-soak.t

lint: $(SEABIOS_DIR)/.prepared $(XEN_HEADERS)/.linked
	$(call need,$(CHECK_PACKAGES))
	@tests/run tests/lint.t
