/*
 * System calls made directly, past every hook, on x86-64 and AArch64 Linux.
 *
 * The library's own work must not be seen by the library, must not change errno, and must be safe in a signal handler
 * and between fork and exec. A bare system call is all of that; a call into libc is none of it for certain.
 */
#ifndef FRONTRUN_KERNEL_H
#define FRONTRUN_KERNEL_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)

static inline long kernel6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

static inline long kernel6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

#else
#error "frontrun's preload library is for x86-64 and AArch64"
#endif

/** The kernel's answer: a result, or an error number below zero. errno is not touched. */
#define kernel(number, a, b, c, d) \
  kernel6((number), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static inline int process_id(void) { return (int)kernel(__NR_getpid, 0, 0, 0, 0); }
static inline int thread_id(void) { return (int)kernel(__NR_gettid, 0, 0, 0, 0); }

#endif
