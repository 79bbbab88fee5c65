/*
 * Streams of the C library: it reads and writes their files in ways that no hook sees. A buffer stands between the call
 * and the file, so each call counts as reaching the file, and closing one that was open for writing does, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "hooks.h"
#include "kernel.h"
#include "notice.h"

#undef getc
#undef putc

static int flags_of_mode(const char *mode) {
  int flags = mode[0] == 'r' ? O_RDONLY : mode[0] == 'a' ? O_WRONLY | O_CREAT : O_WRONLY | O_CREAT | O_TRUNC;
  for (const char *c = mode; *c != 0 && *c != ','; c++)
    if (*c == 'x') flags |= O_EXCL;
  return flags;
}

EXPORT FILE *fopen(const char *path, const char *mode) {
  const int flags = flags_of_mode(mode);
  const int existed = exists(CALLER, AT_FDCWD, path, flags);
  FILE *result = REAL(fopen)(path, mode);
  notice_open(CALLER, AT_FDCWD, path, flags, existed, result == NULL ? -1 : fileno(result));
  return result;
}
ALSO(fopen, fopen64);

EXPORT FILE *freopen(const char *path, const char *mode, FILE *file) {
  const int flags = flags_of_mode(mode);
  const int existed = path != NULL && exists(CALLER, AT_FDCWD, path, flags);
  notice_close(CALLER, fileno(file));
  FILE *result = REAL(freopen)(path, mode, file);
  if (path != NULL) notice_open(CALLER, AT_FDCWD, path, flags, existed, result == NULL ? -1 : fileno(result));
  return result;
}
ALSO(freopen, freopen64);

static int is_written(int fd) { return (kernel(__NR_fcntl, fd, F_GETFL, 0, 0) & O_ACCMODE) != O_RDONLY; }

EXPORT int fclose(FILE *file) {
  const int fd = fileno(file);
  // Flushed first, so that the file has its bytes when that is told.
  if (fd >= 0 && is_watched(CALLER) && is_written(fd)) NOTICE(WRITE, WRITE, fd, -1, REAL(fflush)(file));
  notice_close(CALLER, fd);
  return REAL(fclose)(file);
}

EXPORT int fflush(FILE *file) {
  const int result = REAL(fflush)(file);
  if (file != NULL) NOTICE(WRITE, WRITE, fileno(file), -1, result);
  return result;
}

#define READS(type, name, parameters, arguments)     \
  EXPORT type name parameters {                      \
    type result = REAL(name) arguments;              \
    NOTICE(READ, READ, fileno(file), -1, 0);         \
    return result;                                   \
  }
#define WRITES(type, name, parameters, arguments)    \
  EXPORT type name parameters {                      \
    type result = REAL(name) arguments;              \
    NOTICE(WRITE, WRITE, fileno(file), -1, 0);       \
    return result;                                   \
  }

READS(size_t, fread, (void *to, size_t size, size_t count, FILE *file), (to, size, count, file))
READS(char *, fgets, (char *to, int size, FILE *file), (to, size, file))
READS(int, fgetc, (FILE *file), (file))
READS(int, getc, (FILE *file), (file))
READS(ssize_t, getline, (char **line, size_t *size, FILE *file), (line, size, file))
READS(ssize_t, getdelim, (char **line, size_t *size, int end, FILE *file), (line, size, end, file))
READS(int, vfscanf, (FILE *file, const char *format, va_list list), (file, format, list))
WRITES(size_t, fwrite, (const void *from, size_t size, size_t count, FILE *file), (from, size, count, file))
WRITES(int, fputs, (const char *text, FILE *file), (text, file))
WRITES(int, fputc, (int character, FILE *file), (character, file))
WRITES(int, putc, (int character, FILE *file), (character, file))
WRITES(int, vfprintf, (FILE *file, const char *format, va_list list), (file, format, list))

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list list);
WRITES(int, __vfprintf_chk, (FILE *file, int flag, const char *format, va_list list), (file, flag, format, list))

#define FORMATTED(name, next, ...)                    \
  va_list list;                                       \
  va_start(list, format);                             \
  const int result = REAL(next)(file, __VA_ARGS__, list); \
  va_end(list);

EXPORT int fprintf(FILE *file, const char *format, ...) {
  FORMATTED(fprintf, vfprintf, format)
  NOTICE(WRITE, WRITE, fileno(file), -1, 0);
  return result;
}

EXPORT int __fprintf_chk(FILE *file, int flag, const char *format, ...) {
  FORMATTED(__fprintf_chk, __vfprintf_chk, flag, format)
  NOTICE(WRITE, WRITE, fileno(file), -1, 0);
  return result;
}

EXPORT int fscanf(FILE *file, const char *format, ...) {
  FORMATTED(fscanf, vfscanf, format)
  NOTICE(READ, READ, fileno(file), -1, 0);
  return result;
}
