# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds build/bios.bin: SeaBIOS with the Xen PV block frontend. `make help`
# tells what else there is.

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

BUILD := build

# A folder with SeaBIOS's source, in place of Debian's package.
SEABIOS_SRC ?=
# Where all of Xen's public headers are, as xen/*.h, for what tests and measures: the
# firmware has those that it uses in src/std/xen.
XEN_INCLUDE ?= /usr/include

SEABIOS_DIR := $(BUILD)/seabios-$(if $(SEABIOS_SRC),$(shell \
    printf %s '$(abspath $(SEABIOS_SRC))' | cksum | cut -d' ' -f1),debian)
XEN_HEADERS := $(BUILD)/xen-headers

.PHONY: all
all: $(BUILD)/bios.bin


################ Firmware

BUILD_PACKAGES := gcc libc6-dev patch python3 xz-utils
DRIVER := $(wildcard src/*.[ch] src/xen/*.[ch] src/blkfront/*.[ch] \
    src/std/xen/*.h src/std/xen/*/*.h)

# Once for each list of packages, not at each make.
$(BUILD)/.packages: Makefile
	@lab/packages $(BUILD_PACKAGES) || exit 1
	@mkdir -p $(@D) && touch $@

# In the driver's own tests they stand in for those of src/std/xen.
$(XEN_HEADERS)/.linked: $(BUILD)/.packages
	@[ '$(XEN_INCLUDE)' != /usr/include ] || lab/packages libxen-dev
	@[ -f $(XEN_INCLUDE)/xen/io/blkif.h ] || { echo "make: no Xen headers in" \
	    "$(XEN_INCLUDE)/xen: install libxen-dev, or run make XEN_INCLUDE=DIR" \
	    >&2; exit 1; }
	@mkdir -p $(@D)/driver/std && ln -sfn $(abspath $(XEN_INCLUDE)/xen) $(@D)/xen && \
	    ln -sfn ../../xen $(@D)/driver/std/xen && touch $@

