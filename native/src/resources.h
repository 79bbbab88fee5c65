#ifndef FRONTRUN_RESOURCES_H
#define FRONTRUN_RESOURCES_H

#include "descriptors.h"
#include "protocol.h"

/* Each writes at most MAX_RESOURCE bytes and gives their number; 0: nothing that is told. */

/** Of an open descriptor: `file:/real/path`, `socket:host:port`, `socket:unix:/path`. */
unsigned name_descriptor(const struct descriptor *descriptor, char *out);

/** Of an address, as sockets have them. */
unsigned name_address(const void *address, unsigned length, char *out);

/** Of a path, its last component not followed: what is made, removed or renamed. */
unsigned name_path(int folder, const char *path, char *out);

#endif
