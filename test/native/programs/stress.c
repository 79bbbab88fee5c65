/* Threads, signals, fork and exec, full channels, descriptors reused. Ends with 0 if nothing was disturbed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(what) \
  if (!(what)) {    \
    perror(#what);  \
    _exit(1);       \
  }

static char *self;

/** Each of eight threads writes to files of its own, whose numbers all threads reuse. */
static void *hammer(void *argument) {
  const long number = (long)argument;
  char name[32], buffer[1];
  snprintf(name, sizeof name, "thread-%ld", number);
  for (int i = 0; i < 200; i++) {
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0);
    CHECK(pwrite(fd, "x", 1, i) == 1);
    CHECK(pread(fd, buffer, 1, i) == 1 && buffer[0] == 'x');
    int copy = dup(fd);
    CHECK(close(fd) == 0);
    CHECK(pwrite(copy, "y", 1, i) == 1);
    CHECK(close(copy) == 0);
  }
  return NULL;
}

static void threads(void) {
  pthread_t all[8];
  for (long i = 0; i < 8; i++) CHECK(pthread_create(&all[i], NULL, hammer, (void *)i) == 0);
  for (int i = 0; i < 8; i++) CHECK(pthread_join(all[i], NULL) == 0);
}

static volatile sig_atomic_t signals;
static int signal_file;

/** On a small stack of its own, as programs have it that survive an overflow. */
static void on_signal(int number) {
  (void)number;
  const int saved = errno;
  CHECK(pwrite(signal_file, "s", 1, 0) == 1);
  CHECK(errno == saved);
  signals++;
}

static void interrupts(void) {
  static char stack[16384];
  const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
  CHECK(sigaltstack(&alternative, NULL) == 0 && sigaction(SIGALRM, &action, NULL) == 0);
  signal_file = open("signals", O_RDWR | O_CREAT, 0600);
  int fd = open("main", O_RDWR | O_CREAT, 0600);
  CHECK(signal_file >= 0 && fd >= 0);
  const struct itimerspec interval = {{0, 50000}, {0, 50000}};
  timer_t timer;
  CHECK(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0 && timer_settime(timer, 0, &interval, NULL) == 0);
  for (int i = 0; signals < 200; i++) {
    CHECK(pwrite(fd, "m", 1, i % 10) == 1);
    const int other = open("other", O_RDWR | O_CREAT, 0600);
    CHECK(other >= 0 && close(other) == 0);
  }
  CHECK(timer_delete(timer) == 0);
}

static void *keep_writing(void *argument) {
  const int fd = open("background", O_RDWR | O_CREAT, 0600);
  while (!*(volatile int *)argument) CHECK(pwrite(fd, "b", 1, 0) == 1);
  return NULL;
}

/** Children of a process whose other thread is in the midst of writing, by fork and by vfork. */
static void children(void) {
  volatile int done = 0;
  pthread_t background;
  CHECK(pthread_create(&background, NULL, keep_writing, (void *)&done) == 0);
  for (int i = 0; i < 20; i++) {
    const pid_t forked = fork();
    if (forked == 0) {
      const int fd = open("forked", O_RDWR | O_CREAT, 0600);
      CHECK(pwrite(fd, "f", 1, 0) == 1 && close(fd) == 0);
      _exit(0);
    }
    const pid_t executed = vfork();
    if (executed == 0) {
      execl(self, self, "write-one", ".", (char *)NULL);
      _exit(1);
    }
    int status;
    CHECK(waitpid(forked, &status, 0) == forked && status == 0);
    CHECK(waitpid(executed, &status, 0) == executed && status == 0);
  }
  done = 1;
  CHECK(pthread_join(background, NULL) == 0);
}

static void write_one(void) {
  const int fd = open("executed", O_RDWR | O_CREAT, 0600);
  CHECK(fd >= 0 && pwrite(fd, "e", 1, 0) == 1 && close(fd) == 0);
}

/** More than any pipe has room for; nobody reads. */
static void flood(void) {
  const int fd = open("flood", O_RDWR | O_CREAT, 0600);
  for (int i = 0; i < 40000; i++) CHECK(pwrite(fd, "x", 1, i) == 1);
}

static void errors(void) {
  const int fd = open("errors", O_RDWR | O_CREAT, 0600);
  char byte;
  errno = ENOTTY;
  CHECK(pwrite(fd, "x", 1, 0) == 1 && errno == ENOTTY);
  CHECK(pread(fd, &byte, 1, 0) == 1 && errno == ENOTTY);
  CHECK(fsync(fd) == 0 && errno == ENOTTY);
  const int copy = dup(fd);
  CHECK(copy >= 0 && errno == ENOTTY && close(copy) == 0 && errno == ENOTTY);
  CHECK(read(-1, &byte, 1) == -1 && errno == EBADF);
  void *volatile nowhere = (void *)1;
  CHECK(write(fd, nowhere, 1) == -1 && errno == EFAULT);
  CHECK(open("no/such", O_RDONLY) == -1 && errno == ENOENT);
  CHECK(open(nowhere, O_RDONLY) == -1 && errno == EFAULT);
  CHECK(unlink("no/such") == -1 && errno == ENOENT);
  CHECK(close(12345) == -1 && errno == EBADF);
}

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/** A program that closes all it does not know goes on being heard, and writes nothing of ours into its files. */
static void close_all(void) {
  for (int fd = 3; fd < 2000; fd++) close(fd);
  // musl and older versions of glibc have no function for it.
  CHECK(syscall(SYS_close_range, 3, ~0u, 0) == 0 || errno == ENOSYS);
  const int fd = open("after", O_RDWR | O_CREAT, 0600);
  CHECK(fd == 3);
  for (int i = 4; i < 1020; i++) CHECK(dup2(fd, i) == i);
  CHECK(pwrite(fd, "x", 1, 0) == 1);
  CHECK(lseek(fd, 0, SEEK_END) == 1);
}

/** The child's own pipe has the number of the channel: nothing may be in it but what the child writes. */
static void other_pipe(void) {
  int ends[2];
  char byte[64];
  CHECK(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    CHECK(dup2(ends[1], 3) == 3);
    execl(self, self, "write-one", ".", (char *)NULL);
    _exit(1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(close(ends[1]) == 0);
  CHECK(read(ends[0], byte, sizeof byte) == 0);
}

int main(int count, char **arguments) {
  self = arguments[0];
  CHECK(count == 3 && chdir(arguments[2]) == 0);
  const char *what = arguments[1];
  if (strcmp(what, "threads") == 0) threads();
  else if (strcmp(what, "interrupts") == 0) interrupts();
  else if (strcmp(what, "children") == 0) children();
  else if (strcmp(what, "write-one") == 0) write_one();
  else if (strcmp(what, "flood") == 0) flood();
  else if (strcmp(what, "errors") == 0) errors();
  else if (strcmp(what, "close-all") == 0) close_all();
  else if (strcmp(what, "other-pipe") == 0) other_pipe();
  else return 2;
  return 0;
}
