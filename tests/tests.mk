# SPDX-License-Identifier: LGPL-3.0-or-later
# Everything that tests: builds the test programs, and runs them by tests/run. Included
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
include tests/mutants/mutants.mk

export CMOCKA_MESSAGE_OUTPUT := TAP

CHECK_PACKAGES := $(LAB_PACKAGES) qemu-utils perl libcmocka-dev libasan8 libubsan1 \
    shellcheck clang-tidy cppcheck git bash-completion faketime help2man fio python3-six man-db ipxe ipxe-qemu grub-rescue-pc syslinux syslinux-common isolinux \
    xorriso mtools dosfstools xfsprogs $(HARNESS_PACKAGES) \
    $(LTEST_PACKAGES) $(REPORT_CHECK_PACKAGES) $(MODEL_PACKAGES) $(FUZZ_PACKAGES)

# What check-long makes packages with, and discs that it boots as well; the installer's
# package has its release's number.
LONG_PACKAGES = $(VALGRIND_PACKAGES) $(DEB_PACKAGES) memtest86+ debian-installer-$(shell . /etc/os-release; echo $$VERSION_ID)-netboot-amd64

# While the first lab test makes the image that the others wait for, a CPU has
# the long tests that need none; the longest of the lab come next, so that none
# of them is alone at the end.
CHECK_FIRST := tests/lab/10-int13.t tests/build/make.t tests/lint.t tests/coverage.t \
    $(patsubst %,tests/lab/%.t,75-soak 20-grub 47-twin 70-faults 45-handover)
# For check-long alone: they set our figures beside published ones and Linux's, while
# 50-figures.t holds them to their budgets; measure the lab; wait for emulated IDE; or
# boot what others have made, after what 20-grub.t, 25-loaders.t and 59-cdrom.t boot; or
# run our tools in a dom0, where tests/harness has a stand-in for xl; or take ten times as
# long as the same tests under ASan.
LONG_ONLY := tests/unit/valgrind.t $(patsubst %,tests/lab/%.t,48-ipxe 49-images 53-discs 58-latency 61-reference 62-xl 63-host-report 64-package 66-ceilings)
# Those of the lab that also run with the other Debian releases in dom0, in brief: is_brief
# in tests/lab/lib.sh. check-long runs all of them, and in full.
RELEASES := $(shell sed '/^\#/d; s/ .*//' lab/releases)
OTHER_RELEASES := $(filter-out $(or $(XENLAB_RELEASE),$(firstword $(RELEASES))),$(RELEASES))
LAB_TESTS := $(basename $(notdir $(wildcard tests/lab/*.t)))
BRIEF_TESTS := 10-int13 20-grub 45-handover 46-kernels 47-twin 50-figures 56-readahead 59-cdrom 70-faults
OTHER_TESTS = $(if $(CHECK_LONG),$(LAB_TESTS),$(BRIEF_TESTS))
OTHERS = $(foreach release,$(OTHER_RELEASES),$(OTHER_TESTS:%=tests/lab/%.t@$(release)))
CHECK_ORDER = $(CHECK_FIRST) $(OTHERS) $(filter-out $(CHECK_FIRST) $(if $(CHECK_LONG),,$(LONG_ONLY)), \
    $(wildcard tests/lab/*.t tests/build/*.t tests/unit/*.t))

# What tests/run runs each program by.
$(BUILD)/tests/limit: tests/limit.c
	@mkdir -p $(@D)
	$(CC) -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -o $@ $<

.PHONY: check check-long check-lab lint
LAB_NEEDS := installable kernel $(BASELINE_OUT)/prototype.bin $(BASELINE_OUT)/ours-in-place.bin
LONG_NEEDS := $(LAB_NEEDS) baseline-rivals $(BUILD)/bench/record.bin

check: export OPS := 200000
check: $(LAB_NEEDS)
	$(call run-check)

# All tests in full: is_long in tests/lab/lib.sh.
check-long: export CHECK_LONG := 1
check-long: export TEST_CPU_SECONDS := 14400
check-long: check-long-says $(LONG_NEEDS)
	$(call run-check)

.PHONY: check-long-says
check-long-says:
	@echo "make: all that make check does, and what that only samples:"
	@echo "  boots, ops and 16 disks by a driver domain, on real Xen"
	@echo "  every trigger, fault, loss and loader on either backend, not on one of them; a driver domain's, too"
	@echo "  discs of Debian's packages to their first screens; twins that are block devices or qcow2;"
	@echo "  the lab's storage with latency; kinds of guests and of 4096-byte disks on either backend"
	@echo "  Linux's kernel by IDE's PIO under the stock firmware, from XFS, FAT, LVM, an ISO image and"
	@echo "  by iPXE from disk and network, and in a guest that was saved in GRUB's menu"
	@echo "  1,000 connects of a disk, not 50; reads ahead and waits on two CPUs"
	@echo "  the lab's tests with the other Debian release in dom0: all of them, not one guest of a kind of some"
	@echo "  the figures of results/quick, and those of Linux's driver under fio"
	@echo "  int13bench and int13bench-host-report on a dom0, and the package there, by the words of its document"
	@echo "  all rival designs; the firmware built from another source, patch by patch, and the series step by step"
	@echo "  all unit tests under valgrind; a million random ops against the model; all mutants, in the ring's model as well"
	@echo "  240 job files against fio, not 60"

define run-check
	$(call need,$(CHECK_PACKAGES) $(if $(CHECK_LONG),$(LONG_PACKAGES)))
	@echo "make: building the unit tests"
	@$(MAKE) --no-print-directory -s $(UNIT_PROGRAMS) $(HTEST_PROGRAMS) \
	    $(LTEST_PROGRAMS) $(LTEST_UNIT) $(REPORT_TESTS) $(REPORT_CHECKED) model-programs fuzz-programs
	@tests/run $(CHECK_ORDER) $(UNIT_PROGRAMS) \
	    $(MODEL_PROGRAM) tests/fuzz/*.t \
	    tests/model/*.t $(HTEST_PROGRAMS) tests/harness/*.t $(LTEST_UNIT) \
	    tests/loader/*.t $(REPORT_TESTS) tests/report/*.t tests/limits.t tests/structure.t tests/documents.t tests/mutants/mutants.t
endef

check-lab: $(LAB_NEEDS) $(if $(CHECK_LONG),$(LONG_NEEDS))
	$(call need,$(CHECK_PACKAGES))
	@tests/run $(if $(TEST),tests/lab/$(TEST).t,tests/lab/*.t)

# tests/lab/75-soak.t in full, on both backends.
SOAK_OPS ?= 100000

.PHONY: soak
soak: measure
	$(call need,$(CHECK_PACKAGES))
	@CHECK_LONG=1 SOAK_OPS=$(SOAK_OPS) tests/run tests/lab/75-soak.t

lint: $(SEABIOS_DIR)/.prepared $(XEN_HEADERS)/.linked
	$(call need,$(CHECK_PACKAGES))
	@CHECK_LONG=1 tests/run tests/lint.t tests/structure.t
