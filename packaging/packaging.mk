# SPDX-License-Identifier: LGPL-3.0-or-later
# The version of what is built, and releases. Included by the top-level Makefile.

VERSION := $(shell packaging/version)

# Changes when the version does.
$(BUILD)/version: FORCE
	@mkdir -p $(@D); echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

$(BUILD)/version.h: $(BUILD)/version
	@printf '#define VERSION "%s"\n' "$$(cat $<)" > $@


################ Release

.PHONY: dist
dist: $(BUILD)/bios.bin
	@packaging/dist $(BUILD)/dist $(BUILD)/bios.bin
	@cd $(BUILD)/dist && ls -l
