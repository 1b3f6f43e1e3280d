# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds the int13 payload (build/bench/stage.bin) and its host tool
# (build/bench/int13img). Included by bench/bench.mk.

PAYLOAD_DIR := bench/payload
PAYLOAD_OUT := build/bench
PAYLOAD_HOST_CC ?= gcc

PAYLOAD_WARNINGS := -Wall -Wextra -Werror -Wstrict-prototypes \
    -Wmissing-prototypes -Wshadow
PAYLOAD_INCLUDES := -iquote $(PAYLOAD_DIR)

# Compiled twice: stream, pattern and model of payload and tool cannot differ.
PAYLOAD_SHARED := job model pattern record script spec stream
PAYLOAD_STAGE := bios buffer clock command_job console cycles disk edges high kernel \
    main machine random readback replay report series single string survey time
PAYLOAD_TOOL := image int13img verify

# No libc and no libgcc: -m32 works without the multilib packages.
PAYLOAD_STAGE_FLAGS := -m32 -march=i386 -Os -std=gnu11 -ffreestanding -fno-pic \
    -mregparm=3 -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fcf-protection=none -mgeneral-regs-only -ffunction-sections \
    $(PAYLOAD_WARNINGS) $(PAYLOAD_INCLUDES)
PAYLOAD_TOOL_FLAGS := -O2 -std=gnu11 $(PAYLOAD_WARNINGS) $(PAYLOAD_INCLUDES)

PAYLOAD_STAGE_OBJS := $(patsubst %,$(PAYLOAD_OUT)/stage/%.o, \
    boot entry $(PAYLOAD_STAGE) $(PAYLOAD_SHARED))
PAYLOAD_TOOL_OBJS := $(patsubst %,$(PAYLOAD_OUT)/host/%.o, \
    $(PAYLOAD_TOOL) stage_blob $(PAYLOAD_SHARED))

.PHONY: payload
payload: $(PAYLOAD_OUT)/stage.bin $(PAYLOAD_OUT)/stage.nm $(PAYLOAD_OUT)/int13img

$(PAYLOAD_OUT)/stage $(PAYLOAD_OUT)/host:
	mkdir -p $@

$(PAYLOAD_OUT)/stage/%.o: $(PAYLOAD_DIR)/stage/%.S | $(PAYLOAD_OUT)/stage
	$(PAYLOAD_HOST_CC) -m32 $(PAYLOAD_INCLUDES) -MMD -MP -c -o $@ $<

$(PAYLOAD_OUT)/stage/%.o: $(PAYLOAD_DIR)/stage/%.c | $(PAYLOAD_OUT)/stage
	$(PAYLOAD_HOST_CC) $(PAYLOAD_STAGE_FLAGS) -MMD -MP -c -o $@ $<

$(PAYLOAD_OUT)/stage/%.o: $(PAYLOAD_DIR)/%.c | $(PAYLOAD_OUT)/stage
	$(PAYLOAD_HOST_CC) $(PAYLOAD_STAGE_FLAGS) -MMD -MP -c -o $@ $<

$(PAYLOAD_OUT)/stage/stage.lds: $(PAYLOAD_DIR)/stage/stage.lds.S \
    $(PAYLOAD_DIR)/layout.h | $(PAYLOAD_OUT)/stage
	$(PAYLOAD_HOST_CC) -E -P -undef $(PAYLOAD_INCLUDES) -o $@ $<

$(PAYLOAD_OUT)/stage.elf: $(PAYLOAD_STAGE_OBJS) $(PAYLOAD_OUT)/stage/stage.lds
	ld -m elf_i386 --gc-sections --no-warn-rwx-segments \
	    -T $(PAYLOAD_OUT)/stage/stage.lds -o $@ $(PAYLOAD_STAGE_OBJS)

# Its symbols by address, for whoever reads traces of it.
$(PAYLOAD_OUT)/stage.nm: $(PAYLOAD_OUT)/stage.elf
	nm -n $< > $@

$(PAYLOAD_OUT)/stage.bin: $(PAYLOAD_OUT)/stage.elf
	objcopy -O binary $< $@

$(PAYLOAD_OUT)/host/stage_blob.o: $(PAYLOAD_DIR)/host/stage_blob.S \
    $(PAYLOAD_OUT)/stage.bin | $(PAYLOAD_OUT)/host
	$(PAYLOAD_HOST_CC) -DSTAGE_FILE='"$(PAYLOAD_OUT)/stage.bin"' -c -o $@ $<

$(PAYLOAD_OUT)/host/%.o: $(PAYLOAD_DIR)/host/%.c | $(PAYLOAD_OUT)/host
	$(PAYLOAD_HOST_CC) $(PAYLOAD_TOOL_FLAGS) -MMD -MP -c -o $@ $<

$(PAYLOAD_OUT)/host/%.o: $(PAYLOAD_DIR)/%.c | $(PAYLOAD_OUT)/host
	$(PAYLOAD_HOST_CC) $(PAYLOAD_TOOL_FLAGS) -MMD -MP -c -o $@ $<

$(PAYLOAD_OUT)/int13img: $(PAYLOAD_TOOL_OBJS)
	$(PAYLOAD_HOST_CC) -o $@ $^

-include $(PAYLOAD_STAGE_OBJS:.o=.d) $(PAYLOAD_TOOL_OBJS:.o=.d)
