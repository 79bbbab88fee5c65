/*
 * A native addon as others write them, but for Node's headers, which are not on every machine: the few functions of
 * Node-API that it needs are declared here.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct napi_env_ *napi_env;
typedef struct napi_value_ *napi_value;
typedef struct napi_info_ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern int napi_get_value_string_utf8(napi_env, napi_value, char *, size_t, size_t *);
extern int napi_get_value_int32(napi_env, napi_value, int *);
extern int napi_create_int32(napi_env, int, napi_value *);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
struct property {
  const char *name;
  napi_value name_value;
  napi_callback method, getter, setter;
  napi_value value;
  int attributes;
  void *data;
};
extern int napi_define_properties(napi_env, napi_value, size_t, const struct property *);

struct arguments {
  char path[512];
  int number;
};

/** (path, number?), or (number). */
static struct arguments arguments_of(napi_env env, napi_callback_info info) {
  struct arguments result = {"", 0};
  size_t count = 2, length;
  napi_value values[2];
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  if (count > 0 && napi_get_value_string_utf8(env, values[0], result.path, sizeof result.path, &length) != 0)
    napi_get_value_int32(env, values[0], &result.number);
  if (count > 1) napi_get_value_int32(env, values[1], &result.number);
  return result;
}

static napi_value number(napi_env env, int value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

/** get(path): the number in a file, or 0. */
static napi_value get(napi_env env, napi_callback_info info) {
  char text[16] = "";
  const int fd = open(arguments_of(env, info).path, O_RDONLY);
  if (fd >= 0 && pread(fd, text, sizeof text - 1, 0) < 0) text[0] = 0;
  if (fd >= 0) close(fd);
  return number(env, atoi(text));
}

static void write_number(const char *path, int value) {
  char text[16];
  const int fd = open(path, O_WRONLY | O_CREAT, 0600);
  const int length = snprintf(text, sizeof text, "%d", value);
  if (pwrite(fd, text, (size_t)length, 0) != length) abort();
  close(fd);
}

/** set(path, number) */
static napi_value set(napi_env env, napi_callback_info info) {
  const struct arguments given = arguments_of(env, info);
  write_number(given.path, given.number);
  return NULL;
}

/** setBuffered(path, number): by a stream of the C library. */
static napi_value set_buffered(napi_env env, napi_callback_info info) {
  const struct arguments given = arguments_of(env, info);
  FILE *file = fopen(given.path, "w");
  fprintf(file, "%d", given.number);
  fclose(file);
  return NULL;
}

static void *on_thread(void *argument) {
  write_number(argument, 1);
  return NULL;
}

/** setOnThread(path): on a thread of its own, while the caller waits. */
static napi_value set_on_thread(napi_env env, napi_callback_info info) {
  struct arguments given = arguments_of(env, info);
  pthread_t thread;
  pthread_create(&thread, NULL, on_thread, given.path);
  pthread_join(thread, NULL);
  return NULL;
}

/** open(path): a descriptor. */
static napi_value open_file(napi_env env, napi_callback_info info) {
  return number(env, open(arguments_of(env, info).path, O_RDWR | O_CREAT, 0600));
}

/** next(fd): the next byte, from where the descriptor stands. */
static napi_value next(napi_env env, napi_callback_info info) {
  unsigned char byte;
  return number(env, read(arguments_of(env, info).number, &byte, 1) == 1 ? byte : -1);
}

static napi_value close_file(napi_env env, napi_callback_info info) {
  return number(env, close(arguments_of(env, info).number));
}

/** tryLock(fd): 1 if the file is locked now. */
static napi_value try_lock(napi_env env, napi_callback_info info) {
  return number(env, flock(arguments_of(env, info).number, LOCK_EX | LOCK_NB) == 0);
}

/** ask(port): sends a byte to a local server and gives the byte that it answers. */
static napi_value ask(napi_env env, napi_callback_info info) {
  const struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((unsigned short)arguments_of(env, info).number),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  unsigned char byte = 1;
  int answer = -1;
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 && send(fd, &byte, 1, 0) == 1 &&
      recv(fd, &byte, 1, 0) == 1)
    answer = byte;
  close(fd);
  return number(env, answer);
}

/** flood(path, count): writes so many bytes, each in a call of its own. */
static napi_value flood(napi_env env, napi_callback_info info) {
  const struct arguments given = arguments_of(env, info);
  const int fd = open(given.path, O_WRONLY | O_CREAT, 0600);
  for (int i = 0; i < given.number; i++)
    if (pwrite(fd, "x", 1, i) != 1) abort();
  close(fd);
  return NULL;
}

/** touched: an accessor that writes a file of this name in the working directory. */
static napi_value touched(napi_env env, napi_callback_info info) {
  (void)info;
  write_number("touched", 1);
  return number(env, 1);
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  const struct {
    const char *name;
    napi_callback function;
  } all[] = {{"get", get},         {"set", set},     {"setBuffered", set_buffered}, {"setOnThread", set_on_thread},
             {"open", open_file},  {"next", next},   {"close", close_file},         {"tryLock", try_lock},
             {"ask", ask},         {"flood", flood}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    napi_value function;
    napi_create_function(env, all[i].name, (size_t)-1, all[i].function, NULL, &function);
    napi_set_named_property(env, exports, all[i].name, function);
  }
  const struct property accessor = {.name = "touched", .getter = touched};
  napi_define_properties(env, exports, 1, &accessor);
  return exports;
}
