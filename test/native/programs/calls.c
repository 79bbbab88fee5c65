/* Each kind of call once, in an order that the test knows. Arguments: an empty folder, whose real path is told. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define CHECK(what) \
  if (!(what)) {    \
    perror(#what);  \
    exit(1);        \
  }

static char buffer[16];

static void files(void) {
  struct iovec part = {buffer, 4};
  int fd = open("data", O_RDWR | O_CREAT, 0600);
  CHECK(fd >= 0);
  CHECK(write(fd, "abcd", 4) == 4);
  CHECK(writev(fd, &part, 1) == 4);
  CHECK(pwrite(fd, "xy", 2, 1) == 2);
  CHECK(pwritev(fd, &part, 1, 8) == 4);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(read(fd, buffer, 2) == 2);
  CHECK(readv(fd, &part, 1) == 4);
  CHECK(pread(fd, buffer, 3, 5) == 3);
  CHECK(preadv(fd, &part, 1, 6) == 4);
  CHECK(syscall(SYS_pread64, fd, buffer, 2, 7L) == 2);
  CHECK(ftruncate(fd, 10) == 0);
  CHECK(fsync(fd) == 0);
  CHECK(fdatasync(fd) == 0);
  int copy = dup(fd);
  CHECK(copy >= 0);
  CHECK(close(fd) == 0);
  CHECK(read(copy, buffer, 1) == 1);
  CHECK(syscall(SYS_close, copy) == 0);
}

static void names(void) {
  CHECK(mkdir("folder", 0700) == 0);
  CHECK(symlink("folder", "link") == 0);
  CHECK(rename("data", "link/data") == 0);
  int fd = open("link/data", O_RDONLY);
  CHECK(fd >= 0);
  CHECK(link("folder/data", "other") == 0);
  CHECK(rename("folder/data", "folder/renamed") == 0);
  CHECK(read(fd, buffer, 1) == 1);
  CHECK(unlink("folder/renamed") == 0);
  CHECK(unlink("other") == 0);
  CHECK(read(fd, buffer, 1) == 1);
  CHECK(close(fd) == 0);
  CHECK(open("missing", O_RDONLY) == -1 && errno == ENOENT);
  CHECK(unlink("missing") == -1 && errno == ENOENT);
  CHECK(access("folder/.", F_OK) == 0);
  struct stat status;
  CHECK(stat("link", &status) == 0);
  DIR *folder = opendir("folder");
  CHECK(folder != NULL && closedir(folder) == 0);
  CHECK(rmdir("folder/") == 0);
}

static void locks(void) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int a = open("lock", O_RDWR | O_CREAT | O_EXCL, 0600), b = open("lock", O_RDWR | O_CREAT, 0600);
  CHECK(a >= 0 && b >= 0);
  CHECK(open("lock", O_RDWR | O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST);
  CHECK(fcntl(a, F_SETLK, &lock) == 0);
  lock.l_type = F_UNLCK;
  CHECK(fcntl(a, F_SETLK, &lock) == 0);
  CHECK(flock(a, LOCK_EX | LOCK_NB) == 0);
  CHECK(flock(b, LOCK_EX | LOCK_NB) == -1 && errno == EAGAIN);
  CHECK(close(a) == 0);
  CHECK(flock(b, LOCK_SH | LOCK_NB) == 0);
  CHECK(flock(b, LOCK_UN) == 0);
  CHECK(close(b) == 0);
}

static void streams(void) {
  FILE *file = fopen("text", "w");
  CHECK(file != NULL);
  CHECK(fputs("line\n", file) >= 0);
  CHECK(fclose(file) == 0);
  file = fopen("text", "r");
  CHECK(fgets(buffer, sizeof buffer, file) == buffer && strcmp(buffer, "line\n") == 0);
  CHECK(fclose(file) == 0);
}

/** What goes on inside of a process only is nobody else's. */
static void internal(void) {
  int ends[2], pair[2];
  CHECK(pipe(ends) == 0);
  CHECK(write(ends[1], "x", 1) == 1 && read(ends[0], buffer, 1) == 1);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(send(pair[1], "x", 1, 0) == 1 && recv(pair[0], buffer, 1, 0) == 1);
  int null = open("/dev/null", O_WRONLY);
  CHECK(write(null, "x", 1) == 1);
  CHECK(close(null) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0 && close(pair[0]) == 0 && close(pair[1]) == 0);
  CHECK(write(1, "", 0) == 0);
}

