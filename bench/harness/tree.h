// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of the tree, whether int13bench runs in it or has been installed.
#ifndef HARNESS_TREE_H
#define HARNESS_TREE_H

// Where the file is that is called so from the top of the tree: there if int13bench
// is run from the top of one, else where `make install` has put it. If it is in
// neither place, the path as it is. Valid until the program ends.
const char *tree_path(const char *path);

#endif
