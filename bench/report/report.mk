# SPDX-License-Identifier: LGPL-3.0-or-later
# Compiles the part of int13bench that makes reports of results.json and compares
# them, and runs it (report). Included by bench/bench.mk.

REPORT_DIR := bench/report
REPORT_OUT := $(BUILD)/bench/report
REPORT_PACKAGES := libjansson-dev gnuplot-nox

REPORT_WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes
REPORT_FLAGS := -std=gnu11 -D_GNU_SOURCE $(REPORT_WARNINGS) \
    -iquote $(REPORT_DIR)
REPORT_SOURCES := $(wildcard $(REPORT_DIR)/*.c)
REPORT_OBJS := $(patsubst $(REPORT_DIR)/%.c,$(REPORT_OUT)/%.o, \
    $(REPORT_SOURCES)) $(REPORT_OUT)/style.o

# What `make report` reads; its reports lie beside it.
RESULTS ?= results/quick/results.json

.PHONY: report
report: $(BUILD)/bench/int13bench
	$(call need,$(REPORT_PACKAGES))
	@$(BUILD)/bench/int13bench report $(RESULTS)

$(REPORT_OUT)/.packages: $(REPORT_DIR)/report.mk
	$(call need,$(REPORT_PACKAGES))
	@mkdir -p $(@D) && touch $@

$(REPORT_OUT)/%.o: $(REPORT_DIR)/%.c $(REPORT_OUT)/.packages
	$(CC) $(REPORT_FLAGS) -O2 -MMD -MP -c -o $@ $<

%/style.o: $(REPORT_DIR)/style.S $(REPORT_DIR)/style.css $(REPORT_OUT)/.packages
	@mkdir -p $(@D)
	$(CC) -DSTYLE_FILE='"$(REPORT_DIR)/style.css"' -c -o $@ $<

-include $(REPORT_OBJS:.o=.d)
