/* Sockets. What is received is told as read, what is sent as written. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptors.h"
#include "hooks.h"
#include "notice.h"

#define NOTICE_ADDRESS(kind, access, fd, result, address, size)                                                       \
  do {                                                                                                                \
    if (is_watched(CALLER))                                                                                           \
      notice_address((struct happening){KIND_##kind, ACCESS_##access, CALLER, (fd), -1, (result), -1}, (address), (size)); \
  } while (0)

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t size) {
  const int result = REAL(connect)(fd, address, size);
  NOTICE_ADDRESS(CONNECT, WRITE, fd, result, address, size);
  return result;
}
ALSO(connect, __connect);

static void accepted(const void *caller, int fd) {
  struct descriptor descriptor;
  if (!look_at(fd, &descriptor)) return;
  forget(fd);
  add_flags(&descriptor, FLAG_ACCEPTED);
  if (is_watched(caller)) notice((struct happening){KIND_ACCEPT, ACCESS_READ, caller, fd, -1, 0, -1});
}

EXPORT int accept(int fd, struct sockaddr *address, socklen_t *size) {
  const int result = REAL(accept)(fd, address, size);
  accepted(CALLER, result);
  return result;
}

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags) {
  const int result = REAL(accept4)(fd, address, size, flags);
  accepted(CALLER, result);
  return result;
}

EXPORT ssize_t send(int fd, const void *buffer, size_t size, int flags) {
  const ssize_t result = REAL(send)(fd, buffer, size, flags);
  NOTICE(WRITE, WRITE, fd, -1, result);
  return result;
}
ALSO(send, __send);

EXPORT ssize_t sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
  const ssize_t result = REAL(sendto)(fd, buffer, size, flags, to, length);
  NOTICE_ADDRESS(WRITE, WRITE, fd, result, to, length);
  return result;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  const ssize_t result = REAL(sendmsg)(fd, message, flags);
  NOTICE_ADDRESS(WRITE, WRITE, fd, result, message->msg_name, message->msg_namelen);
  return result;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  const int result = REAL(sendmmsg)(fd, messages, count, flags);
  for (int i = 0; i < result; i++)
    NOTICE_ADDRESS(WRITE, WRITE, fd, (long)messages[i].msg_len, messages[i].msg_hdr.msg_name,
                   messages[i].msg_hdr.msg_namelen);
  return result;
}

EXPORT ssize_t recv(int fd, void *buffer, size_t size, int flags) {
  const ssize_t result = REAL(recv)(fd, buffer, size, flags);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

EXPORT ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags) {
  if (size > room) __builtin_trap();
  const ssize_t result = REAL(recv)(fd, buffer, size, flags);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

/* Whoever sent it, it was read at the own end: a socket that is not connected has its own address for a name. */
EXPORT ssize_t recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from, socklen_t *length) {
  const ssize_t result = REAL(recvfrom)(fd, buffer, size, flags, from, length);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buffer, size_t size, size_t room, int flags, struct sockaddr *from,
                              socklen_t *length) {
  if (size > room) __builtin_trap();
  const ssize_t result = REAL(recvfrom)(fd, buffer, size, flags, from, length);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  const ssize_t result = REAL(recvmsg)(fd, message, flags);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}

EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  const int result = REAL(recvmmsg)(fd, messages, count, flags, timeout);
  NOTICE(READ, READ, fd, -1, result);
  return result;
}
