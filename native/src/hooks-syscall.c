/* syscall(): libuv closes descriptors this way, and some programs read and write so. */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "hooks.h"
#include "notice.h"

static int close_by_syscall(int fd) { return (int)REAL(syscall)(__NR_close, fd); }

static int close_range_by_syscall(unsigned first, unsigned last, int flags) {
  return (int)REAL(syscall)(__NR_close_range, first, last, flags);
}

EXPORT long syscall(long number, ...) {
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);

  const int fd = (int)a[0];
  int existed = 0;
  if (number == __NR_close) return close_hook(CALLER, fd, close_by_syscall);
  if (number == __NR_close_range) return close_range_hook(CALLER, (unsigned)a[0], (unsigned)a[1], (int)a[2], close_range_by_syscall);
  if (number == __NR_openat) existed = exists(CALLER, fd, (const char *)a[1], (int)a[2]);

  const long result = REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  switch (number) {
    case __NR_read:
    case __NR_readv:
    case __NR_recvfrom:
    case __NR_recvmsg:
      NOTICE(READ, READ, fd, -1, result);
      break;
    case __NR_pread64:
    case __NR_preadv:
    case __NR_preadv2:
      NOTICE(READ, READ, fd, a[3], result);
      break;
    case __NR_write:
    case __NR_writev:
    case __NR_sendto:
    case __NR_sendmsg:
      NOTICE(WRITE, WRITE, fd, -1, result);
      break;
    case __NR_pwrite64:
    case __NR_pwritev:
    case __NR_pwritev2:
      NOTICE(WRITE, WRITE, fd, a[3], result);
      break;
    case __NR_copy_file_range:
      NOTICE(READ, READ, fd, -1, result);
      NOTICE(WRITE, WRITE, (int)a[2], -1, result);
      break;
    case __NR_openat:
      notice_open(CALLER, fd, (const char *)a[1], (int)a[2], existed, (int)result);
      break;
    case __NR_unlinkat:
      notice_path(KIND_UNLINK, ACCESS_WRITE, CALLER, fd, (const char *)a[1], result);
      break;
    case __NR_renameat2:
      notice_path(KIND_RENAME, ACCESS_WRITE, CALLER, fd, (const char *)a[1], result);
      notice_path(KIND_RENAME, ACCESS_WRITE, CALLER, (int)a[2], (const char *)a[3], result);
      break;
    case 425: /* io_uring_setup */
      if (result >= 0) notice_blind(CALLER, "io_uring");
      break;
  }
  return result;
}