static void talk(int family, const void *address, socklen_t size) {
  int server = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0);
  struct sockaddr_storage bound;
  socklen_t length = sizeof bound;
  CHECK(bind(server, address, size) == 0 && listen(server, 1) == 0);
  CHECK(getsockname(server, (struct sockaddr *)&bound, &length) == 0);
  CHECK(connect(client, (struct sockaddr *)&bound, length) == 0);
  int other = accept4(server, NULL, NULL, SOCK_CLOEXEC);
  CHECK(other >= 0);
  struct iovec part = {buffer, 2};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  CHECK(send(client, "ab", 2, 0) == 2);
  CHECK(recv(other, buffer, 2, 0) == 2);
  CHECK(sendmsg(other, &message, 0) == 2);
  CHECK(recvmsg(client, &message, 0) == 2);
  CHECK(close(other) == 0);
  // The peer is gone, and its name with it.
  CHECK(shutdown(client, SHUT_RDWR) == 0 || errno == ENOTCONN);
  CHECK(read(client, buffer, 1) == 0);
  CHECK(close(client) == 0 && close(server) == 0);
}

static void sockets(void) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "socket"}, name = {.sun_family = AF_UNIX};
  snprintf(name.sun_path + 1, 32, "frontrun-%d", getpid());
  talk(AF_INET, &v4, sizeof v4);
  int probe = socket(AF_INET6, SOCK_STREAM, 0);
  const int has_v6 = probe >= 0 && bind(probe, (struct sockaddr *)&v6, sizeof v6) == 0;
  close(probe);
  if (has_v6) talk(AF_INET6, &v6, sizeof v6);
  talk(AF_UNIX, &path, sizeof path);
  talk(AF_UNIX, &name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name.sun_path + 1)));

  int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
  socklen_t length = sizeof v4;
  CHECK(bind(a, (struct sockaddr *)&v4, sizeof v4) == 0 && getsockname(a, (struct sockaddr *)&v4, &length) == 0);
  CHECK(sendto(b, "ab", 2, 0, (struct sockaddr *)&v4, sizeof v4) == 2);
  CHECK(recvfrom(a, buffer, 2, 0, NULL, NULL) == 2);
  struct iovec part = {buffer, 1};
  struct mmsghdr messages[2] = {
      {.msg_hdr = {.msg_name = &v4, .msg_namelen = sizeof v4, .msg_iov = &part, .msg_iovlen = 1}},
      {.msg_hdr = {.msg_name = &v4, .msg_namelen = sizeof v4, .msg_iov = &part, .msg_iovlen = 1}},
  };
  CHECK(sendmmsg(b, messages, 2, 0) == 2);
  messages[0].msg_hdr.msg_namelen = messages[1].msg_hdr.msg_namelen = sizeof v4;
  CHECK(recvmmsg(a, messages, 2, 0, NULL) == 2);
  CHECK(close(a) == 0 && close(b) == 0);
}

int main(int count, char **arguments) {
  CHECK(count == 3 && chdir(arguments[2]) == 0);
  if (strcmp(arguments[1], "files") == 0) files();
  else if (strcmp(arguments[1], "names") == 0) files(), names();
  else if (strcmp(arguments[1], "locks") == 0) locks();
  else if (strcmp(arguments[1], "streams") == 0) streams();
  else if (strcmp(arguments[1], "internal") == 0) internal();
  else if (strcmp(arguments[1], "sockets") == 0) sockets();
  else return 2;
  return 0;
}
