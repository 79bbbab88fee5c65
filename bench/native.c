/* Reads and writes one byte of a file, 200 000 times each, and prints nanoseconds of processor time per call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define CALLS 200000

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int count, char **arguments) {
  char byte = 'x';
  const int fd = open(count > 1 ? arguments[1] : "bytes", O_RDWR | O_CREAT, 0600);
  if (fd < 0) return 1;
  double start = now();
  for (int i = 0; i < CALLS; i++)
    if (pwrite(fd, &byte, 1, 0) != 1) return 1;
  const double write = (now() - start) / CALLS;
  start = now();
  for (int i = 0; i < CALLS; i++)
    if (pread(fd, &byte, 1, 0) != 1) return 1;
  printf("{\"pwrite\":%.1f,\"pread\":%.1f}\n", write, (now() - start) / CALLS);
  return close(fd);
}
