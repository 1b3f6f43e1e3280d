# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds the loader's boot code (build/loader/stage.bin) and its install command
# (build/loader/blkload). Included by the top-level Makefile, behind
# bench/payload/payload.mk, whose way into real mode, console and small library
# the boot code uses.

LOADER_DIR := loader
LOADER_OUT := $(BUILD)/loader

LOADER_STAGE := boot kernel main memory reader screen
LOADER_SHARED := entry bios console high string
LOADER_OBJS := $(patsubst %,$(LOADER_OUT)/stage/%.o,$(LOADER_STAGE) $(LOADER_SHARED))
# The loader's layout.h comes before the payload's.
LOADER_INCLUDES := -iquote $(LOADER_DIR) -iquote $(PAYLOAD_DIR) \
    -iquote $(PAYLOAD_DIR)/stage
LOADER_STAGE_FLAGS = $(filter-out -iquote $(PAYLOAD_DIR),$(PAYLOAD_STAGE_FLAGS)) \
    $(LOADER_INCLUDES)

LOADER_INSTALL_DIR := $(LOADER_DIR)/install
LOADER_INSTALL := $(wildcard $(LOADER_INSTALL_DIR)/*.c)
LOADER_INSTALL_FLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
    $(PAYLOAD_WARNINGS) -Wconversion -iquote $(BUILD) -iquote $(LOADER_DIR) \
    -iquote $(LOADER_INSTALL_DIR) -iquote $(PAYLOAD_DIR)

LOADER_PACKAGES := libblkid-dev

$(LOADER_OUT)/.packages: $(LOADER_DIR)/loader.mk
	$(call need,$(LOADER_PACKAGES))
	@mkdir -p $(@D) && touch $@

.PHONY: loader
loader: $(LOADER_OUT)/blkload

$(LOADER_OUT)/stage/%.o: $(LOADER_DIR)/%.c | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) $(LOADER_STAGE_FLAGS) -MMD -MP -c -o $@ $<

$(LOADER_OUT)/stage/%.o: $(LOADER_DIR)/%.S | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -m32 $(LOADER_INCLUDES) -MMD -MP -c -o $@ $<

$(LOADER_OUT)/stage/%.o: $(PAYLOAD_DIR)/stage/%.c | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) $(LOADER_STAGE_FLAGS) -MMD -MP -c -o $@ $<

$(LOADER_OUT)/stage/%.o: $(PAYLOAD_DIR)/stage/%.S | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -m32 $(LOADER_INCLUDES) -MMD -MP -c -o $@ $<

$(LOADER_OUT)/stage/stage.lds: $(PAYLOAD_DIR)/stage/stage.lds.S $(LOADER_DIR)/layout.h
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -E -P -undef $(LOADER_INCLUDES) -o $@ $<

$(LOADER_OUT)/stage.elf: $(LOADER_OBJS) $(LOADER_OUT)/stage/stage.lds
	ld -m elf_i386 --gc-sections --no-warn-rwx-segments \
	    -T $(LOADER_OUT)/stage/stage.lds -o $@ $(LOADER_OBJS)

# All that lies behind the boot sector has its place on the disk.
$(LOADER_OUT)/stage.bin: $(LOADER_OUT)/stage.elf
	objcopy -O binary $< $@

$(LOADER_OUT)/stage_blob.o: $(PAYLOAD_DIR)/host/stage_blob.S $(LOADER_OUT)/stage.bin
	$(PAYLOAD_HOST_CC) -DSTAGE_FILE='"$(LOADER_OUT)/stage.bin"' -c -o $@ $<

$(LOADER_OUT)/install/%.o: $(LOADER_INSTALL_DIR)/%.c | $(LOADER_OUT)/.packages
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -O2 $(LOADER_INSTALL_FLAGS) -MMD -MP -c -o $@ $<

$(LOADER_OUT)/install/main.o: $(BUILD)/version.h

LOADER_INSTALL_OBJS := $(patsubst $(LOADER_INSTALL_DIR)/%.c, \
    $(LOADER_OUT)/install/%.o,$(LOADER_INSTALL))

$(LOADER_OUT)/blkload: $(LOADER_INSTALL_OBJS) $(LOADER_OUT)/stage_blob.o
	$(PAYLOAD_HOST_CC) -o $@ $^ -lblkid

-include $(LOADER_OBJS:.o=.d) $(LOADER_INSTALL_OBJS:.o=.d)
