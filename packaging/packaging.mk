# SPDX-License-Identifier: LGPL-3.0-or-later
# The version, what is installed, packages and releases. Included by the top-level
# Makefile.

VERSION := $(shell packaging/version)

# Changes when the version does.
$(BUILD)/version: FORCE
	@mkdir -p $(@D); echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

$(BUILD)/version.h: $(BUILD)/version
	@printf '#define VERSION "%s"\n' "$$(cat $<)" > $@


################ What is installed

PREFIX ?= /usr/local
DESTDIR ?=

MAN := $(BUILD)/man
MAN_PAGES := $(patsubst %,$(MAN)/%.1,blkfront-status blkload int13bench int13bench-host-report xenlab)
# The date of manual pages and packages: that of the commit, or of the tarball.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y VERSION)

# $(1): words for packaging/man, without a comma
define man-page
$(call need,help2man)
@mkdir -p $(@D)
@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) packaging/man $(1) > $@
endef

$(MAN_PAGES): packaging/man $(BUILD)/version
$(MAN)/blkfront-status.1: packaging/blkfront-status
	$(call man-page,$< $(VERSION) 'say how Xen guests have booted')
$(MAN)/blkload.1: $(LOADER_OUT)/blkload
	$(call man-page,$< $(VERSION) 'put a Linux kernel on a disk with a boot loader that does not copy')
$(MAN)/int13bench.1: $(BUILD)/bench/int13bench
	$(call man-page,$< $(VERSION) 'measure what BIOS disk calls cost in a Xen guest' \
	    run check script report compare merge summary budgets)
$(MAN)/int13bench-host-report.1: bench/host-report
	@mkdir -p $(@D) && ln -sfn $(CURDIR)/$< $(basename $@)
	$(call man-page,$(basename $@) $(VERSION) 'measure a Xen host and draw a report')
$(MAN)/xenlab.1: lab/xenlab
	$(call man-page,$< $(VERSION) 'run guests on a real Xen in a lab that needs none')

.PHONY: installable install uninstall
installable: measure loader $(BASELINE_OUT)/ours-in-place.bin $(BASELINE_OUT)/ide-dma.bin $(MAN_PAGES)

install: installable
	@packaging/install '$(DESTDIR)' '$(PREFIX)'

uninstall: installable
	@packaging/uninstall '$(DESTDIR)' '$(PREFIX)'


################ Release

.PHONY: dist
dist: $(BUILD)/bios.bin
	@packaging/dist $(BUILD)/dist $(BUILD)/bios.bin
	@cd $(BUILD)/dist && ls -l


################ Packages

# patches/prepare leaves it there.
SEABIOS_TARBALL = $(lastword $(sort $(wildcard $(BUILD)/download/seabios_*.orig.tar.gz)))
DEB_PACKAGES := build-essential debhelper dpkg-dev fakeroot lintian

.PHONY: deb
deb: $(SEABIOS_DIR)/.prepared
	$(call need,$(DEB_PACKAGES) $(BUILD_PACKAGES) $(HARNESS_PACKAGES) $(LOADER_PACKAGES) \
	    $(REPORT_PACKAGES) help2man)
	@packaging/deb $(BUILD)/deb $(SEABIOS_TARBALL)

# On Debian rpm does not know what is installed.
.PHONY: rpm
rpm: $(SEABIOS_DIR)/.prepared
	$(call need,rpm rpmlint $(BUILD_PACKAGES) $(HARNESS_PACKAGES) $(LOADER_PACKAGES) \
	    $(REPORT_PACKAGES) help2man jq)
	@rpmlint packaging/seabios-blkfront.spec
	@packaging/rpm $(BUILD)/rpm $(SEABIOS_TARBALL) \
	    $(shell command -v dpkg >/dev/null && echo --nodeps)
