/* The names of files and sockets. */
#include "resources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kernel.h"

static unsigned put(char *out, unsigned at, const char *text) {
  for (; *text != 0; text++) out[at++] = *text;
  return at;
}

static unsigned put_number(char *out, unsigned at, uint64_t number, unsigned base) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  while (count > 0) out[at++] = digits[--count];
  return at;
}

static int begins(const char *text, unsigned length, const char *with) {
  unsigned i = 0;
  for (; with[i] != 0; i++)
    if (i >= length || text[i] != with[i]) return 0;
  return 1;
}

static int ends(const char *text, unsigned length, const char *with, unsigned size) {
  return length > size && begins(text + length - size, size, with);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

/** The path that the kernel has for a descriptor: absolute, links resolved, right after a rename, too. */
static unsigned path_of(int fd, char *out, unsigned size) {
  char link[32];
  unsigned at = put(link, 0, "/proc/self/fd/");
  at = put_number(link, at, (uint64_t)fd, 10);
  link[at] = 0;
  const long length = kernel(__NR_readlinkat, AT_FDCWD, link, out, size);
  return length < 0 ? 0 : (unsigned)length;
}

static unsigned name_inode(const struct descriptor *file, char *out, const char *prefix) {
  unsigned at = put(out, 0, prefix);
  at = put_number(out, at, file->device >> 32, 10);
  out[at++] = ':';
  at = put_number(out, at, file->device & 0xffffffffu, 10);
  out[at++] = ':';
  return put_number(out, at, file->inode, 10);
}

static unsigned name_file(const struct descriptor *file, char *out) {
  const unsigned begin = put(out, 0, "file:");
  char *path = out + begin;
  unsigned length = path_of(file->fd, path, MAX_RESOURCE - begin);
  // Longer than there is room for, or no /proc.
  if (length == 0 || length == MAX_RESOURCE - begin) return name_inode(file, out, "file:inode:");
  if (begins(path, length, "/memfd:")) return name_inode(file, out, "memory:");
  if (path[0] != '/') return 0;
  static const char deleted[] = " (deleted)";
  if (file->links == 0 && ends(path, length, deleted, sizeof deleted - 1)) length -= sizeof deleted - 1;
  return begin + length;
}

unsigned name_path(int folder, const char *path, char *out) {
  if (path == NULL || path[0] == 0) return 0;
  unsigned length = 0, slash = 0, has_slash = 0;
  for (; path[length] != 0; length++) {
    if (length >= MAX_RESOURCE) return 0;
    // Slashes at the end belong to the last component.
    if (path[length] == '/' && path[length + 1] != '/' && path[length + 1] != 0) slash = length, has_slash = 1;
  }
  char parent[MAX_RESOURCE + 1];
  if (!has_slash && path[0] != '/') {
    parent[0] = '.';
    parent[1] = 0;
  } else {
    for (unsigned i = 0; i <= slash; i++) parent[i] = path[i];
    parent[slash + 1] = 0;
  }
  const long opened = kernel(__NR_openat, folder, parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (opened < 0) return 0;
  unsigned at = put(out, 0, "file:");
  const unsigned known = path_of((int)opened, out + at, MAX_RESOURCE - at);
  kernel(__NR_close, opened, 0, 0, 0);
  unsigned first = has_slash || path[0] == '/' ? slash + 1 : 0;
  while (length > first && path[length - 1] == '/') length--;
  if (known == 0 || at + known + 1 + length - first > MAX_RESOURCE) return 0;
  at += known;
  if (length == first) return at;
  if (out[at - 1] != '/') out[at++] = '/';
  for (; first < length; first++) out[at++] = path[first];
  return at;
}

/* --- sockets ------------------------------------------------------------------------------------------------------- */

static unsigned put_ipv4(char *out, unsigned at, const unsigned char *bytes) {
  for (int i = 0; i < 4; i++) {
    if (i > 0) out[at++] = '.';
    at = put_number(out, at, bytes[i], 10);
  }
  return at;
}

/** As RFC 5952 has it: the longest run of zeros is left out. */
static unsigned put_ipv6(char *out, unsigned at, const unsigned char *bytes) {
  int run = -1, run_length = 1;
  for (int i = 0; i < 8; i++) {
    int end = i;
    while (end < 8 && bytes[2 * end] == 0 && bytes[2 * end + 1] == 0) end++;
    if (end - i > run_length) run = i, run_length = end - i;
  }
  for (int i = 0; i < 8; i++) {
    if (i == run) {
      at = put(out, at, "::");
      i += run_length - 1;
      continue;
    }
    if (i > 0 && i != run + run_length) out[at++] = ':';
    at = put_number(out, at, (uint64_t)bytes[2 * i] << 8 | bytes[2 * i + 1], 16);
  }
  return at;
}

static unsigned put_port(char *out, unsigned at, uint16_t port) {
  out[at++] = ':';
  return put_number(out, at, (uint64_t)(uint16_t)(port >> 8 | port << 8), 10);
}

unsigned name_address(const void *address, unsigned length, char *out) {
  if (address == NULL || length < sizeof(sa_family_t)) return 0;
  unsigned at = put(out, 0, "socket:");
  const sa_family_t family = *(const sa_family_t *)address;
  if (family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    const struct sockaddr_in *in = address;
    if (in->sin_port == 0) return 0;
    at = put_ipv4(out, at, (const unsigned char *)&in->sin_addr);
    return put_port(out, at, in->sin_port);
  }
  if (family == AF_INET6 && length >= 24) {
    const struct sockaddr_in6 *in = address;
    const unsigned char *bytes = (const unsigned char *)&in->sin6_addr;
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (in->sin6_port == 0) return 0;
    if (begins((const char *)bytes + 10, 2, "\xff\xff") && __builtin_memcmp(bytes, mapped, 12) == 0)
      return put_port(out, put_ipv4(out, at, bytes + 12), in->sin6_port);
    out[at++] = '[';
    at = put_ipv6(out, at, bytes);
    out[at++] = ']';
    return put_port(out, at, in->sin6_port);
  }
  if (family == AF_UNIX) {
    const struct sockaddr_un *un = address;
    const unsigned begin = offsetof(struct sockaddr_un, sun_path);
    unsigned size = length > begin ? length - begin : 0;
    if (size > sizeof un->sun_path) size = sizeof un->sun_path;
    if (size == 0) return 0;
    at = put(out, at, "unix:");
    // A name that begins with a zero byte is not of the file system; it is written with an @.
    for (unsigned i = 0; i < size; i++) {
      if (un->sun_path[i] == 0 && i > 0 && un->sun_path[0] != 0) break;
      out[at++] = un->sun_path[i] == 0 ? '@' : un->sun_path[i];
    }
    return at;
  }
  return 0;
}

static unsigned name_end(long call, int fd, char *out, long *error) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  *error = kernel(call, fd, &address, &length, 0);
  return *error < 0 ? 0 : name_address(&address, length, out);
}

static unsigned name_socket(const struct descriptor *socket, char *out) {
  long error;
  if ((flags_of(socket) & FLAG_ACCEPTED) != 0) {
    const unsigned own = name_end(__NR_getsockname, socket->fd, out, &error);
    return own != 0 ? own : kept_endpoint(socket, out);
  }
  const unsigned peer = name_end(__NR_getpeername, socket->fd, out, &error);
  if (peer != 0) {
    keep_endpoint(socket, out, peer);
    return peer;
  }
  // Connected to a socket without a name: one of a pair, or a client that was passed on to us.
  if (error >= 0) return name_end(__NR_getsockname, socket->fd, out, &error);
  const unsigned kept = kept_endpoint(socket, out);
  return kept != 0 ? kept : name_end(__NR_getsockname, socket->fd, out, &error);
}

unsigned name_descriptor(const struct descriptor *descriptor, char *out) {
  switch (descriptor->mode) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFBLK:
    case S_IFIFO:
      return name_file(descriptor, out);
    case S_IFSOCK:
      return name_socket(descriptor, out);
    default:
      return 0;
  }
}
