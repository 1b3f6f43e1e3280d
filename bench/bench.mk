# SPDX-License-Identifier: LGPL-3.0-or-later
# Everything that measures: builds the tools, and runs them. README.md says in
# which order to get to know them. Included by the top-level Makefile, behind the
# firmware, whose build-seabios and need it uses.

include bench/payload/payload.mk
include bench/report/report.mk
include bench/harness/harness.mk
include bench/baseline/baseline.mk
include bench/streams/streams.mk


################ Tools

MEASURE := $(BUILD)/bench/exits $(BUILD)/bench/count.so \
    $(BUILD)/bench/int13bench
MEASURE_FLAGS := -O2 -std=gnu11 -Wall -Wextra -Werror -Wshadow

.PHONY: measure
measure: $(BUILD)/bios.bin payload $(MEASURE)

$(BUILD)/bench/exits: $(wildcard bench/trace/*.[ch]) $(XEN_HEADERS)/.linked
	@mkdir -p $(@D)
	$(CC) $(MEASURE_FLAGS) -isystem $(XEN_HEADERS) -o $@ $(filter %.c,$^)

$(BUILD)/bench/count.so: bench/profile/count.c
	@mkdir -p $(@D)
	$(CC) $(MEASURE_FLAGS) -shared -fPIC -o $@ $<


################ Runs

# What the loaders need that are timed beside GRUB, and the file systems that
# they are on.
LOADERS_PACKAGES := $(LAB_PACKAGES) grub-xen-host xfsprogs dosfstools mtools syslinux \
    syslinux-common isolinux xorriso

.PHONY: figures peers ceilings loaders boots profile bench bench-quick host-report
# $(1): the set of words, $(2): options of `int13bench budgets`. Each release of
# Debian in dom0 has results of its own.
define held-to-budgets
$(call need,$(LAB_PACKAGES))
@$(BUILD)/bench/int13bench run @bench/sets/$(1) --out $(BUILD)/$(1)$(XENLAB_RELEASE:%=-%) >/dev/null
@$(BUILD)/bench/int13bench budgets $(2) $(BUILD)/$(1)$(XENLAB_RELEASE:%=-%)/results.json
endef

figures: measure $(BASELINE_OUT)/ours-in-place.bin
	$(call held-to-budgets,figures)

peers: measure baseline
	$(call held-to-budgets,peers,--peers)

ceilings: measure
	$(call need,$(LAB_PACKAGES))
	@bench/scenarios/ceilings

loaders: measure baseline loader
	$(call need,$(LOADERS_PACKAGES))
	@bench/scenarios/loaders $(LOADERS)

boots: measure $(BASELINE_OUT)/ide-dma.bin
	$(call need,$(LAB_PACKAGES) $(REPORT_PACKAGES))
	@bench/scenarios/boot-phases

profile: measure $(BASELINE_OUT)/ours-in-place.bin
	$(call need,$(LAB_PACKAGES) $(REPORT_PACKAGES))
	@bench/profile/run

# On a Xen host. There, the packages are enough: int13bench-host-report.
host-report: measure loader $(BASELINE_OUT)/ours-in-place.bin $(BASELINE_OUT)/ide-dma.bin
	@bench/host-report --out $(BUILD)/host-report $(HOST_REPORT)

bench-quick: measure $(BASELINE_OUT)/ours-in-place.bin $(BASELINE_OUT)/ide-dma.bin
	$(call need,$(LAB_PACKAGES))
	@$(BUILD)/bench/int13bench run @bench/sets/quick --out $(BUILD)/bench-quick

bench: measure baseline loader
	$(call need,$(LOADERS_PACKAGES))
	@bench/scenarios/full $(BENCH)
