/* The reader's side of a channel of this process: what JavaScript reads, writes and closes. */
#include "channel-state.h"
#include "kernel.h"

static struct channel *reader_of(int fd) {
  for (int i = 0; i < MAX_CHANNELS; i++)
    if ((atomic_load(&channels[i].state) & OPEN) != 0 && channels[i].reader == fd) return &channels[i];
  return NULL;
}

enum channel_end channel_end_of(int fd) {
  if (fd < 0 || !is_heard(ORIGIN_NATIVE)) return NO_CHANNEL;
  for (int i = 0; i < MAX_CHANNELS; i++) {
    const struct channel *channel = &channels[i];
    if ((atomic_load(&channel->state) & OPEN) == 0) continue;
    struct descriptor now;
    if (fd != channel->reader && fd != channel->writer && fd != channel->spare) continue;
    // The program may have put another file there.
    if (!look_at(fd, &now) || !is_same_thing(&now, &channel->identity)) continue;
    return fd == channel->reader ? CHANNEL_READER : CHANNEL_INTERNAL;
  }
  return NO_CHANNEL;
}

/** 0, as at the end of a file, when there is nothing to read: cheaper for JavaScript than an exception. */
ssize_t read_channel(int fd, void *buffer, size_t size) {
  struct channel *channel = reader_of(fd);
  if (channel == NULL) return 0;
  atomic_fetch_add(&channel->visit, 1);
  const long got = kernel(__NR_read, fd, buffer, size, 0);
  if (got > 0) return got;
  const uint32_t broken = atomic_exchange(&channel->broken, 0);
  const uint32_t lost = atomic_exchange(&channel->lost, 0);
  if ((lost <= 1 && !broken) || size < sizeof(struct record_header)) return 0;
  struct record_header *header = buffer;
  *header = (struct record_header){
      .size = sizeof *header,
      .version = PROTOCOL_VERSION,
      .kind = KIND_LOST,
      .process = process_id(),
      .thread = thread_id(),
      .fd = -1,
      .offset = -1,
      .length = lost > 1 ? lost - 1 : 1,
  };
  return sizeof *header;
}

ssize_t command_channel(const void *buffer, size_t size) {
  const struct command *commands = buffer;
  for (size_t i = 0; i < size / sizeof *commands; i++) {
    struct descriptor descriptor;
    if (!look_at(commands[i].fd, &descriptor)) continue;
    if (commands[i].code == COMMAND_CLAIM) add_flags(&descriptor, FLAG_CLAIMED);
    else if (commands[i].code == COMMAND_RELEASE) remove_flags(&descriptor, FLAG_CLAIMED);
  }
  return (ssize_t)size;
}

/** The reader's own descriptor is closed by whoever called. */
void close_channel(int fd) {
  struct channel *channel = reader_of(fd);
  if (channel != NULL && channel->process == process_id()) retire(channel);
}
