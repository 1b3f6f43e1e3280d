/* SPDX-License-Identifier: MIT */
/******************************************************************************
 * protocols.h
 *
 * Copyright (c) 2008, Keir Fraser
 */

#ifndef __XEN_PROTOCOLS_H__
#define __XEN_PROTOCOLS_H__

#define XEN_IO_PROTO_ABI_X86_32     "x86_32-abi"
#define XEN_IO_PROTO_ABI_NATIVE     XEN_IO_PROTO_ABI_X86_32

#endif
