# SPDX-License-Identifier: LGPL-3.0-or-later
# Faults in the driver that the host tests have to notice. Included by
# tests/tests.mk, after the other parts of tests/.

.PHONY: mutants
mutants: | $(UNIT_NEEDS)
	$(call need,libcmocka-dev libasan8 libubsan1 perl $(MODEL_PACKAGES))
	@tests/mutants/run
