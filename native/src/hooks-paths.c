/* open, rename, unlink, stat and their kin. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "hooks.h"
#include "notice.h"

/**
 * A channel, if the path that was not found is of one. Asked only then: the kernel has read the path, so that it can be
 * looked at without harm.
 */
static int channel_instead(const char *path, int result) {
  if (result >= 0 || errno != ENOENT) return -1;
  const long fd = open_channel(path);
  if (fd < 0) errno = fd == NOT_A_CHANNEL ? ENOENT : (int)-fd;
  return (int)fd;
}

static mode_t mode_argument(int flags, va_list list) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

EXPORT int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_argument(flags, list);
  va_end(list);
  const int existed = exists(CALLER, AT_FDCWD, path, flags);
  const int result = REAL(open)(path, flags, mode);
  const int channel = channel_instead(path, result);
  if (channel >= 0) return channel;
  notice_open(CALLER, AT_FDCWD, path, flags, existed, result);
  return result;
}
ALSO(open, open64);
ALSO(open, __open);
ALSO(open, __open64);

EXPORT int openat(int folder, const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_argument(flags, list);
  va_end(list);
  const int existed = exists(CALLER, folder, path, flags);
  const int result = REAL(openat)(folder, path, flags, mode);
  const int channel = channel_instead(path, result);
  if (channel >= 0) return channel;
  notice_open(CALLER, folder, path, flags, existed, result);
  return result;
}
ALSO(openat, openat64);

EXPORT int __open_2(const char *path, int flags) {
  const int result = REAL(open)(path, flags);
  notice_open(CALLER, AT_FDCWD, path, flags, 1, result);
  return result;
}
ALSO(__open_2, __open64_2);

EXPORT int __openat_2(int folder, const char *path, int flags) {
  const int result = REAL(openat)(folder, path, flags);
  notice_open(CALLER, folder, path, flags, 1, result);
  return result;
}
ALSO(__openat_2, __openat64_2);

EXPORT int creat(const char *path, mode_t mode) {
  const int existed = exists(CALLER, AT_FDCWD, path, O_CREAT);
  const int result = REAL(creat)(path, mode);
  notice_open(CALLER, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, existed, result);
  return result;
}
ALSO(creat, creat64);

EXPORT DIR *opendir(const char *path) {
  DIR *result = REAL(opendir)(path);
  notice_open(CALLER, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 1, result == NULL ? -1 : dirfd(result));
  return result;
}

/* --- what is done to names ----------------------------------------------------------------------------------------- */

#define ONE_PATH(name, kind, access, parameters, arguments, folder, path)     \
  EXPORT int name parameters {                                                \
    const int result = REAL(name) arguments;                                  \
    notice_path(KIND_##kind, ACCESS_##access, CALLER, folder, path, result);  \
    return result;                                                            \
  }

ONE_PATH(unlink, UNLINK, WRITE, (const char *path), (path), AT_FDCWD, path)
ONE_PATH(unlinkat, UNLINK, WRITE, (int folder, const char *path, int flags), (folder, path, flags), folder, path)
ONE_PATH(remove, UNLINK, WRITE, (const char *path), (path), AT_FDCWD, path)
ONE_PATH(rmdir, UNLINK, WRITE, (const char *path), (path), AT_FDCWD, path)
ONE_PATH(mkdir, CREATE, WRITE, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
ONE_PATH(mkdirat, CREATE, WRITE, (int folder, const char *path, mode_t mode), (folder, path, mode), folder, path)
ONE_PATH(symlink, CREATE, WRITE, (const char *to, const char *path), (to, path), AT_FDCWD, path)
ONE_PATH(symlinkat, CREATE, WRITE, (const char *to, int folder, const char *path), (to, folder, path), folder, path)
ONE_PATH(truncate, TRUNCATE, WRITE, (const char *path, off_t size), (path, size), AT_FDCWD, path)
ALSO(truncate, truncate64);

#define TWO_PATHS(name, kind, first, parameters, arguments, from, old, to, new)     \
  EXPORT int name parameters {                                                      \
    const int result = REAL(name) arguments;                                        \
    notice_path(KIND_##kind, ACCESS_##first, CALLER, from, old, result);            \
    notice_path(KIND_##kind, ACCESS_WRITE, CALLER, to, new, result);                \
    return result;                                                                  \
  }

TWO_PATHS(rename, RENAME, WRITE, (const char *old, const char *new), (old, new), AT_FDCWD, old, AT_FDCWD, new)
TWO_PATHS(renameat, RENAME, WRITE, (int from, const char *old, int to, const char *new), (from, old, to, new), from, old,
          to, new)
TWO_PATHS(link, CREATE, READ, (const char *old, const char *new), (old, new), AT_FDCWD, old, AT_FDCWD, new)
TWO_PATHS(linkat, CREATE, READ, (int from, const char *old, int to, const char *new, int flags),
          (from, old, to, new, flags), from, old, to, new)

EXPORT int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  OR_MISSING(renameat2)
  const int result = REAL(renameat2)(from, old, to, new, flags);
  notice_path(KIND_RENAME, ACCESS_WRITE, CALLER, from, old, result);
  notice_path(KIND_RENAME, ACCESS_WRITE, CALLER, to, new, result);
  return result;
}

/* --- looking ------------------------------------------------------------------------------------------------------- */

ONE_PATH(access, STAT, READ, (const char *path, int mode), (path, mode), AT_FDCWD, path)
ONE_PATH(faccessat, STAT, READ, (int folder, const char *path, int mode, int flags), (folder, path, mode, flags), folder,
         path)
ONE_PATH(stat, STAT, READ, (const char *path, struct stat *out), (path, out), AT_FDCWD, path)
ALSO(stat, stat64);
ONE_PATH(lstat, STAT, READ, (const char *path, struct stat *out), (path, out), AT_FDCWD, path)
ALSO(lstat, lstat64);
ONE_PATH(fstatat, STAT, READ, (int folder, const char *path, struct stat *out, int flags), (folder, path, out, flags),
         folder, path)
ALSO(fstatat, fstatat64);

EXPORT int statx(int folder, const char *path, int flags, unsigned mask, struct statx *out) {
  OR_MISSING(statx)
  const int result = REAL(statx)(folder, path, flags, mask, out);
  notice_path(KIND_STAT, ACCESS_READ, CALLER, folder, path, result);
  return result;
}

/* What programs built for a glibc before 2.33 call instead. */
int __xstat(int version, const char *path, struct stat *out);
int __lxstat(int version, const char *path, struct stat *out);
int __fxstatat(int version, int folder, const char *path, struct stat *out, int flags);

ONE_PATH(__xstat, STAT, READ, (int version, const char *path, struct stat *out), (version, path, out), AT_FDCWD, path)
ALSO(__xstat, __xstat64);
ONE_PATH(__lxstat, STAT, READ, (int version, const char *path, struct stat *out), (version, path, out), AT_FDCWD, path)
ALSO(__lxstat, __lxstat64);
ONE_PATH(__fxstatat, STAT, READ, (int version, int folder, const char *path, struct stat *out, int flags),
         (version, folder, path, out, flags), folder, path)
ALSO(__fxstatat, __fxstatat64);
