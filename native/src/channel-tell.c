/*
 * The channels that events go through: pipes and log files.
 *
 * A write never blocks and is never torn: the descriptors are non-blocking, a record is smaller than PIPE_BUF. Half of a
 * pipe is kept free for saying that events were lost, so that a full pipe still can: the first loss is told at once, the
 * number of further ones as soon as there is room. A reader so never takes what it got for all there was.
 *
 * There are no locks. A channel is in use while its count of users is above zero, and its descriptors are closed by the
 * last who uses it, so that no record is ever written to a number that stands for something else by now.
 */
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "channel-state.h"
#include "kernel.h"

static int has_room(struct channel *channel) {
  int unread = 0;
  if (channel->type == LOG) return 1;
  if (kernel(__NR_ioctl, channel->writer, channel->type == PIPE ? FIONREAD : SIOCOUTQ, &unread, 0) < 0) return 0;
  return unread < channel->capacity;
}

static int is_intact(struct channel *channel) {
  struct descriptor now;
  if (look_at(channel->writer, &now) && is_same_thing(&now, &channel->identity)) return 1;
  atomic_store(&channel->broken, 1);
  return 0;
}

static int put(struct channel *channel, const struct record *record) {
  const long size = record->header.size;
  const long written =
      channel->type == SOCKET
          ? kernel6(__NR_sendto, channel->writer, (long)record, size, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0)
          : kernel(__NR_write, channel->writer, record, size, 0);
  return written == size;
}

static int tell_loss(struct channel *channel, uint32_t count) {
  struct record record;
  record.header = (struct record_header){
      .size = sizeof record.header,
      .version = PROTOCOL_VERSION,
      .kind = KIND_LOST,
      .process = process_id(),
      .thread = thread_id(),
      .fd = -1,
      .offset = -1,
      .length = count,
  };
  return put(channel, &record);
}

/** What is counted is one more than what is still to be told. */
static void lose(struct channel *channel) {
  if (atomic_fetch_add(&channel->lost, 1) == 0 && !tell_loss(channel, 1)) atomic_fetch_add(&channel->lost, 1);
}

/** Told already since the reader last came. */
static int is_recent(struct channel *channel, const struct record *record) {
  uint64_t hash = 0x9e3779b97f4a7c15u;
  const struct record_header *h = &record->header;
  // Each a word of its own, lest two of them make up for each other's difference.
  const uint64_t words[] = {atomic_load(&channel->visit), h->kind, h->access, (uint64_t)h->thread,
                            (uint64_t)h->fd, (uint64_t)h->offset, (uint64_t)h->error,
                            h->offset < 0 ? 0 : (uint64_t)h->length};
  for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
    hash = (hash ^ words[i]) * 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 31;
  }
  for (unsigned i = 0; i < h->resource_length; i++) hash = (hash ^ (unsigned char)record->resource[i]) * 1099511628211u;
  hash |= 1;
  return atomic_exchange(&channel->recent[(hash >> 20) % RECENT], hash) == hash;
}

static void tell_channel(struct channel *channel, const struct record *record) {
  if (!is_intact(channel)) return;
  // Opening and closing delimit what a number stands for, so that each of them counts.
  const int repeats = record->header.kind == KIND_READ || record->header.kind == KIND_WRITE ||
                      record->header.kind == KIND_SYNC || record->header.kind == KIND_STAT;
  if (channel->native_only && repeats && is_recent(channel, record)) return;
  if (!has_room(channel)) {
    lose(channel);
    return;
  }
  // One of the lost was told when the loss began.
  const uint32_t lost = atomic_exchange(&channel->lost, 0);
  if (lost > 1) tell_loss(channel, lost - 1);
  if (!put(channel, record)) lose(channel);
}

/** Another thread of JavaScript listens to what its own thread does. */
static int is_of_another_reader(const struct channel *channel, int thread) {
  if (channel->thread == 0 || channel->thread == thread) return 0;
  for (int i = 0; i < MAX_CHANNELS; i++)
    if ((atomic_load(&channels[i].state) & OPEN) != 0 && channels[i].thread == thread) return 1;
  return 0;
}

void tell(struct record *record, unsigned resource_length) {
  struct record_header *header = &record->header;
  header->size = (uint16_t)(sizeof *header + resource_length);
  header->version = PROTOCOL_VERSION;
  header->resource_length = (uint16_t)resource_length;
  header->process = process_id();
  header->thread = thread_id();
  for (int i = 0; i < MAX_CHANNELS; i++) {
    struct channel *channel = &channels[i];
    if (!acquire(channel)) continue;
    if (!(channel->native_only && header->origin == ORIGIN_NODE) &&
        (channel->process == 0 || channel->process == header->process) &&
        !is_of_another_reader(channel, header->thread))
      tell_channel(channel, record);
    release(channel);
  }
}
