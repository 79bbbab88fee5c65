/* close, dup, fcntl and the like: what a number stands for. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "channel.h"
#include "descriptors.h"
#include "hooks.h"
#include "kernel.h"
#include "notice.h"

/** Gives 1 if the number must not be closed: it is ours, and for the program there is nothing. */
static int before_close(const void *caller, int fd) {
  const enum channel_end end = channel_end_of(fd);
  if (end == CHANNEL_INTERNAL) return 1;
  if (end == CHANNEL_READER) close_channel(fd);
  else notice_close(caller, fd);
  return 0;
}

int close_hook(const void *caller, int fd, int (*closes)(int)) {
  if (before_close(caller, fd)) {
    errno = EBADF;
    return -1;
  }
  const int result = closes(fd);
  // A thread may have looked at the number while it was being closed.
  if (result < 0) forget(fd);
  return result;
}

EXPORT int close(int fd) { return close_hook(CALLER, fd, REAL(close)); }

/** The range may be all numbers that there could be. */
static unsigned end_of_range(unsigned last) {
  struct rlimit limit = {65536, 65536};
  kernel(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, &limit);
  const unsigned most = limit.rlim_cur < 65536 ? (unsigned)limit.rlim_cur : 65536;
  return last < most ? last + 1 : most;
}

static void forget_range(const void *caller, unsigned first, unsigned end) {
  for (unsigned fd = first; fd < end; fd++)
    if (channel_end_of((int)fd) == NO_CHANNEL) notice_close(caller, (int)fd);
}

int close_range_hook(const void *caller, unsigned first, unsigned last, int flags,
                     int (*closes)(unsigned, unsigned, int)) {
  const int closing = (flags & 4 /* only marks for closing at exec */) == 0;
  const unsigned end = end_of_range(last);
  if (closing) forget_range(caller, first, end);
  unsigned begin = first;
  int result = 0;
  for (unsigned fd = first; closing && fd < end; fd++) {
    if (channel_end_of((int)fd) == NO_CHANNEL) continue;
    if (fd > begin) result |= closes(begin, fd - 1, flags);
    begin = fd + 1;
  }
  if (begin <= last) result |= closes(begin, last, flags);
  return result;
}

EXPORT int close_range(unsigned first, unsigned last, int flags) {
  OR_MISSING(close_range)
  return close_range_hook(CALLER, first, last, flags, REAL(close_range));
}

EXPORT void closefrom(int first) {
  if (real_function(NUMBER_close_range) != 0)
    close_range_hook(CALLER, first < 0 ? 0u : (unsigned)first, ~0u, 0, REAL(close_range));
  else REAL(closefrom)(first);
}

EXPORT int dup(int fd) {
  const int result = REAL(dup)(fd);
  notice_dup(CALLER, fd, result);
  return result;
}

/** What stood at the number is closed without a word. */
static void before_replacing(const void *caller, int from, int to) {
  if (from != to && channel_end_of(to) == NO_CHANNEL) notice_close(caller, to);
}

EXPORT int dup2(int from, int to) {
  before_replacing(CALLER, from, to);
  const int result = REAL(dup2)(from, to);
  if (from != to) notice_dup(CALLER, from, result);
  return result;
}

EXPORT int dup3(int from, int to, int flags) {
  before_replacing(CALLER, from, to);
  const int result = REAL(dup3)(from, to, flags);
  notice_dup(CALLER, from, result);
  return result;
}

EXPORT int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  const int result = REAL(fcntl)(fd, command, argument);
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      notice_dup(CALLER, fd, result);
      break;
    case F_SETLK:
    case F_SETLKW:
      if (argument != NULL) notice_lock(CALLER, fd, ((const struct flock *)argument)->l_type, 0, result);
      break;
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      if (argument != NULL) notice_lock(CALLER, fd, ((const struct flock *)argument)->l_type, 1, result);
      break;
  }
  return result;
}
ALSO(fcntl, fcntl64);

EXPORT int flock(int fd, int operation) {
  const int result = REAL(flock)(fd, operation);
  const int type = operation & LOCK_UN ? F_UNLCK : operation & LOCK_SH ? F_RDLCK : F_WRLCK;
  notice_lock(CALLER, fd, type, 1, result);
  return result;
}

EXPORT int lockf(int fd, int operation, off_t length) {
  const int result = REAL(lockf)(fd, operation, length);
  if (operation != F_TEST) notice_lock(CALLER, fd, operation == F_ULOCK ? F_UNLCK : F_WRLCK, 0, result);
  return result;
}
ALSO(lockf, lockf64);
