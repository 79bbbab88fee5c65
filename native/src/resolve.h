#ifndef FRONTRUN_RESOLVE_H
#define FRONTRUN_RESOLVE_H

#include <stdint.h>

/** The definition of `name` that the program would have got without this library, or null. */
void *next_definition(const char *name);

/** Learns which loaded objects are Node and libuv. */
void find_node(void);

/** Whether the code at `address` is Node's own. */
int is_node_code(const void *address);

#endif
