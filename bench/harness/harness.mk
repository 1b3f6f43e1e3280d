# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds build/bench/int13bench, its reports included. Included by
# bench/bench.mk, behind bench/report/report.mk.

HARNESS_DIR := bench/harness
HARNESS_OUT := $(BUILD)/bench/harness
HARNESS_PACKAGES := libjansson-dev
HARNESS_SOURCES := $(wildcard $(HARNESS_DIR)/*.c)
# What payload and harness must understand alike.
HARNESS_SHARED := $(patsubst %,$(PAYLOAD_DIR)/%.c,job model record script stream)
HARNESS_INCLUDES := -iquote $(BUILD) -iquote bench -iquote $(HARNESS_DIR) -iquote $(PAYLOAD_DIR)
HARNESS_FLAGS = $(MEASURE_FLAGS) -Wstrict-prototypes -Wmissing-prototypes \
    -D_GNU_SOURCE $(HARNESS_INCLUDES)
HARNESS_LIBS := -ljansson -lm
HARNESS_OBJS := $(patsubst %.c,$(HARNESS_OUT)/%.o,$(HARNESS_SOURCES) $(HARNESS_SHARED))

$(HARNESS_OUT)/.packages: $(HARNESS_DIR)/harness.mk
	$(call need,$(HARNESS_PACKAGES))
	@mkdir -p $(@D) && touch $@

$(HARNESS_OUT)/%.o: %.c | $(HARNESS_OUT)/.packages
	@mkdir -p $(@D)
	$(CC) $(HARNESS_FLAGS) -MMD -MP -c -o $@ $<

# Those that say which version this is.
$(foreach part,main results environment,$(patsubst %,%/$(HARNESS_DIR)/$(part).o, \
    $(HARNESS_OUT) $(BUILD)/tests/harness)): $(BUILD)/version.h

$(BUILD)/bench/int13bench: $(HARNESS_OBJS) $(REPORT_OBJS)
	$(CC) -o $@ $^ $(HARNESS_LIBS)

-include $(HARNESS_OBJS:.o=.d)
