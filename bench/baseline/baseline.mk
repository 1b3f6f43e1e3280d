# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds what the driver is compared with, as firmware of its own:
# build/baseline/*.bin; README.md says what each one is. Included by
# bench/bench.mk; build-seabios is the top-level Makefile's.

BASELINE_DIR := bench/baseline
BASELINE_OUT := $(BUILD)/baseline
BASELINE_NEEDS := patches/seabios.config $(DRIVER) \
    $(wildcard $(BASELINE_DIR)/*.c)

# Those with a core.c of their own; and all.
BASELINE_RIVALS := prototype bounce16 bounce16-persistent
BASELINES := $(BASELINE_RIVALS) ours-per-op ours-direct ours-call32 \
    ours-stock-call32 ours-in-place ide-dma

.PHONY: baseline baseline-rivals
baseline: $(BASELINES:%=$(BASELINE_OUT)/%.bin)
baseline-rivals: $(BASELINE_RIVALS:%=$(BASELINE_OUT)/%.bin)

# $(1): a source tree; $(2): how many of the patches, by default all; $(3): what
# stands in for core.c
define baseline-tree
$(1)/.prepared: $(SEABIOS_DIR)/.prepared src/blkfront $(wildcard $(BASELINE_DIR)/*.c)
	@SERIES=$(2) patches/prepare $(1) $(SEABIOS_SRC)
	$(if $(3),@rm $(1)/src/blkfront && mkdir $(1)/src/blkfront && \
	    ln -s $(abspath src/blkfront)/* $(abspath $(BASELINE_DIR))/*.c $(1)/src/blkfront/ && \
	    ln -sf $(3) $(1)/src/blkfront/core.c)
	@touch $$@
endef

# $(1): its name; $(2): the source tree; $(3): what is configured; $(4): the switches
# of src/blkfront/vbd.h that differ
define baseline-image
$(BASELINE_OUT)/$(1).bin: $(2)/.prepared $(BASELINE_NEEDS)
	@echo "make: building the baseline $(1)"
	$$(call build-seabios,$(2),$(1),$(3),$(4))
	@mkdir -p $$(@D) && cp $(2)/$(1)/bios.bin $$@
endef

# How many patches come before those to call32; those behind them are not missed.
WITHOUT_CALL32 := $(shell ls patches/*.patch | sed '/-stacks-/,$$d' | wc -l)

STOCK_TREE := $(SEABIOS_DIR)-stock
STOCK_CALL32_TREE := $(SEABIOS_DIR)-stock-call32
PROTOTYPE_TREE := $(SEABIOS_DIR)-prototype
BOUNCE_TREE := $(SEABIOS_DIR)-bounce
$(eval $(call baseline-tree,$(STOCK_TREE),0))
$(eval $(call baseline-tree,$(STOCK_CALL32_TREE),$(WITHOUT_CALL32)))
$(eval $(call baseline-tree,$(PROTOTYPE_TREE),$(WITHOUT_CALL32),prototype_core.c))
$(eval $(call baseline-tree,$(BOUNCE_TREE),,bounce_core.c))

# None of them reads ahead: they differ in what a request costs.
IN_PLACE := CONFIG_XEN_BLKFRONT_READAHEAD=n\n
BY_CALL32 := $(IN_PLACE)CONFIG_XEN_BLKFRONT_16BIT=n\n
PER_OP := -DVBD_STICKY=0
$(eval $(call baseline-image,prototype,$(PROTOTYPE_TREE),$(BY_CALL32),$(PER_OP)))
$(eval $(call baseline-image,bounce16,$(BOUNCE_TREE),$(BY_CALL32),$(PER_OP)))
$(eval $(call baseline-image,bounce16-persistent,$(BOUNCE_TREE),$(BY_CALL32)))
$(eval $(call baseline-image,ours-per-op,$(SEABIOS_DIR),$(IN_PLACE),$(PER_OP)))
$(eval $(call baseline-image,ours-direct,$(SEABIOS_DIR),$(IN_PLACE),-DVBD_INDIRECT=0))
$(eval $(call baseline-image,ours-call32,$(SEABIOS_DIR),$(BY_CALL32)))
$(eval $(call baseline-image,ours-in-place,$(SEABIOS_DIR),$(IN_PLACE)))
$(eval $(call baseline-image,ours-stock-call32,$(STOCK_CALL32_TREE),$(BY_CALL32)))
$(eval $(call baseline-image,ide-dma,$(STOCK_TREE),))
