#include "notice.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "channel.h"
#include "descriptors.h"
#include "kernel.h"
#include "resolve.h"
#include "resources.h"

static enum origin origin_of(const void *caller) { return is_node_code(caller) ? ORIGIN_NODE : ORIGIN_NATIVE; }

/** A database that Node has built in is called by Node's code and still is not seen by what watches Node's files. */
static enum origin origin_on(const void *caller, const struct descriptor *descriptor) {
  return (flags_of(descriptor) & FLAG_DATABASE) != 0 ? ORIGIN_NATIVE : origin_of(caller);
}

int is_watched(const void *caller) {
  (void)caller;
  return is_heard(ORIGIN_NATIVE);
}

static int error_of(long result) { return result < 0 ? errno : 0; }

/** The call did nothing and saw nothing. */
static int is_void(int error) {
  return error == EBADF || error == EFAULT || error == EINTR || error == EINVAL || error == EAGAIN || error == ENOSYS ||
         error == ENOTSOCK || error == EINPROGRESS;
}

static void fill(struct record *record, const struct happening *what, enum origin origin, int error) {
  record->header = (struct record_header){
      .kind = (uint8_t)what->kind,
      .access = (uint8_t)what->access,
      .origin = (uint8_t)origin,
      .fd = what->fd,
      .error = error,
      .offset = what->offset,
      .length = what->length >= 0 ? what->length : what->result,
  };
}

/** 0, 1 and 2 are the process's streams, whatever is behind them. */
static int is_stream(int fd) { return fd >= 0 && fd <= 2; }

void notice(struct happening what) {
  const int error = error_of(what.result);
  struct descriptor descriptor;
  struct record record;
  if (is_void(error) || is_stream(what.fd) || !look_at(what.fd, &descriptor)) return;
  const enum origin origin = origin_on(what.caller, &descriptor);
  if (!is_heard(origin) || (flags_of(&descriptor) & FLAG_CLAIMED) != 0) return;
  const unsigned length = name_descriptor(&descriptor, record.resource);
  if (length == 0) return;
  fill(&record, &what, origin, error);
  tell(&record, length);
}

void notice_address(struct happening what, const void *address, unsigned size) {
  const int error = error_of(what.result);
  struct descriptor descriptor;
  struct record record;
  // A connection that is being made has no result yet, but an address.
  if ((is_void(error) && error != EINPROGRESS) || !look_at(what.fd, &descriptor)) return;
  const unsigned length = name_address(address, size, record.resource);
  if (length == 0) {
    notice(what);
    return;
  }
  if (what.kind == KIND_CONNECT) keep_endpoint(&descriptor, record.resource, length);
  const enum origin origin = origin_on(what.caller, &descriptor);
  if (!is_heard(origin) || (flags_of(&descriptor) & FLAG_CLAIMED) != 0) return;
  fill(&record, &what, origin, error);
  tell(&record, length);
}

/** A path that can't be named is no reason to keep silent: it is told as what it is. */
static unsigned name_or_unknown(int folder, const char *path, char *out) {
  const unsigned length = name_path(folder, path, out);
  if (length != 0) return length;
  static const char unknown[] = "file:?";
  for (unsigned i = 0; i < sizeof unknown - 1; i++) out[i] = unknown[i];
  return sizeof unknown - 1;
}

void notice_path(enum kind kind, enum access access, const void *caller, int folder, const char *path, long result) {
  const enum origin origin = origin_of(caller);
  const int error = error_of(result);
  struct record record;
  if (!is_heard(origin) || error == EFAULT || error == EINTR || path == NULL || path[0] == 0) return;
  // What failed has looked only.
  const struct happening what = {kind, error == 0 ? access : ACCESS_READ, caller, -1, -1, result, -1};
  const unsigned length = name_path(folder, path, record.resource);
  // The parent isn't there either: nothing that anybody could change without being seen to make it.
  if (length == 0 && error != 0) return;
  fill(&record, &what, origin, error);
  tell(&record, length != 0 ? length : name_or_unknown(folder, path, record.resource));
}

/* --- opening, closing ---------------------------------------------------------------------------------------------- */

int exists(const void *caller, int folder, const char *path, int flags) {
  if ((flags & O_CREAT) == 0 || (flags & O_EXCL) != 0 || !is_heard(origin_of(caller))) return 0;
  return kernel(__NR_faccessat, folder, path, 0, 0) >= 0;
}

