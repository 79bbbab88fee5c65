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
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "descriptors.h"
#include "kernel.h"

#define PIPE_SIZE (1 << 20)

#define MAX_CHANNELS 16
#define RECENT 256

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

static struct channel channels[MAX_CHANNELS];
static _Atomic int open_count, open_to_node_count;

static int acquire(struct channel *channel) {
  int state = atomic_load(&channel->state);
  do {
    if ((state & OPEN) == 0) return 0;
  } while (!atomic_compare_exchange_weak(&channel->state, &state, state + 1));
  return 1;
}

static void close_descriptors(struct channel *channel) {
  struct descriptor now;
  const struct descriptor *then = &channel->identity;
  if (look_at(channel->writer, &now) && now.inode == then->inode && now.device == then->device)
    kernel(__NR_close, channel->writer, 0, 0, 0);
  if (look_at(channel->spare, &now) && now.inode == then->inode && now.device == then->device)
    kernel(__NR_close, channel->spare, 0, 0, 0);
}

static void release(struct channel *channel) {
  if (atomic_fetch_sub(&channel->state, 1) != CLOSING + 1) return;
  close_descriptors(channel);
  atomic_store(&channel->state, FREE);
}

int is_heard(enum origin origin) {
  return atomic_load_explicit(origin == ORIGIN_NODE ? &open_to_node_count : &open_count, memory_order_relaxed) > 0;
}

/* --- opening ------------------------------------------------------------------------------------------------------- */

static struct channel *reserve(void) {
  for (int i = 0; i < MAX_CHANNELS; i++) {
    int expected = FREE;
    if (!atomic_compare_exchange_strong(&channels[i].state, &expected, FILLING)) continue;
    struct channel *channel = &channels[i];
    channel->native_only = 0;
    channel->reader = channel->writer = channel->spare = -1;
    channel->process = channel->thread = 0;
    atomic_store(&channel->lost, 0);
    atomic_store(&channel->broken, 0);
    atomic_fetch_add(&channel->visit, 1);
    return channel;
  }
  return NULL;
}

static void publish(struct channel *channel) {
  atomic_store(&channel->state, OPEN);
  atomic_fetch_add(&open_count, 1);
  if (!channel->native_only) atomic_fetch_add(&open_to_node_count, 1);
}

/** Out of the way of programs that count on low numbers, or close them. Gives the old one back if there is no room. */
static int move_up(int fd) {
  struct rlimit limit = {0, 0};
  kernel(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, &limit);
  const long high = limit.rlim_cur > 1100 ? 1000 : limit.rlim_cur > 64 ? (long)limit.rlim_cur - 32 : 3;
  const long moved = kernel(__NR_fcntl, fd, F_DUPFD_CLOEXEC, high, 0);
  if (moved < 0) return fd;
  kernel(__NR_close, fd, 0, 0, 0);
  return (int)moved;
}

