/*
 * What is known of each descriptor of the process.
 *
 * The kernel knows best which file or socket a number stands for: descriptors are inherited, passed through sockets, and
 * closed by system calls that no hook sees. So the table holds only what the kernel does not tell, and an entry counts
 * only while the kernel says that the number stands for the same thing (same device and inode) as when it was made.
 *
 * An entry is one word, changed by compare-and-swap. There is no lock: a signal handler may come anywhere, and a child
 * made by fork finds the table whole.
 */
#include "descriptors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <stdatomic.h>

#include "kernel.h"

#define TABLE_SIZE 65536
#define ENDPOINTS 4096
#define ENDPOINT_LENGTH 124

/* identity 32 bits, endpoint 24 bits (its number and one, or none), flags 8 bits */
static _Atomic uint64_t table[TABLE_SIZE];

enum { EMPTY = 0, FILLING = 1, READY = 2 };

static struct endpoint {
  _Atomic int state;
  unsigned char length;
  char name[ENDPOINT_LENGTH - 1];
} endpoints[ENDPOINTS];

static _Atomic int owner;

void own_memory(void) { atomic_store(&owner, process_id()); }

int owns_memory(void) { return atomic_load(&owner) == process_id(); }

int look_at(int fd, struct descriptor *out) {
  struct statx status;
  if (fd < 0) return 0;
  if (kernel6(__NR_statx, fd, (long)"", AT_EMPTY_PATH, STATX_TYPE | STATX_INO | STATX_NLINK, (long)&status, 0) < 0)
    return 0;
  out->fd = fd;
  out->mode = status.stx_mode & S_IFMT;
  out->links = status.stx_nlink;
  out->device = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor;
  out->inode = status.stx_ino;
  return 1;
}

static uint64_t identity(const struct descriptor *descriptor) {
  uint64_t hash = descriptor->inode * 0x9e3779b97f4a7c15u ^ descriptor->device * 0xc2b2ae3d27d4eb4fu ^ descriptor->mode;
  hash ^= hash >> 29;
  // Never 0, which stands for an empty entry.
  return (hash * 0xbf58476d1ce4e5b9u | (uint64_t)1 << 32) & 0xffffffff00000000u;
}

static uint64_t entry_of(const struct descriptor *descriptor) {
  if (descriptor->fd >= TABLE_SIZE) return 0;
  const uint64_t entry = atomic_load(&table[descriptor->fd]);
  return (entry & 0xffffffff00000000u) == identity(descriptor) ? entry : 0;
}

static void change(const struct descriptor *descriptor, uint32_t clear, uint32_t set) {
  if (descriptor->fd >= TABLE_SIZE || !owns_memory()) return;
  const uint64_t id = identity(descriptor);
  uint64_t old = atomic_load(&table[descriptor->fd]);
  uint64_t new;
  do {
    const uint32_t known = (old & 0xffffffff00000000u) == id ? (uint32_t)old : 0;
    new = id | ((known & ~clear) | set);
  } while (!atomic_compare_exchange_weak(&table[descriptor->fd], &old, new));
}

unsigned flags_of(const struct descriptor *descriptor) { return entry_of(descriptor) & 0xff; }

void add_flags(const struct descriptor *descriptor, unsigned flags) { change(descriptor, 0, flags); }

void remove_flags(const struct descriptor *descriptor, unsigned flags) { change(descriptor, flags, 0); }

void forget(int fd) {
  if (fd >= 0 && fd < TABLE_SIZE && owns_memory()) atomic_store(&table[fd], 0);
}

void copy_descriptor(int from, int to) {
  if (from < 0 || from >= TABLE_SIZE || to < 0 || to >= TABLE_SIZE || from == to || !owns_memory()) return;
  atomic_store(&table[to], atomic_load(&table[from]));
}

/* --- endpoints: interned, never removed ---------------------------------------------------------------------------- */

static int equals(const struct endpoint *endpoint, const char *name, unsigned length) {
  if (endpoint->length != length) return 0;
  for (unsigned i = 0; i < length; i++)
    if (endpoint->name[i] != name[i]) return 0;
  return 1;
}

/** The number of the endpoint and one; 0 when the table is full. Whoever is interrupted while filling an entry is passed by. */
static uint32_t intern(const char *name, unsigned length) {
  uint32_t hash = 2166136261u;
  for (unsigned i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  for (unsigned probe = 0; probe < 64; probe++) {
    const uint32_t place = (hash + probe) % ENDPOINTS;
    struct endpoint *endpoint = &endpoints[place];
    int state = atomic_load(&endpoint->state);
    if (state == EMPTY && owns_memory() && atomic_compare_exchange_strong(&endpoint->state, &state, FILLING)) {
      endpoint->length = (unsigned char)length;
      for (unsigned i = 0; i < length; i++) endpoint->name[i] = name[i];
      atomic_store(&endpoint->state, READY);
      return place + 1;
    }
    if (state == READY && equals(endpoint, name, length)) return place + 1;
  }
  return 0;
}

void keep_endpoint(const struct descriptor *descriptor, const char *name, unsigned length) {
  if (length >= ENDPOINT_LENGTH) return;
  const uint32_t number = (uint32_t)(entry_of(descriptor) >> 8) & 0xffffff;
  if (number != 0 && equals(&endpoints[number - 1], name, length)) return;
  change(descriptor, 0xffffff00u, intern(name, length) << 8);
}

unsigned kept_endpoint(const struct descriptor *descriptor, char *out) {
  const uint32_t number = (uint32_t)(entry_of(descriptor) >> 8) & 0xffffff;
  if (number == 0) return 0;
  const struct endpoint *endpoint = &endpoints[number - 1];
  for (unsigned i = 0; i < endpoint->length; i++) out[i] = endpoint->name[i];
  return endpoint->length;
}