void notice_open(const void *caller, int folder, const char *path, int flags, int existed, int fd) {
  const enum origin origin = origin_of(caller);
  if (fd >= 0) forget(fd);
  if (!is_heard(origin)) return;
  const int made = (flags & O_CREAT) != 0 && !existed;
  const int changes = made || (flags & O_TRUNC) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  if (fd < 0) {
    const int error = errno;
    if (error == ENOENT || error == EEXIST || error == EACCES || error == ELOOP || error == ENOTDIR || error == EISDIR)
      notice_path(KIND_OPEN, ACCESS_READ, caller, folder, path, -1);
    return;
  }
  struct descriptor descriptor;
  struct record record;
  if (!look_at(fd, &descriptor)) return;
  const unsigned length = name_descriptor(&descriptor, record.resource);
  if (length == 0) return;
  // `length`: 1 if the file is new.
  const struct happening what = {KIND_OPEN, changes ? ACCESS_WRITE : ACCESS_READ, caller, fd, -1, 0, made};
  fill(&record, &what, origin, 0);
  tell(&record, length);
}

void notice_close(const void *caller, int fd) {
  struct descriptor descriptor;
  if (is_heard(ORIGIN_NATIVE) && !is_stream(fd) && look_at(fd, &descriptor)) {
    const unsigned flags = flags_of(&descriptor);
    const enum origin origin = origin_on(caller, &descriptor);
    struct record record;
    unsigned length;
    if ((flags & FLAG_CLAIMED) == 0 && is_heard(origin) && (length = name_descriptor(&descriptor, record.resource)) > 0) {
      if ((flags & FLAG_LOCKED) != 0) {
        const struct happening unlock = {KIND_UNLOCK, ACCESS_WRITE, caller, fd, -1, 0, 1};
        fill(&record, &unlock, origin, 0);
        tell(&record, length);
      }
      const struct happening what = {KIND_CLOSE, ACCESS_NONE, caller, fd, -1, 0, -1};
      fill(&record, &what, origin, 0);
      tell(&record, length);
    }
  }
  forget(fd);
}

void notice_dup(const void *caller, int from, int to) {
  if (to < 0) return;
  copy_descriptor(from, to);
  if (is_heard(ORIGIN_NATIVE))
    notice((struct happening){KIND_DUP, ACCESS_NONE, caller, to, from, 0, -1});
}

/* --- locks --------------------------------------------------------------------------------------------------------- */

void notice_lock(const void *caller, int fd, int type, int whole, long result) {
  const int error = error_of(result);
  struct descriptor descriptor;
  struct record record;
  const int refused = error == EAGAIN || error == EACCES || error == EDEADLK;
  if ((error != 0 && !refused) || !look_at(fd, &descriptor)) return;
  if (error == 0 && whole) {
    if (type == F_UNLCK) remove_flags(&descriptor, FLAG_LOCKED);
    else add_flags(&descriptor, FLAG_LOCKED);
  }
  add_flags(&descriptor, FLAG_DATABASE);
  if (!is_heard(ORIGIN_NATIVE) || (flags_of(&descriptor) & FLAG_CLAIMED) != 0) return;
  const unsigned length = name_descriptor(&descriptor, record.resource);
  if (length == 0) return;
  // Giving back a lock of the process itself lets no other task of the process in.
  const enum access access = refused             ? ACCESS_READ
                             : type == F_UNLCK   ? (whole ? ACCESS_WRITE : ACCESS_NONE)
                             : type == F_RDLCK   ? ACCESS_READ
                                                 : ACCESS_WRITE;
  // `length`: 1 if the lock is of the open file.
  const struct happening what = {type == F_UNLCK ? KIND_UNLOCK : KIND_LOCK, access, caller, fd, -1, result, whole};
  fill(&record, &what, ORIGIN_NATIVE, error);
  tell(&record, length);
}

void notice_blind(const void *caller, const char *what) {
  const enum origin origin = origin_of(caller);
  struct record record;
  unsigned length = 0;
  if (!is_heard(origin)) return;
  for (; what[length] != 0; length++) record.resource[length] = what[length];
  const struct happening happening = {KIND_BLIND, ACCESS_WRITE, caller, -1, -1, 0, -1};
  fill(&record, &happening, origin, 0);
  tell(&record, length);
}
