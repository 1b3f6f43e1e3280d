# SPDX-License-Identifier: LGPL-3.0-or-later
# Runs the driver against a fake Xen on this machine, with ASan and UBSan
# (check-unit), and reads its C with clang-tidy and cppcheck (lint-c).
# Included by tests/tests.mk.

BUILD ?= build
XEN_HEADERS ?= $(BUILD)/xen-headers
SEABIOS_DIR ?= $(BUILD)/seabios-debian
CLANG_TIDY ?= clang-tidy
# Debian 13's tells of each long file that it does not try all branches.
CPPCHECK ?= cppcheck --suppress=normalCheckLevelMaxBranches

UNIT_DIR := tests/unit
UNIT_OUT := $(BUILD)/tests/unit
UNIT_NEEDS = $(SEABIOS_DIR)/.prepared $(XEN_HEADERS)/.linked

UNIT_DRIVER := $(wildcard src/*.c src/xen/*.c src/blkfront/*.c)
UNIT_FAKES := $(wildcard $(UNIT_DIR)/fake/*.c $(UNIT_DIR)/*_model.c) \
    $(UNIT_DIR)/fixture.c
UNIT_TESTS := $(wildcard $(UNIT_DIR)/test_*.c)

UNIT_COMMON := $(patsubst %.c,$(UNIT_OUT)/%.o,$(UNIT_DRIVER) $(UNIT_FAKES))
UNIT_SOURCES := $(UNIT_DRIVER) $(UNIT_FAKES) $(UNIT_TESTS)
# Those of bench/baseline take the place of one of the driver's.  test_machine.c has
# the casts of 32-bit code.
LINT_SOURCES = $(filter-out $(UNIT_DIR)/test_machine.c,$(UNIT_SOURCES)) \
    $(wildcard bench/baseline/*.c)

UNIT_PROGRAMS := $(patsubst $(UNIT_DIR)/%.c,$(UNIT_OUT)/%,$(UNIT_TESTS))

# The driver finds the fakes in front of itself, and SeaBIOS behind; a fake
# that adds to a header of SeaBIOS's finds it as <src/...>. All of Xen's headers
# stand in for the part that the firmware has: fakes play the other side.  What src/*.c
# includes is looked for beside it first, so machine.h, the one of the driver's
# own headers that has a fake, comes before all else.
UNIT_INCLUDES = -include $(UNIT_DIR)/include/xen/machine.h -include $(UNIT_DIR)/include/config.h \
    -iquote $(UNIT_DIR)/include -iquote $(UNIT_DIR) \
    -iquote $(XEN_HEADERS)/driver -iquote src -iquote $(SEABIOS_DIR)/src -isystem $(SEABIOS_DIR)
UNIT_WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes
UNIT_SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_COVERAGE ?=
# SeaBIOS compares signed with unsigned as it likes.
$(UNIT_OUT)/src/%.o: UNIT_WARNINGS += -Wno-sign-compare
UNIT_FLAGS = -std=gnu11 -O1 -g $(UNIT_WARNINGS) $(UNIT_INCLUDES)

.PHONY: check-unit lint-c lint-tidy lint-cppcheck lint-analyzer lint-conversion


################ Tests

check-unit: $(UNIT_PROGRAMS)
	@failed=; for test in $^; do $$test || failed="$$failed $$test"; done; \
	if [ "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

# Without ASan for valgrind, which knows what was never written, on the driver that
# the random histories have (tests/model/model.mk).
VALGRIND_OUT := $(BUILD)/tests/model
VALGRIND_PACKAGES := valgrind
VALGRIND = valgrind -q --error-exitcode=99 --fair-sched=yes

.PHONY: valgrind
valgrind: | $(UNIT_NEEDS)
	$(call need,$(VALGRIND_PACKAGES))
	@$(MAKE) --no-print-directory -s UNIT_OUT=$(VALGRIND_OUT) \
	    UNIT_SANITIZE=-O2 \
	    $(patsubst $(UNIT_DIR)/%.c,$(VALGRIND_OUT)/%,$(UNIT_TESTS))
	@printf '%s\n' $(patsubst $(UNIT_DIR)/test_%.c,%,$(UNIT_TESTS)) | \
	    xargs -P$$(nproc) -I{} sh -c '$(VALGRIND) $(VALGRIND_OUT)/test_{} \
	    >$(VALGRIND_OUT)/{}.log 2>&1 || { tail -n 40 $(VALGRIND_OUT)/{}.log; exit 255; }'

$(UNIT_PROGRAMS): $(UNIT_OUT)/%: $(UNIT_OUT)/$(UNIT_DIR)/%.o $(UNIT_COMMON)
	$(CC) $(UNIT_SANITIZE) $(UNIT_COVERAGE) -o $@ $^ -lcmocka

$(UNIT_OUT)/%.o: %.c | $(UNIT_NEEDS)
	@mkdir -p $(@D)
	$(CC) $(UNIT_FLAGS) $(UNIT_SANITIZE) $(UNIT_COVERAGE) -MMD -MP -c -o $@ $<
	$(UNIT_FINISH)

# What begins with the power: fixture.c makes it so.
$(UNIT_OUT)/src/blkfront/flat.o: UNIT_FINISH = objcopy --globalize-symbol=FlatParts \
    --globalize-symbol=FlatOwner $@

-include $(patsubst %.c,$(UNIT_OUT)/%.d,$(UNIT_SOURCES))


################ Lint

# Checks of clang-tidy's to leave out of all but the driver.
TIDY_LESS ?=

lint-c: lint-tidy lint-cppcheck lint-analyzer lint-conversion

# One file at a time: clang-tidy 14 gets confused by several.
# $(1): sources; $(2): more of clang-tidy's words
define run-tidy
@printf '%s\n' $(1) | xargs -P$$(nproc) -I{} \
    $(CLANG_TIDY) --quiet --config-file=$(UNIT_DIR)/.clang-tidy $(2) \
    --header-filter='^(.*/)?(src|tests/(unit|model|fuzz))/.*' {} -- \
    -std=gnu11 $(UNIT_INCLUDES)
