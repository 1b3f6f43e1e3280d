// SPDX-License-Identifier: LGPL-3.0-or-later
//
// SeaBIOS's configuration, as far as the driver looks at it.
#ifndef __SHADOW_CONFIG_H
#define __SHADOW_CONFIG_H

#define CONFIG_XEN_BLKFRONT 1
#define CONFIG_XEN_BLKFRONT_16BIT Config16Bit   // Tests change it
#define CONFIG_XEN_BLKFRONT_READAHEAD ConfigReadahead

// Of the switches in blkfront/vbd.h; hence this file comes before all others.
#define VBD_STICKY ConfigSticky

extern int ConfigSticky, Config16Bit, ConfigReadahead;

#endif // config.h
