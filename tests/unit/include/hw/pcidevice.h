// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver uses of SeaBIOS's hw/pcidevice.h.
#ifndef __SHADOW_PCIDEVICE_H
#define __SHADOW_PCIDEVICE_H

#include "types.h" // u16

struct pci_device {
    u16 vendor, device;
};

// One device only, where there is one.
extern struct pci_device FirmwarePciDevice;
#define foreachpci(pci) \
    for ((pci) = &FirmwarePciDevice; (pci) && (pci)->vendor; (pci) = NULL)

#endif // pcidevice.h
