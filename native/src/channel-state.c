/* Which channels there are, and who is using them. */
#include "channel-state.h"

#include "kernel.h"

struct channel channels[MAX_CHANNELS];
static _Atomic int open_count, open_to_node_count;

int acquire(struct channel *channel) {
  int state = atomic_load(&channel->state);
  do {
    if ((state & OPEN) == 0) return 0;
  } while (!atomic_compare_exchange_weak(&channel->state, &state, state + 1));
  return 1;
}

static void close_descriptors(struct channel *channel) {
  struct descriptor now;
  if (look_at(channel->writer, &now) && is_same_thing(&now, &channel->identity))
    kernel(__NR_close, channel->writer, 0, 0, 0);
  if (look_at(channel->spare, &now) && is_same_thing(&now, &channel->identity))
    kernel(__NR_close, channel->spare, 0, 0, 0);
}

void release(struct channel *channel) {
  if (atomic_fetch_sub(&channel->state, 1) != CLOSING + 1) return;
  close_descriptors(channel);
  atomic_store(&channel->state, FREE);
}

int is_heard(enum origin origin) {
  return atomic_load_explicit(origin == ORIGIN_NODE ? &open_to_node_count : &open_count, memory_order_relaxed) > 0;
}

struct channel *reserve(void) {
  for (int i = 0; i < MAX_CHANNELS; i++) {
    int expected = FREE;
    if (!atomic_compare_exchange_strong(&channels[i].state, &expected, FILLING)) continue;
    struct channel *channel = &channels[i];
    channel->native_only = 0;
    channel->reader = channel->writer = channel->spare = -1;
    channel->process = channel->thread = 0;
    atomic_store(&channel->lost, 0);
    atomic_store(&channel->broken, 0);
    atomic_fetch_add(&channel->visit, 1);
    return channel;
  }
  return NULL;
}

void publish(struct channel *channel) {
  atomic_store(&channel->state, OPEN);
  atomic_fetch_add(&open_count, 1);
  if (!channel->native_only) atomic_fetch_add(&open_to_node_count, 1);
}

void give_back(struct channel *channel) { atomic_store(&channel->state, FREE); }

void retire(struct channel *channel) {
  int state = atomic_load(&channel->state);
  do {
    if ((state & OPEN) == 0) return;
    // One user more, whose release closes the descriptors if it is the last.
  } while (!atomic_compare_exchange_weak(&channel->state, &state, CLOSING + (state & USERS) + 1));
  atomic_fetch_sub(&open_count, 1);
  if (!channel->native_only) atomic_fetch_sub(&open_to_node_count, 1);
  release(channel);
}
