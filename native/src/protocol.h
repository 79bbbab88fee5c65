/*
 * Version 1 of what the library tells. A channel carries records, one after the other, each written by one system call
 * and no longer than PIPE_BUF, so that records of several threads and processes are never torn. Numbers are in the
 * machine's byte order. src/io/protocol.ts is the other side.
 */
#ifndef FRONTRUN_PROTOCOL_H
#define FRONTRUN_PROTOCOL_H

#include <stdint.h>

#define PROTOCOL_VERSION 1

/** Opening this path in a process that has the library opens a channel; `all` or `native` follows. */
#define CHANNEL_PATH "/dev/frontrun-io/1/"

enum kind {
  KIND_OPEN = 1,
  KIND_CLOSE = 2,
  KIND_READ = 3,
  KIND_WRITE = 4,
  KIND_CONNECT = 5,
  KIND_ACCEPT = 6,
  KIND_RENAME = 7,
  KIND_UNLINK = 8,
  KIND_TRUNCATE = 9,
  KIND_SYNC = 10,
  KIND_LOCK = 11,
  KIND_UNLOCK = 12,
  /** `fd` now stands for what `offset` stands for. */
  KIND_DUP = 13,
  KIND_CREATE = 14,
  KIND_STAT = 15,
  /** `length` events are missing before this record. */
  KIND_LOST = 16,
  /** What comes now can't be seen: io_uring. */
  KIND_BLIND = 17,
};

enum access { ACCESS_NONE = 0, ACCESS_READ = 1, ACCESS_WRITE = 2 };

/** Whose code called: Node's own (libuv among it), or any other. */
enum origin { ORIGIN_NATIVE = 0, ORIGIN_NODE = 1 };

struct record_header {
  uint16_t size;
  uint8_t version;
  uint8_t kind;
  uint8_t access;
  uint8_t origin;
  uint16_t resource_length;
  int32_t process;
  int32_t thread;
  int32_t fd;
  /** errno of a call that failed, or 0. */
  int32_t error;
  /** Where in the file, or -1: at the descriptor's own position. */
  int64_t offset;
  /** Bytes moved, or -1. */
  int64_t length;
};

_Static_assert(sizeof(struct record_header) == 40, "the reader counts on this layout");

#define MAX_RESOURCE 1024

struct record {
  struct record_header header;
  char resource[MAX_RESOURCE];
};

/** What JavaScript writes to the channel it reads from. */
enum command_code {
  /** `fd` is seen by a detector in JavaScript: say nothing about it until it is closed. */
  COMMAND_CLAIM = 1,
  COMMAND_RELEASE = 2,
};

struct command {
  int32_t code;
  int32_t fd;
};

#endif