static int same_text(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

long open_channel(const char *path) {
  static const char prefix[] = CHANNEL_PATH;
  for (unsigned i = 0; i < sizeof prefix - 1; i++)
    if (path[i] != prefix[i]) return NOT_A_CHANNEL;
  const char *mode = path + sizeof prefix - 1;
  const int native_only = same_text(mode, "native");
  if (!native_only && !same_text(mode, "all")) return -ENOENT;
  if (!owns_memory()) return -ENOENT;
  struct channel *channel = reserve();
  if (channel == NULL) return -EMFILE;
  int ends[2];
  const long failed = kernel(__NR_pipe2, ends, O_CLOEXEC | O_NONBLOCK, 0, 0);
  if (failed < 0) {
    atomic_store(&channel->state, FREE);
    return failed;
  }
  kernel(__NR_fcntl, ends[1], F_SETPIPE_SZ, PIPE_SIZE, 0);
  const long spare = kernel(__NR_fcntl, ends[0], F_DUPFD_CLOEXEC, ends[0], 0);
  channel->type = PIPE;
  channel->native_only = native_only;
  channel->reader = ends[0];
  channel->writer = move_up(ends[1]);
  channel->spare = spare < 0 ? -1 : move_up((int)spare);
  channel->capacity = (int)kernel(__NR_fcntl, channel->writer, F_GETPIPE_SZ, 0, 0) / 2;
  channel->process = process_id();
  channel->thread = thread_id();
  look_at(channel->writer, &channel->identity);
  publish(channel);
  return ends[0];
}

static long reopen(int fd, int flags) {
  char path[32] = "/proc/self/fd/";
  char digits[12];
  int count = 0, at = 14;
  do digits[count++] = (char)('0' + fd % 10);
  while ((fd /= 10) != 0);
  while (count > 0) path[at++] = digits[--count];
  path[at] = 0;
  return kernel(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NONBLOCK, 0);
}

/** `value`: the number of a descriptor and, after a colon, the inode that it must be, lest it be another file by now. */
static void open_pipe(const char *value) {
  unsigned fd = 0;
  uint64_t inode = 0;
  for (; *value >= '0' && *value <= '9' && fd < 1 << 20; value++) fd = fd * 10 + (unsigned)(*value - '0');
  if (*value == ':')
    for (value++; *value >= '0' && *value <= '9'; value++) inode = inode * 10 + (uint64_t)(*value - '0');
  struct descriptor found;
  if (*value != 0 || !look_at((int)fd, &found) || (inode != 0 && found.inode != inode)) return;
  if (found.mode != S_IFIFO && found.mode != S_IFSOCK) return;
  struct channel *channel = reserve();
  if (channel == NULL) return;
  channel->identity = found;
  if (found.mode == S_IFIFO) {
    // A description of our own, so that not blocking is ours alone; and a reader, so that the pipe can't break.
    const long writer = reopen((int)fd, O_WRONLY);
    const long spare = reopen((int)fd, O_RDONLY);
    channel->type = PIPE;
    channel->writer = writer < 0 ? -1 : move_up((int)writer);
    channel->spare = spare < 0 ? -1 : move_up((int)spare);
    channel->capacity = (int)kernel(__NR_fcntl, channel->writer, F_GETPIPE_SZ, 0, 0) / 2;
  } else {
    int size = 0;
    socklen_t length = sizeof size;
    kernel6(__NR_getsockopt, (long)fd, SOL_SOCKET, SO_SNDBUF, (long)&size, (long)&length, 0);
    const long writer = kernel(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3, 0);
    channel->type = SOCKET;
    channel->writer = writer < 0 ? -1 : move_up((int)writer);
    channel->capacity = size / 2;
  }
  if (channel->writer < 0) {
    atomic_store(&channel->state, FREE);
    return;
  }
  publish(channel);
}

static void open_log(const char *path) {
  struct channel *channel = reserve();
  if (channel == NULL) return;
  const long opened = kernel(__NR_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (opened < 0) {
    atomic_store(&channel->state, FREE);
    return;
  }
  channel->type = LOG;
  channel->writer = move_up((int)opened);
  look_at(channel->writer, &channel->identity);
  publish(channel);
}

static const char *value_of(const char *variable, const char *name) {
  while (*name != 0 && *variable == *name) variable++, name++;
  return *name == 0 && *variable == '=' ? variable + 1 : NULL;
}

/** The C library may not have its environment yet when the first library of the process begins. */
void open_inherited_channels(void) {
  enum { ROOM = 4 << 20 };
  const long opened = kernel(__NR_openat, AT_FDCWD, "/proc/self/environ", O_RDONLY | O_CLOEXEC, 0);
  if (opened < 0) return;
  const int private = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  char *text = (char *)kernel6(__NR_mmap, 0, ROOM, PROT_READ | PROT_WRITE, private, -1, 0);
  if ((unsigned long)text < -4095ul) {
    long length = 0, got;
    while (length < ROOM - 1 && (got = kernel(__NR_read, opened, text + length, ROOM - 1 - length, 0)) > 0) length += got;
    for (long at = 0; at < length; at++) {
      const char *fd = value_of(text + at, "FRONTRUN_IO_FD");
      const char *log = value_of(text + at, "FRONTRUN_IO_LOG");
      if (fd != NULL && *fd != 0) open_pipe(fd);
      if (log != NULL && *log != 0) open_log(log);
      while (at < length && text[at] != 0) at++;
    }
    kernel(__NR_munmap, text, ROOM, 0, 0);
  }
  kernel(__NR_close, opened, 0, 0, 0);
}

/* --- telling ------------------------------------------------------------------------------------------------------- */

static int has_room(struct channel *channel) {
  int unread = 0;
  if (channel->type == LOG) return 1;
  if (kernel(__NR_ioctl, channel->writer, channel->type == PIPE ? FIONREAD : SIOCOUTQ, &unread, 0) < 0) return 0;
  return unread < channel->capacity;
}

static int is_intact(struct channel *channel) {
  struct descriptor now;
  if (look_at(channel->writer, &now) && now.inode == channel->identity.inode && now.device == channel->identity.device)
    return 1;
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

/* --- the reader's side --------------------------------------------------------------------------------------------- */

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
    if (!look_at(fd, &now) || now.inode != channel->identity.inode) continue;
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
  if (channel == NULL || channel->process != process_id()) return;
  int state = atomic_load(&channel->state);
  do {
    if ((state & OPEN) == 0) return;
    // One user more, whose release closes the descriptors if it is the last.
  } while (!atomic_compare_exchange_weak(&channel->state, &state, CLOSING + (state & USERS) + 1));
  atomic_fetch_sub(&open_count, 1);
  if (!channel->native_only) atomic_fetch_sub(&open_to_node_count, 1);
  release(channel);
}
