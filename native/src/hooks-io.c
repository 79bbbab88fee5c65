/* read, write and their kin. */
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "channel.h"
#include "hooks.h"
#include "notice.h"

EXPORT ssize_t read(int fd, void *buffer, size_t size) {
  if (channel_end_of(fd) == CHANNEL_READER) return read_channel(fd, buffer, size);
  const ssize_t result = REAL(read)(fd, buffer, size);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}
ALSO(read, __read);

EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room) {
  if (size > room) __builtin_trap();
  const ssize_t result = REAL(read)(fd, buffer, size);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

EXPORT ssize_t write(int fd, const void *buffer, size_t size) {
  if (channel_end_of(fd) == CHANNEL_READER) return command_channel(buffer, size);
  const ssize_t result = REAL(write)(fd, buffer, size);
  NOTICE(WRITE, WRITE, fd, -1, result);
  return result;
}
ALSO(write, __write);

EXPORT ssize_t readv(int fd, const struct iovec *parts, int count) {
  const ssize_t result = REAL(readv)(fd, parts, count);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
  const ssize_t result = REAL(writev)(fd, parts, count);
  NOTICE(WRITE, WRITE, fd, -1, result);
  return result;
}

EXPORT ssize_t pread(int fd, void *buffer, size_t size, off_t offset) {
  const ssize_t result = REAL(pread)(fd, buffer, size, offset);
  NOTICE(READ, READ, fd, offset, result);
  return result;
}
ALSO(pread, pread64);
ALSO(pread, __pread64);

EXPORT ssize_t __pread_chk(int fd, void *buffer, size_t size, off_t offset, size_t room) {
  if (size > room) __builtin_trap();
  const ssize_t result = REAL(pread)(fd, buffer, size, offset);
  NOTICE(READ, READ, fd, offset, result);
  return result;
}
ALSO(__pread_chk, __pread64_chk);

EXPORT ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset) {
  const ssize_t result = REAL(pwrite)(fd, buffer, size, offset);
  NOTICE(WRITE, WRITE, fd, offset, result);
  return result;
}
ALSO(pwrite, pwrite64);
ALSO(pwrite, __pwrite64);

EXPORT ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset) {
  const ssize_t result = REAL(preadv)(fd, parts, count, offset);
  NOTICE(READ, READ, fd, offset, result);
  return result;
}
ALSO(preadv, preadv64);

EXPORT ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  const ssize_t result = REAL(pwritev)(fd, parts, count, offset);
  NOTICE(WRITE, WRITE, fd, offset, result);
  return result;
}
ALSO(pwritev, pwritev64);

EXPORT ssize_t preadv2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  OR_MISSING(preadv2)
  const ssize_t result = REAL(preadv2)(fd, parts, count, offset, flags);
  NOTICE(READ, READ, fd, offset, result);
  return result;
}
ALSO(preadv2, preadv64v2);

EXPORT ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  OR_MISSING(pwritev2)
  const ssize_t result = REAL(pwritev2)(fd, parts, count, offset, flags);
  NOTICE(WRITE, WRITE, fd, offset, result);
  return result;
}
ALSO(pwritev2, pwritev64v2);

EXPORT ssize_t sendfile(int out, int in, off_t *offset, size_t size) {
  const int64_t from = offset == NULL ? -1 : *offset;
  const ssize_t result = REAL(sendfile)(out, in, offset, size);
  NOTICE(READ, READ, in, from, result);
  NOTICE(WRITE, WRITE, out, -1, result);
  return result;
}
ALSO(sendfile, sendfile64);

EXPORT ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags) {
  OR_MISSING(copy_file_range)
  const int64_t begin = from == NULL ? -1 : *from, end = to == NULL ? -1 : *to;
  const ssize_t result = REAL(copy_file_range)(in, from, out, to, size, flags);
  NOTICE(READ, READ, in, begin, result);
  NOTICE(WRITE, WRITE, out, end, result);
  return result;
}

EXPORT int fsync(int fd) {
  const int result = REAL(fsync)(fd);
  NOTICE(SYNC, NONE, fd, -1, result);
  return result;
}

EXPORT int fdatasync(int fd) {
  const int result = REAL(fdatasync)(fd);
  NOTICE(SYNC, NONE, fd, -1, result);
  return result;
}

EXPORT int ftruncate(int fd, off_t size) {
  const int result = REAL(ftruncate)(fd, size);
  NOTICE(TRUNCATE, WRITE, fd, -1, result);
  return result;
}
ALSO(ftruncate, ftruncate64);

EXPORT int fallocate(int fd, int mode, off_t offset, off_t size) {
  const int result = REAL(fallocate)(fd, mode, offset, size);
  NOTICE(TRUNCATE, WRITE, fd, -1, result);
  return result;
}
ALSO(fallocate, fallocate64);

/** Gives the error number, and errno stays as it is. */
EXPORT int posix_fallocate(int fd, off_t offset, off_t size) {
  const int error = REAL(posix_fallocate)(fd, offset, size);
  if (error == 0) NOTICE(TRUNCATE, WRITE, fd, -1, 0);
  return error;
}
ALSO(posix_fallocate, posix_fallocate64);