$(SEABIOS_DIR)/.prepared: $(BUILD)/.packages patches/prepare \
    patches/seabios.sha256 $(wildcard patches/*.patch)
	@patches/prepare $(SEABIOS_DIR) $(SEABIOS_SRC)
	@touch $@

# $(1): source tree; $(2): output folder below it; $(3): lines to add to the
# configuration; $(4): more of the compiler's words. All is compiled anew if the
# configuration has changed. SeaBIOS asks for its version when it makes romlayout16.lds.
define build-seabios
@rm -f $(1)/$(2)/romlayout16.lds
@{ cat patches/seabios.config; printf '$(3)'; } > $(1)/config-$(2).wanted
@{ { cmp $(1)/config-$(2).wanted $(1)/config-$(2).had || { \
     cp $(1)/config-$(2).wanted $(1)/config-$(2) && \
     $(MAKE) -C $(1) OUT=$(2)/ KCONFIG_CONFIG=config-$(2) \
      PYTHON=python3 olddefconfig && \
     mv $(1)/config-$(2).wanted $(1)/config-$(2).had; }; } && \
   $(MAKE) -C $(1) OUT=$(2)/ KCONFIG_CONFIG=config-$(2) \
    PYTHON=python3 EXTRAVERSION=-blkfront-$(VERSION) $(if $(4),CC='gcc $(4)'); \
 } > $(1)/$(2).log 2>&1 < /dev/null || { \
    mv $(1)/$(2).log $(1)/$(2).failed; \
    grep -m5 -iE 'error|undefined reference' $(1)/$(2).failed >&2; \
    echo "make: SeaBIOS does not build: see $(1)/$(2).failed" >&2; exit 1; }
endef

# Of the 2 KiB of SeaBIOS's extra stack; interrupts come on top.
STACK_LIMIT := 1200

# SeaBIOS without the driver, to tell what the driver adds.
$(SEABIOS_DIR)/base.log: $(SEABIOS_DIR)/.prepared patches/seabios.config
	@echo "make: building SeaBIOS without the driver, for comparison"
	$(call build-seabios,$(SEABIOS_DIR),base,CONFIG_XEN_BLKFRONT=n\n)

$(SEABIOS_DIR)/out.log: $(SEABIOS_DIR)/.prepared patches/seabios.config $(DRIVER) \
    $(BUILD)/version
	@echo "make: building SeaBIOS with the driver"
	$(call build-seabios,$(SEABIOS_DIR),out,)
	@if grep -E '^\./?src/(xen/|blkfront/|gref_pool|indirect).*warning:' $@; then \
	    rm -f $(SEABIOS_DIR)/config-out.had; \
	    echo "make: the driver does not compile without warnings" >&2; exit 1; fi
	@stack=$$(patches/stack $(SEABIOS_DIR)/out) && \
	    { [ $$stack -le $(STACK_LIMIT) ] || { echo "make: an int13 call would take" \
	    "$$stack bytes of stack, more than $(STACK_LIMIT)" >&2; exit 1; }; }

# Says which tree bios.bin was made from: it changes with SEABIOS_SRC.
$(BUILD)/.source: FORCE
	@mkdir -p $(@D); echo '$(SEABIOS_DIR)' | cmp -s - $@ || echo '$(SEABIOS_DIR)' > $@

$(BUILD)/bios.bin: $(SEABIOS_DIR)/out.log $(SEABIOS_DIR)/base.log $(BUILD)/.source
	@cp $(SEABIOS_DIR)/out/bios.bin $@.tmp
	@[ $$(stat -c %s $@.tmp) -le 262144 ] || { echo "make: $@ would be larger" \
	    "than the 256 KiB that hvmloader takes" >&2; exit 1; }
	@mv $@.tmp $@
	@patches/size $(SEABIOS_DIR)/base.log $(SEABIOS_DIR)/out.log $@ \
	    $$(patches/stack $(SEABIOS_DIR)/out)

.PHONY: FORCE
FORCE:


################ The main job

LAB_PACKAGES := qemu-system-x86 mmdebstrap cpio jq zstd fdisk e2fsprogs \
    grub2-common grub-pc-bin

# $(1): packages that a target needs beside those of the build
define need
@lab/packages $(1)
endef

# What measures, a loader of our own, what tests; each uses those before it.
include bench/bench.mk
include loader/loader.mk
include tests/tests.mk
include packaging/packaging.mk

.PHONY: demo
demo: $(BUILD)/bios.bin $(BASELINE_OUT)/ide-dma.bin
	$(call need,$(LAB_PACKAGES))
	@bench/scenarios/demo


################ For the maintainers of SeaBIOS and Xen

SERIES_PACKAGES := git perl

# OUT: where to; BASE: a folder with another SeaBIOS; SIGNOFF: "Name <address>"
.PHONY: series check-series
series: export SIGNOFF := $(SIGNOFF)
series:
	$(call need,$(SERIES_PACKAGES))
	@patches/series/generate '$(or $(OUT),$(BUILD)/series)' $(if $(BASE),'$(BASE)')

# BASES: folders with other SeaBIOSes; STEPS, SERIES_CC, SERIES_XEN: see patches/series/check --help
check-series: export SERIES_XEN := $(SERIES_XEN)
check-series: $(if $(SERIES_XEN),measure)
	$(call need,$(SERIES_PACKAGES) $(if $(SERIES_XEN),$(LAB_PACKAGES),qemu-system-x86))
	@patches/series/check $(BUILD)/check-series $(BASES)


################ The rest

.PHONY: help
help:
	@echo 'make            build build/bios.bin: SeaBIOS with the Xen PV block frontend'
	@echo '                SEABIOS_SRC=DIR: from this source, not from Debian'"'"'s package'
	@echo 'make demo       boot a guest from emulated IDE and from its PV disk, and compare'
	@echo 'make check      run all tests, including those on a real Xen in the lab, but only'
	@echo '                samples of the most expensive ones: make check-long runs them in full'
	@echo 'make check-unit run only the host tests; make check-lab: only the lab tests'
	@echo 'make fuzz       run each fuzz target for FUZZ_SECONDS=60'
	@echo 'make soak       run SOAK_OPS=100000 random ops on each backend, compare every byte'
	@echo 'make valgrind   run the unit tests without sanitizers, under valgrind'
	@echo 'make coverage   show how much of the driver the host tests reach'
	@echo 'make mutants    plant each fault of tests/mutants/list: the host tests have to notice'
	@echo 'make lint       run only shellcheck, clang-tidy, cppcheck, gcc -fanalyzer and tests/structure'
	@echo 'make figures    measure what an int13 call costs, beside its budget; make peers:'
	@echo '                beside emulated disks and other designs'
	@echo 'make ceilings   measure what it costs Linux in a guest, and fio in dom0'
	@echo 'make host-report'
	@echo '                measure the Xen host that this is, and draw a report; HOST_REPORT=--help'
	@echo 'make loaders    time the loading of a kernel and an initrd, each way; LOADERS=--help'
	@echo 'make loader     build build/loader/blkload, which puts a kernel on a disk, with a boot'
	@echo '                loader that reads it without copying: loader/README.md'
	@echo 'make baseline   build the rivals that make peers measures: bench/baseline/README.md'
	@echo 'make boots      show where the time of a whole boot goes, over IDE and over PV'
	@echo 'make profile    show where the instructions of an int13 call go, by function'
	@echo 'make bench-quick, make bench'
	@echo '                time every call of many jobs, in fio'"'"'s json+ layout'
	@echo 'make report     write report.md and report.html from RESULTS=results/quick/results.json'
	@echo 'make install    install it all below DESTDIR= PREFIX=/usr/local; make uninstall removes it'
	@echo 'make dist       make a release of what is committed, in build/dist'
	@echo 'make deb        make Debian packages of what is committed, in build/deb; make rpm: in build/rpm'
	@echo 'make series     write the series for SeaBIOS'"'"'s mailing list to OUT=build/series, for 1.16.2 or'
	@echo '                BASE=DIR; SIGNOFF="Name <address>": patches/series/README.md'
	@echo 'make check-series apply it, build each step, and boot it in QEMU; BASES="DIR...": to these, too'
	@echo 'make clean      remove what was built, but not what was downloaded'
	@echo 'make distclean  remove build/'

.PHONY: clean
clean:
	rm -rf $(BUILD)/bios.bin $(BUILD)/baseline $(BUILD)/bench $(BUILD)/tests $(BUILD)/series \
	    $(BUILD)/check-series \
	    $(BUILD)/seabios-* $(BUILD)/xen-headers $(BUILD)/.packages $(BUILD)/.source

.PHONY: distclean
distclean:
	rm -rf $(BUILD)
