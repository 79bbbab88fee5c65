/*
 * What every hook does once the real function has answered. Nothing here changes errno.
 */
#ifndef FRONTRUN_NOTICE_H
#define FRONTRUN_NOTICE_H

#include "protocol.h"

/** Must be used in the hook itself. */
#define CALLER __builtin_return_address(0)

struct happening {
  enum kind kind;
  enum access access;
  const void *caller;
  int fd;
  int64_t offset;
  /** What the call gave. */
  long result;
  /** How many bytes, where that isn't the result; else -1. */
  int64_t length;
};

/** Somebody wants to know what this caller does. */
int is_watched(const void *caller);

/** Something was done with an open descriptor. */
void notice(struct happening happening);

#define NOTICE(kind_, access_, fd_, offset_, result_)                                                        \
  do {                                                                                                       \
    if (is_watched(CALLER))                                                                                  \
      notice((struct happening){KIND_##kind_, ACCESS_##access_, CALLER, (fd_), (offset_), (result_), -1});   \
  } while (0)

/** Something was done with a path whose last component is not followed. */
void notice_path(enum kind kind, enum access access, const void *caller, int folder, const char *path, long result);

/** Something was sent to or received from an address. */
void notice_address(struct happening happening, const void *address, unsigned length);

/** A file was to be opened. `existed`: see `exists`. */
void notice_open(const void *caller, int folder, const char *path, int flags, int existed, int fd);
/** Whether opening this way will find a file; asked before, for afterwards nothing tells. */
int exists(const void *caller, int folder, const char *path, int flags);

/** Before a descriptor is closed, or replaced by another. */
void notice_close(const void *caller, int fd);
void notice_dup(const void *caller, int from, int to);

/** A lock was asked for (`type`: F_RDLCK, F_WRLCK or F_UNLCK). `whole`: it belongs to the open file, not to the process. */
void notice_lock(const void *caller, int fd, int type, int whole, long result);

/** Requests go to the kernel in a way that no hook sees. */
void notice_blind(const void *caller, const char *what);

#endif
