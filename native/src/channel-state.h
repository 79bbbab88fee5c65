/* What the parts of a channel have in common. */
#ifndef FRONTRUN_CHANNEL_STATE_H
#define FRONTRUN_CHANNEL_STATE_H

#include <stdatomic.h>

#include "channel.h"
#include "descriptors.h"

#define MAX_CHANNELS 16
#define RECENT 256

/** A number of users below, what the channel is above. */
enum state { FREE = 0, USERS = (1 << 28) - 1, OPEN = 1 << 28, CLOSING = 1 << 29, FILLING = 1 << 30 };

struct channel {
  /** OPEN, or not, and the number of users. */
  _Atomic int state;
  enum { PIPE, SOCKET, LOG } type;
  int native_only;
  /** Descriptors: the reader's is JavaScript's; the spare keeps the pipe from ever breaking. */
  int reader, writer, spare;
  /** What `writer` must be, for the program may close what it does not know. */
  struct descriptor identity;
  int capacity;
  /** The only process and thread that it is for, or 0. */
  int process, thread;
  _Atomic uint32_t lost;
  _Atomic int broken;
  /** What was told since the reader last came; only where all that counts is what happened in between. */
  _Atomic uint64_t recent[RECENT];
  _Atomic uint32_t visit;
};

extern struct channel channels[MAX_CHANNELS];

/** Takes part in the use of a channel; 0 if it isn't open. */
int acquire(struct channel *channel);
void release(struct channel *channel);

/** A free place for a channel, or null. To be published, or given back. */
struct channel *reserve(void);
void give_back(struct channel *channel);
void publish(struct channel *channel);
/** No new users; the last of those there are closes it. */
void retire(struct channel *channel);

#endif
