/*
 * How the hooks reach what they stand in front of.
 */
#ifndef FRONTRUN_HOOKS_H
#define FRONTRUN_HOOKS_H

#define EXPORT __attribute__((visibility("default")))

/** Another name of a hook: on 64-bit Linux, off_t is off64_t and struct stat is struct stat64. */
#define ALSO(hook, name) __asm__(".globl " #name "\n.set " #name ", " #hook "\n.type " #name ", @function")

#define FUNCTIONS(_)                                                                                                  \
  _(open) _(openat) _(creat) _(close) _(close_range) _(closefrom) _(dup) _(dup2) _(dup3) _(fcntl) _(flock) _(lockf)   \
  _(read) _(write) _(readv) _(writev) _(pread) _(pwrite) _(preadv) _(pwritev) _(preadv2) _(pwritev2)                  \
  _(fsync) _(fdatasync) _(sync_file_range) _(ftruncate) _(truncate) _(fallocate) _(posix_fallocate)                   \
  _(rename) _(renameat) _(renameat2) _(unlink) _(unlinkat) _(remove) _(rmdir) _(mkdir) _(mkdirat)                     \
  _(link) _(linkat) _(symlink) _(symlinkat) _(access) _(faccessat) _(stat) _(lstat) _(fstatat) _(statx)               \
  _(__xstat) _(__lxstat) _(__fxstatat) _(opendir) _(sendfile) _(copy_file_range) _(syscall)                           \
  _(connect) _(accept) _(accept4) _(send) _(sendto) _(sendmsg) _(sendmmsg) _(recv) _(recvfrom) _(recvmsg) _(recvmmsg) \
  _(fopen) _(freopen) _(fclose) _(fflush) _(fread) _(fwrite) _(fgets) _(fputs) _(fgetc) _(getc) _(fputc) _(putc)      \
  _(getline) _(getdelim) _(vfprintf) _(vfscanf) _(__vfprintf_chk) _(fork)

#define FUNCTION_NUMBER(name) NUMBER_##name,
enum function_number { FUNCTIONS(FUNCTION_NUMBER) FUNCTION_COUNT };

/** Finds the real functions, if that has not been done. */
void *real_function(enum function_number number);

/** The real function, which may be null where the C library lacks it: see OR_MISSING. */
#define REAL(name) ((__typeof__(&name))real_function(NUMBER_##name))

#define OR_MISSING(name)                   \
  if (real_function(NUMBER_##name) == 0) { \
    errno = ENOSYS;                        \
    return -1;                             \
  }

/** What close and close_range do, also when asked for through syscall(). */
int close_hook(const void *caller, int fd, int (*closes)(int));
int close_range_hook(const void *caller, unsigned first, unsigned last, int flags,
                     int (*closes)(unsigned, unsigned, int));

#endif
