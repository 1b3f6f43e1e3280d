# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds what the tests of the loader need: a kernel that says what it was given,
# a way to interrupt the install command, and that with ASan and UBSan. Included
# by tests/tests.mk, behind tests/unit/unit.mk.

LTEST_DIR := tests/loader
LTEST_OUT := $(BUILD)/tests/loader-programs
LTEST_PROGRAMS := $(LTEST_OUT)/witness $(LTEST_OUT)/cut.so $(LTEST_OUT)/blkload
# Beside what other tests need: targets.t has a file system of each.
LTEST_PACKAGES := btrfs-progs exfatprogs f2fs-tools ntfs-3g
LTEST_TESTS := $(wildcard $(LTEST_DIR)/test_*.c)
LTEST_UNIT := $(patsubst $(LTEST_DIR)/%.c,$(LTEST_OUT)/%,$(LTEST_TESTS))

LTEST_WITNESS := $(patsubst %,$(LTEST_OUT)/%.o,witness_head witness console string)
LTEST_FLAGS = $(LOADER_STAGE_FLAGS)
# The machine of the unit tests is a fake one.
LTEST_UNIT_INCLUDES := -iquote $(LTEST_DIR)/include -iquote $(LOADER_DIR) \
    -iquote $(PAYLOAD_DIR)
LTEST_UNIT_FLAGS = -std=gnu11 -O1 -g $(PAYLOAD_WARNINGS) $(LTEST_UNIT_INCLUDES)

.PHONY: check-loader
check-loader: loader $(LTEST_PROGRAMS) $(LTEST_UNIT) $(BUILD)/bios.bin
	$(call need,$(CHECK_PACKAGES))
	@tests/run $(LTEST_UNIT) $(LTEST_DIR)/*.t

check-unit: $(LTEST_UNIT)

# test_NAME has the loader's NAME.c in it.
$(LTEST_UNIT): $(LTEST_OUT)/test_%: $(LTEST_DIR)/test_%.c $(LOADER_DIR)/%.c \
    $(wildcard $(LOADER_DIR)/*.h $(LTEST_DIR)/include/*.h)
	@mkdir -p $(@D)
	$(CC) $(LTEST_UNIT_FLAGS) $(UNIT_SANITIZE) -o $@ $(filter %.c,$^) -lcmocka

$(LTEST_OUT)/%.o: $(LTEST_DIR)/%.c
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) $(LTEST_FLAGS) -MMD -MP -c -o $@ $<

$(LTEST_OUT)/%.o: $(LTEST_DIR)/%.S
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) -m32 -MMD -MP -c -o $@ $<

$(LTEST_OUT)/%.o: $(PAYLOAD_DIR)/stage/%.c
	@mkdir -p $(@D)
	$(PAYLOAD_HOST_CC) $(LTEST_FLAGS) -MMD -MP -c -o $@ $<

$(LTEST_OUT)/witness: $(LTEST_WITNESS) $(LTEST_DIR)/witness.lds
	ld -m elf_i386 --gc-sections --no-warn-rwx-segments \
	    -T $(LTEST_DIR)/witness.lds -o $@.elf $(LTEST_WITNESS)
	objcopy -O binary $@.elf $@

$(LTEST_OUT)/cut.so: $(LTEST_DIR)/cut.c
	@mkdir -p $(@D)
	$(CC) -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC -o $@ $<

$(LTEST_OUT)/blkload: $(LOADER_INSTALL) $(wildcard $(LOADER_DIR)/*.h \
    $(LOADER_INSTALL_DIR)/*.h) $(LOADER_OUT)/stage_blob.o $(BUILD)/version.h | $(LOADER_OUT)/.packages
	@mkdir -p $(@D)
	$(CC) -O1 -g $(LOADER_INSTALL_FLAGS) $(UNIT_SANITIZE) -o $@ \
	    $(LOADER_INSTALL) $(LOADER_OUT)/stage_blob.o -lblkid

-include $(LTEST_WITNESS:.o=.d)


################ Lint

LTEST_LINTED := $(wildcard $(LOADER_DIR)/*.c) $(LTEST_DIR)/witness.c

.PHONY: lint-loader
lint-c: lint-loader

# The boot code is for 32 bits; fscanf() and atoi() are good enough for
# numbers of the kernel's and of our own.
lint-loader: $(BUILD)/version.h
	@printf '%s\n' $(LTEST_LINTED) | xargs -P$$(nproc) -I{} \
	    $(CLANG_TIDY) --quiet --config-file=$(UNIT_DIR)/.clang-tidy $(TIDY_LESS:%=--checks='%') \
	    --header-filter='^(.*/)?($(LOADER_DIR)|$(LTEST_DIR))/.*' {} -- \
	    -m32 -ffreestanding -std=gnu11 $(LOADER_INCLUDES)
	@printf '%s\n' $(LTEST_TESTS) | xargs -P$$(nproc) -I{} \
	    $(CLANG_TIDY) --quiet --config-file=$(UNIT_DIR)/.clang-tidy $(TIDY_LESS:%=--checks='%') \
	    --header-filter='^(.*/)?($(LOADER_DIR)|$(LTEST_DIR))/.*' {} -- \
	    -std=gnu11 $(LTEST_UNIT_INCLUDES)
	@printf '%s\n' $(LOADER_INSTALL) $(LTEST_DIR)/cut.c | xargs -P$$(nproc) -I{} \
	    $(CLANG_TIDY) --quiet --config-file=$(UNIT_DIR)/.clang-tidy \
	    --checks='-cert-err34-c$(TIDY_LESS:%=,%)' \
	    --header-filter='^(.*/)?($(LOADER_DIR)|$(LTEST_DIR))/.*' {} -- \
	    $(LOADER_INSTALL_FLAGS)
	@$(CPPCHECK) --enable=warning,performance,portability --quiet \
	    --error-exitcode=1 --inline-suppr --std=c11 -D_GNU_SOURCE \
	    -I$(BUILD) -I$(LOADER_DIR) -I$(LOADER_INSTALL_DIR) -I$(PAYLOAD_DIR) \
	    -I$(PAYLOAD_DIR)/stage $(LTEST_LINTED) $(LOADER_INSTALL) $(LTEST_DIR)/cut.c
	@$(CPPCHECK) --enable=warning,performance,portability --quiet \
	    --error-exitcode=1 --inline-suppr --std=c11 -I$(LTEST_DIR)/include \
	    -I$(LOADER_DIR) -I$(PAYLOAD_DIR) $(LTEST_TESTS)
	@printf '%s\n' $(LOADER_INSTALL) | xargs -P$$(nproc) -I{} \
	    gcc $(LOADER_INSTALL_FLAGS) -fanalyzer -c -o /dev/null {}
