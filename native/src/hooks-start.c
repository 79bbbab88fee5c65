/* The beginning: before main, and in the child of a fork. */
#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#include "channel.h"
#include "descriptors.h"
#include "hooks.h"
#include "resolve.h"

#define FUNCTION_NAME(name) #name,
static const char *const names[] = {FUNCTIONS(FUNCTION_NAME)};
static void *_Atomic functions[FUNCTION_COUNT];
static _Atomic int ready;

/**
 * Done once before main. Another library may begin before this one and call a hook: then it is done there. Twice does no
 * harm, for both times find the same.
 */
static void find_functions(void) {
  for (int i = 0; i < FUNCTION_COUNT; i++) atomic_store(&functions[i], next_definition(names[i]));
  own_memory();
  atomic_store(&ready, 1);
}

void *real_function(enum function_number number) {
  if (!atomic_load_explicit(&ready, memory_order_acquire)) find_functions();
  return atomic_load_explicit(&functions[number], memory_order_relaxed);
}

extern char **environ __attribute__((weak));

/**
 * glibc gives the environment to whatever begins, and may not have `environ` yet; musl has it, and gives nothing.
 */
__attribute__((constructor)) static void begin(int count, char **arguments, char **environment) {
  (void)count;
  (void)arguments;
  find_functions();
  find_node();
  open_inherited_channels(&environ != NULL && environ != NULL ? environ : environment);
}

/** A child of vfork shares its parent's memory and must leave it alone; a child of fork has its own. */
EXPORT pid_t fork(void) {
  const pid_t child = REAL(fork)();
  if (child == 0) own_memory();
  return child;
}
