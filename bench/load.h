/* What both load generators need: time, arguments, descriptors, and an end when nothing more can be done. */
#ifndef LOAD_H
#define LOAD_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* Nanoseconds. */
static inline uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline _Noreturn void die(const char *what, const char *why) {
  fprintf(stderr, "loadgen: %s: %s\n", what, why);
  exit(1);
}

static inline double number(const char *text, const char *name, double min, double max) {
  char *rest;
  double value = strtod(text, &rest);
  if (*text != '\0' && *rest == '\0' && value >= min && value <= max) return value;
  fprintf(stderr, "loadgen: %s must be a number from %g to %g; got '%s'\n", name, min, max, text);
  exit(2);
}

static inline void raise_descriptor_limit(rlim_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("getrlimit", strerror(errno));
  if (limit.rlim_cur >= wanted) return;
  if (limit.rlim_max < wanted) die("too few open files are allowed", "raise `ulimit -Hn`, or ask for fewer connections");
  limit.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) die("setrlimit", strerror(errno));
}

#endif
