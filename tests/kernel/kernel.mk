# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds the kernel that lab tests boot behind the firmware
# (build/tests/kernel.bin). Included by tests/tests.mk. The flags and the
# small library are those of bench/payload/payload.mk.

KERNEL_DIR := tests/kernel
KERNEL_OUT := $(BUILD)/tests/kernel
KERNEL_BIN := $(BUILD)/tests/kernel.bin

KERNEL_OBJS := $(patsubst %,$(KERNEL_OUT)/%.o,entry disk main sleep store xen \
    console pattern string)
KERNEL_FLAGS = $(filter-out -march=i386,$(PAYLOAD_STAGE_FLAGS)) \
    -iquote $(KERNEL_DIR) -iquote $(PAYLOAD_DIR)/stage -isystem $(XEN_HEADERS)

.PHONY: kernel
kernel: $(KERNEL_BIN)

vpath %.c $(KERNEL_DIR) $(PAYLOAD_DIR) $(PAYLOAD_DIR)/stage

$(KERNEL_OUT)/%.o: %.c $(XEN_HEADERS)/.linked
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) $(KERNEL_FLAGS) -MMD -MP -c -o $@ $<

$(KERNEL_OUT)/%.o: $(KERNEL_DIR)/%.S
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -m32 -iquote $(KERNEL_DIR) -MMD -MP -c -o $@ $<

$(KERNEL_OUT)/kernel.lds: $(KERNEL_DIR)/kernel.lds.S $(KERNEL_DIR)/kernel_layout.h
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -E -P -undef -iquote $(KERNEL_DIR) -o $@ $<

$(KERNEL_BIN): $(KERNEL_OBJS) $(KERNEL_OUT)/kernel.lds
	ld -m elf_i386 --gc-sections --no-warn-rwx-segments \
	    -T $(KERNEL_OUT)/kernel.lds -o $(KERNEL_OUT)/kernel.elf $(KERNEL_OBJS)
	objcopy -O binary $(KERNEL_OUT)/kernel.elf $@

-include $(KERNEL_OBJS:.o=.d)
