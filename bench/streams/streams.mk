# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds build/bench/record.bin: the firmware, which logs each int13 call on its
# debug port, so that bench/streams/record can record a boot. Included by
# bench/bench.mk; build-seabios is the top-level Makefile's.

$(BUILD)/bench/record.bin: $(SEABIOS_DIR)/.prepared patches/seabios.config $(DRIVER)
	@echo "make: building SeaBIOS that logs each int13 call"
	$(call build-seabios,$(SEABIOS_DIR),record,CONFIG_DEBUG_LEVEL=10\n)
	@mkdir -p $(@D) && cp $(SEABIOS_DIR)/record/bios.bin $@
