/* SPDX-License-Identifier: MIT */
/*
 * Copyright (c) 2007, Keir Fraser
 */

#ifndef __XEN_PUBLIC_HVM_HVM_OP_H__
#define __XEN_PUBLIC_HVM_HVM_OP_H__

#include "../xen.h"

#define HVMOP_get_param           1
struct xen_hvm_param {
    domid_t  domid;    /* IN */
    uint16_t pad;
    uint32_t index;    /* IN */
    uint64_t value;    /* IN/OUT */
};

#endif /* __XEN_PUBLIC_HVM_HVM_OP_H__ */
