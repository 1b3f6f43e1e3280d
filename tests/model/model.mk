# SPDX-License-Identifier: LGPL-3.0-or-later
# Random histories against a model of the disk. Included by tests/tests.mk,
# after tests/unit/unit.mk.

MODEL_DIR := tests/model
MODEL_OUT := $(BUILD)/tests/model
MODEL_PARTS := $(MODEL_DIR)/history.c $(MODEL_DIR)/faults.c $(MODEL_DIR)/step.c
MODEL_SOURCES := $(MODEL_PARTS) $(MODEL_DIR)/random_histories.c
MODEL_PROGRAM := $(MODEL_OUT)/random_histories
MODEL_PACKAGES := spin
UNIT_INCLUDES += -iquote $(MODEL_DIR)
UNIT_SOURCES += $(MODEL_SOURCES)

# Without sanitizers, which the same code runs under elsewhere: here it is the
# number of ops that counts.
.PHONY: check-model model-programs
check-model: model-programs
	@$(MODEL_PROGRAM)

model-programs: | $(UNIT_NEEDS)
	@$(MAKE) --no-print-directory -s UNIT_OUT=$(MODEL_OUT) UNIT_SANITIZE=-O2 \
	    $(MODEL_PROGRAM)

$(MODEL_PROGRAM): $(patsubst %.c,$(UNIT_OUT)/%.o,$(MODEL_SOURCES)) $(UNIT_COMMON)
	$(CC) $(UNIT_SANITIZE) -o $@ $^ -lcmocka

-include $(patsubst %.c,$(UNIT_OUT)/%.d,$(MODEL_SOURCES))
