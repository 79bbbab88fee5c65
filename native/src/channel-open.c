/* Opening channels: for this process by a path, for others by the environment. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "channel-state.h"
#include "kernel.h"

#define PIPE_SIZE (1 << 20)

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
    give_back(channel);
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

/**
 * A child may have another pipe at this number, into which nothing of ours must go: from now on the variable says which
 * one is meant.
 */
static void say_which(char **variable, unsigned fd, uint64_t inode) {
  static char text[64] = "FRONTRUN_IO_FD=";
  unsigned at = 15;
  const uint64_t numbers[] = {fd, inode};
  for (unsigned i = 0; i < 2; i++) {
    char digits[20];
    unsigned count = 0;
    uint64_t rest = numbers[i];
    do digits[count++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (i > 0) text[at++] = ':';
    while (count > 0) text[at++] = digits[--count];
  }
  text[at] = 0;
  *variable = text;
}

/** `value`: the number of a descriptor and, after a colon, the inode that it must be, lest it be another file by now. */
static void open_pipe(const char *value, char **variable) {
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
    give_back(channel);
    return;
  }
  publish(channel);
  say_which(variable, fd, found.inode);
}

static void open_log(const char *path) {
  struct channel *channel = reserve();
  if (channel == NULL) return;
  const long opened = kernel(__NR_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (opened < 0) {
    give_back(channel);
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

void open_inherited_channels(char **environment) {
  for (char **variable = environment; variable != NULL && *variable != NULL; variable++) {
    const char *fd = value_of(*variable, "FRONTRUN_IO_FD");
    const char *log = value_of(*variable, "FRONTRUN_IO_LOG");
    if (fd != NULL && *fd != 0) open_pipe(fd, variable);
    if (log != NULL && *log != 0) open_log(log);
  }
}
