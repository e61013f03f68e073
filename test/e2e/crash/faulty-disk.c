// A disk that fails when told to: stands before the C library's calls in a process started with LD_PRELOAD.
// FAULTY_DISK names a file of eight 32-bit numbers (faulty-disk.ts), which both processes see.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
  int sync_errno;  // what each sync fails with; 0: none does
  int write_errno; // the same of writes
  int countdown;   // at this call that changes files the process dies; 0: never
  int power;       // 1: and with it the machine: what was not synced is lost, or some of it
  int calls;       // so many have changed files
  int seed;
};
static struct control *control;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A write that no sync has followed yet: what was there before. */
struct unsynced {
  struct unsynced *before;
  char path[512];
  off_t at;
  size_t size, had;
  char old[];
};
static struct unsynced *unsynced;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void begin(void) {
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  const char *name = getenv("FAULTY_DISK");
  int file = name ? open(name, O_RDWR) : -1;
  if (file < 0) return;
  void *at = mmap(NULL, 32, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  control = at == MAP_FAILED ? NULL : at;
  close(file);
}

/* Only databases, their logs and what becomes one; not locks, nor the memory that connections share. */
static int concerns(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = control ? readlink(link, path, size - 1) : -1;
  if (length < 0) return 0;
  path[length] = 0;
  const char *base = strrchr(path, '/');
  return base && strstr(base, ".db") && !strstr(base, "-shm") && !strstr(base, ".lock");
}

static unsigned next(void) { return (control->seed = control->seed * 1103515245 + 12345) >> 16 & 0x7fff; }

static void lose_power(void) {
  for (struct unsynced *one = unsynced; one; one = one->before) {
    // Of writes to one place the last is undone first; a disk may have kept any of them.
    if (next() % 3 == 0) continue;
    int file = open(one->path, O_WRONLY);
    if (file < 0) continue;
    static char zeros[65536];
    real_pwrite(file, one->old, one->had, one->at);
    if (one->had < one->size && one->size <= sizeof zeros)
      real_pwrite(file, zeros, one->size - one->had, one->at + one->had);
    close(file);
  }
}

/* Whether this is the last call. */
static int last(void) {
  control->calls++;
  return control->countdown > 0 && --control->countdown == 0;
}

static void die(void) {
  if (control->power) lose_power();
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void remember(int fd, const char *path, size_t size, off_t at) {
  struct unsynced *one = malloc(sizeof *one + size);
  if (!one) return;
  strncpy(one->path, path, sizeof one->path - 1);
  one->path[sizeof one->path - 1] = 0;
  ssize_t had = pread(fd, one->old, size, at);
  one->had = had < 0 ? 0 : had;
  one->size = size;
  one->at = at;
  one->before = unsynced;
  unsynced = one;
}

static void forget(const char *path) {
  for (struct unsynced **at = &unsynced; *at;) {
    struct unsynced *one = *at;
    if (strcmp(one->path, path) == 0) {
      *at = one->before;
      free(one);
    } else at = &one->before;
  }
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at) {
  char path[512];
  if (!concerns(fd, path, sizeof path)) return real_pwrite(fd, bytes, size, at);
  if (control->write_errno) {
    errno = control->write_errno;
    return -1;
  }
  pthread_mutex_lock(&lock);
  if (control->power) remember(fd, path, size, at);
  if (last()) {
    real_pwrite(fd, bytes, size / 2, at);
    die();
  }
  pthread_mutex_unlock(&lock);
  return real_pwrite(fd, bytes, size, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }

static int synced(int fd, int (*real)(int)) {
  char path[512];
  if (!concerns(fd, path, sizeof path)) return real(fd);
  if (control->sync_errno) {
    errno = control->sync_errno;
    return -1;
  }
  pthread_mutex_lock(&lock);
  if (last()) die();
  int result = real(fd);
  if (control->power) forget(path);
  pthread_mutex_unlock(&lock);
  return result;
}
int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int ftruncate64(int fd, off_t size) {
  char path[512];
  if (concerns(fd, path, sizeof path)) {
    pthread_mutex_lock(&lock);
    if (last()) die();
    pthread_mutex_unlock(&lock);
  }
  return real_ftruncate(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
