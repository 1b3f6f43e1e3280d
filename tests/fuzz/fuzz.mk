# SPDX-License-Identifier: LGPL-3.0-or-later
# Fuzz targets, on the fake Xen of the unit tests: libFuzzer, ASan and UBSan.
# Included by tests/tests.mk, after tests/model/model.mk.

FUZZ_DIR := tests/fuzz
FUZZ_OUT := $(BUILD)/tests/fuzz
FUZZ_PACKAGES := clang libclang-rt-dev
# How long each target searches.
FUZZ_SECONDS ?= 60
export FUZZ_SECONDS

FUZZ_TARGETS := $(patsubst $(FUZZ_DIR)/fuzz_%.c,%,$(wildcard $(FUZZ_DIR)/fuzz_*.c))
FUZZ_PARTS := $(FUZZ_DIR)/input.c $(MODEL_PARTS)
FUZZ_MAIN := $(FUZZ_DIR)/replay.c
UNIT_SOURCES += $(wildcard $(FUZZ_DIR)/*.c)
UNIT_INCLUDES += -iquote $(FUZZ_DIR)

# libFuzzer watches the driver's code: that of the fakes and of the models is
# not what is to be covered.
FUZZ_FLAGS := UNIT_OUT=$(FUZZ_OUT) CC=clang FUZZ_LINK=-fsanitize=fuzzer \
    FUZZ_WATCH=-fsanitize=fuzzer-no-link FUZZ_MAIN=
$(UNIT_OUT)/src/%.o: UNIT_FLAGS += $(FUZZ_WATCH)

.PHONY: fuzz fuzz-programs
fuzz:
	$(call need,$(FUZZ_PACKAGES))
	@$(MAKE) --no-print-directory fuzz-programs
	@$(FUZZ_DIR)/search $(FUZZ_TARGETS)

fuzz-programs: | $(UNIT_NEEDS)
	@$(MAKE) --no-print-directory -s $(FUZZ_FLAGS) \
	    $(addprefix $(FUZZ_OUT)/,$(FUZZ_TARGETS))

$(addprefix $(UNIT_OUT)/,$(FUZZ_TARGETS)): $(UNIT_OUT)/%: \
    $(UNIT_OUT)/$(FUZZ_DIR)/fuzz_%.o $(UNIT_COMMON) \
    $(patsubst %.c,$(UNIT_OUT)/%.o,$(FUZZ_PARTS) $(FUZZ_MAIN))
	$(CC) $(UNIT_SANITIZE) $(FUZZ_LINK) $(UNIT_COVERAGE) -o $@ $^ -lcmocka

-include $(patsubst %.c,$(UNIT_OUT)/%.d,$(wildcard $(FUZZ_DIR)/*.c))