endef

lint-tidy: | $(UNIT_NEEDS)
	$(call run-tidy,$(UNIT_DRIVER))
	$(call run-tidy,$(filter-out $(UNIT_DRIVER),$(LINT_SOURCES)),$(TIDY_LESS:%=--checks='%'))

lint-cppcheck: | $(UNIT_NEEDS)
	@$(CPPCHECK) --enable=warning,performance,portability --quiet \
	    --error-exitcode=1 --inline-suppr --std=c11 \
	    --include=$(UNIT_DIR)/include/xen/machine.h \
    -I$(UNIT_DIR)/include -I$(UNIT_DIR) -I$(MODEL_DIR) -Isrc \
	    -I$(SEABIOS_DIR)/src \
	    $(LINT_SOURCES)

lint-analyzer: | $(UNIT_NEEDS)
	@printf '%s\n' $(UNIT_DRIVER) | xargs -P$$(nproc) -I{} \
	    gcc $(UNIT_FLAGS) -Wno-sign-compare -fanalyzer -c -o /dev/null {}

# Types as in the firmware's 32-bit code. SeaBIOS's own headers narrow as they
# like, hence -isystem, and signs mix in all of it.
lint-conversion: | $(UNIT_NEEDS) $(BUILD)/bios.bin
	@printf '%s\n' $(UNIT_DRIVER) | xargs -P$$(nproc) -I{} \
	    gcc -m32 -march=i386 -ffreestanding -fno-pic -std=gnu11 -Os \
	    -DMODE16=0 -DMODESEGMENT=0 -Wall -Wextra -Werror -Wconversion \
	    -Wno-sign-conversion -Wno-sign-compare -iquote src \
	    -isystem $(SEABIOS_DIR)/src -isystem $(SEABIOS_DIR)/out \
	    -fsyntax-only {}
