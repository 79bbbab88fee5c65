#ifndef FRONTRUN_DESCRIPTORS_H
#define FRONTRUN_DESCRIPTORS_H

#include <stdint.h>

enum descriptor_flag {
  /** A detector in JavaScript sees what happens to it. */
  FLAG_CLAIMED = 1,
  /** The other end called us: the endpoint that both ends share is our own. */
  FLAG_ACCEPTED = 2,
  /** Locked with fcntl: a database's. Node's own file system calls know no locks. */
  FLAG_DATABASE = 4,
  /** A lock of the open file is held, which closing it gives back. */
  FLAG_LOCKED = 8,
};

/** What the kernel says that a descriptor is, just now. */
struct descriptor {
  int fd;
  uint16_t mode;
  uint32_t links;
  uint64_t device;
  uint64_t inode;
};

static inline int is_same_thing(const struct descriptor *a, const struct descriptor *b) {
  return a->inode == b->inode && a->device == b->device;
}

/** Whether there is such a descriptor. */
int look_at(int fd, struct descriptor *out);

unsigned flags_of(const struct descriptor *descriptor);
void add_flags(const struct descriptor *descriptor, unsigned flags);
void remove_flags(const struct descriptor *descriptor, unsigned flags);

/** Remembers whom a socket is connected to, for when the kernel has forgotten. `name`: as it is told. */
void keep_endpoint(const struct descriptor *descriptor, const char *name, unsigned length);
unsigned kept_endpoint(const struct descriptor *descriptor, char *out);

/** The number no longer stands for what it stood for. */
void forget(int fd);
/** `to` stands for what `from` stands for. */
void copy_descriptor(int from, int to);

/** This process may change the table: false between vfork and exec, when the memory is the parent's. */
int owns_memory(void);
/** Called in the child of a fork, whose memory is a copy. */
void own_memory(void);

#endif
