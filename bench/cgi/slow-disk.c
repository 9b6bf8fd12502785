/*
 * Preloaded into a server it makes a disk slow: whatever is asked of a path with "/slow/" in it takes 200 ms,
 * in the thread that asks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void wait_for(const char *path) {
  if (path != NULL && strstr(path, "/slow/") != NULL) usleep(200000);
}

int open64(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  va_list rest;
  mode_t mode;
  if (real == NULL) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
  va_start(rest, flags);
  mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  wait_for(path);
  return real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  mode_t mode;
  va_start(rest, flags);
  mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open64(path, flags, mode);
}

int statx(int at, const char *restrict path, int flags, unsigned mask, struct statx *restrict out) {
  static int (*real)(int, const char *, int, unsigned, struct statx *);
  if (real == NULL) real = (int (*)(int, const char *, int, unsigned, struct statx *))dlsym(RTLD_NEXT, "statx");
  wait_for(path);
  return real(at, path, flags, mask, out);
}
