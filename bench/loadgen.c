/*
 * A load generator: many clients in one thread, on 127.0.0.1 only.
 *
 *   loadgen echo PORT CONNECTIONS BYTES SECONDS [WARMUP]   ping-pong: send a message, receive it back, again
 *   loadgen conn PORT CONNECTIONS BYTES SECONDS [WARMUP]   connect, send, receive, close with a reset, again
 *   loadgen idle PORT CONNECTIONS BYTES SECONDS            one ping-pong on each, then hold all until stdin closes
 *   loadgen fair PORT CONNECTIONS BYTES SECONDS [WARMUP]   as echo, beside one more connection that sends and receives
 *                                                          as much as it can
 *   loadgen udp PORT CONNECTIONS BYTES SECONDS [WARMUP]    as echo, with datagrams and a socket for each CONNECTION; one
 *                                                          that is not answered in LOST_MS is lost, and sent anew
 *
 * Each of CONNECTIONS slots has one message under way. What comes back is compared byte by byte with what was sent, and
 * every message carries its slot and number, so that a server that mixes up connections or buffers is found out. The
 * last byte of a message is a newline and no other one is, so that servers of lines can be measured too.
 *
 * It prints one line of JSON. Latencies are microseconds, `first` is that of the very first message, `floodPerSecond` is in
 * bytes; WARMUP seconds (default 0) are not counted. For `idle`, SECONDS is the time within which all connections must be
 * open. It exits with 1 after MAX_ERRORS failures, or when nothing at all succeeded.
 */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  MAX_CONNECTIONS = 20000, /* one client address has about 28,000 ports */
  MAX_BYTES = 1 << 20,
  MAX_DATAGRAM = 65507,
  MAX_SECONDS = 600, /* also how long `idle` holds its connections at most */
  MAX_ERRORS = 1000,
  MAX_CONNECTING = 100, /* `idle` opens so many at a time: more than a backlog holds would wait for seconds */
  INBOX_BYTES = 1 << 16,
  EVENTS = 256,
  STAMP_BYTES = 8,
  FLOOD_BYTES = 1 << 16,
  LOST_MS = 200,
};

typedef enum { ECHO, CONN, IDLE, FAIR, UDP } Mode;
static const char *const modes[] = {[ECHO] = "echo", [CONN] = "conn", [IDLE] = "idle", [FAIR] = "fair", [UDP] = "udp"};
enum { MODES = sizeof modes / sizeof *modes };

typedef struct {
  int fd;
  uint32_t number; /* of the message under way */
  size_t sent, received;
  uint64_t started; /* ns */
  bool waits_to_send;
} Slot;

static struct {
  Mode mode;
  struct sockaddr_in address;
  uint32_t connections;
  size_t size;
  int epoll;
  Slot *slots;
  uint32_t opened; /* slots in use so far */
  char *message;
  char inbox[INBOX_BYTES];
  char flood[FLOOD_BYTES];
  Slot flooder; /* of FAIR */
  uint64_t operations, errors, lost, flooded;
  uint64_t first; /* ns: the latency of the first message; 0 before it */
  int last_error; /* an errno, or 0 when it was not the system's */
  const char *last_failure;
} load;

/* ---- Latencies -------------------------------------------------------------------------------------------------- */

/* Counts by magnitude: 64 steps for each power of two, so that a percentile is within 1.6 % of the truth. */
enum { STEP_BITS = 6, STEPS = 1 << STEP_BITS, BUCKETS = (64 - STEP_BITS + 1) * STEPS };
static uint64_t histogram[BUCKETS];

static unsigned bucket_of(uint64_t ns) {
  if (ns < STEPS) return (unsigned)ns;
  unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - STEP_BITS;
  return (shift + 1) * STEPS + (unsigned)((ns >> shift) - STEPS);
}

static double bucket_ns(unsigned bucket) {
  if (bucket < STEPS) return bucket;
  unsigned shift = bucket / STEPS - 1;
  return (double)((uint64_t)(STEPS + bucket % STEPS) << shift);
}

static double percentile_us(double share) {
  uint64_t wanted = (uint64_t)(share * (double)load.operations), seen = 0;
  for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
    seen += histogram[bucket];
    if (seen > wanted) return bucket_ns(bucket) / 1000;
  }
  return 0;
}

/* ---- Failures ------------------------------------------------------------------------------------------------- */

static void open_slot(Slot *slot);
static void send_rest(Slot *slot);

static void close_slot(Slot *slot) {
  close(slot->fd); /* also leaves the epoll set */
  slot->fd = -1;
}

/* Counts the failure of a connection and opens another in its place. */
static void fail(Slot *slot, const char *what, int error) {
  load.last_failure = what;
  load.last_error = error;
  if (++load.errors >= MAX_ERRORS) {
    die("gave up after too many errors; the last one", error ? strerror(error) : what);
  }
  close_slot(slot);
  open_slot(slot);
}

/* ---- One connection ------------------------------------------------------------------------------------------- */

static void watch(Slot *slot, int operation, bool waits_to_send) {
  struct epoll_event event = {.events = EPOLLIN | (waits_to_send ? EPOLLOUT : 0), .data.ptr = slot};
  if (epoll_ctl(load.epoll, operation, slot->fd, &event) < 0) die("epoll_ctl", strerror(errno));
  slot->waits_to_send = waits_to_send;
}

/* Makes the one message in memory that of this slot, at this moment. */
static void stamp(const Slot *slot) {
  if (load.size <= STAMP_BYTES) return;
  uint32_t value = (uint32_t)(slot - load.slots) * 2654435761u + slot->number;
  for (int i = 0; i < STAMP_BYTES; i++) load.message[i] = (char)('A' + ((value >> (4 * i)) & 15));
}

static void begin_message(Slot *slot) {
  slot->number++;
  slot->sent = slot->received = 0;
  send_rest(slot);
}

static void open_slot(Slot *slot) {
  slot->started = now();
  int type = load.mode == UDP ? SOCK_DGRAM : SOCK_STREAM;
  slot->fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (slot->fd < 0) die("socket", strerror(errno));
  int on = 1;
  if (load.mode != UDP && setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) die("TCP_NODELAY", strerror(errno));
  if (load.mode == CONN) {
    /* close() then resets: nothing is left in TIME_WAIT, and the ports do not run out. */
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) < 0) die("SO_LINGER", strerror(errno));
  }
  if (connect(slot->fd, (struct sockaddr *)&load.address, sizeof load.address) < 0 && errno != EINPROGRESS) {
    fail(slot, "connect", errno);
    return;
  }
  watch(slot, EPOLL_CTL_ADD, false);
  begin_message(slot); /* on this machine the connection is usually there by now; otherwise EPOLLOUT will say so */
}

static void send_rest(Slot *slot) {
  stamp(slot);
  while (slot->sent < load.size) {
    ssize_t count = send(slot->fd, load.message + slot->sent, load.size - slot->sent, MSG_NOSIGNAL);
    if (count >= 0) slot->sent += (size_t)count;
    else if (errno == EAGAIN) break;
    else if (errno != EINTR) {
      fail(slot, "send", errno);
      return;
    }
  }
  bool waits_to_send = slot->sent < load.size;
  if (waits_to_send != slot->waits_to_send) watch(slot, EPOLL_CTL_MOD, waits_to_send);
}

/* The whole message came back: counts it, and goes on as the mode says. */
static void complete(Slot *slot) {
  uint64_t time = now();
  load.operations++;
  histogram[bucket_of(time - slot->started)]++;
  if (load.first == 0) load.first = time - slot->started;
  switch (load.mode) {
    case ECHO:
    case FAIR:
    case UDP:
      slot->started = time;
      begin_message(slot);
      break;
    case CONN:
      close_slot(slot);
      open_slot(slot);
      break;
    case IDLE:
      if (load.opened < load.connections) open_slot(&load.slots[load.opened++]);
      break;
  }
}

static void receive(Slot *slot) {
  ssize_t count = recv(slot->fd, load.inbox, sizeof load.inbox, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) {
    fail(slot, "recv", errno);
    return;
  }
  if (count == 0) {
    fail(slot, "the server closed the connection", 0);
    return;
  }
  if ((size_t)count > slot->sent - slot->received) {
    fail(slot, "more came back than was sent", 0);
    return;
  }
  stamp(slot);
  /* The late answer to a datagram that was given up. */
  if (load.mode == UDP && memcmp(load.inbox, load.message, (size_t)count) != 0) return;
  if (memcmp(load.inbox, load.message + slot->received, (size_t)count) != 0) {
    fail(slot, "other bytes came back than were sent", 0);
    return;
  }
  slot->received += (size_t)count;
  if (slot->received == load.size) complete(slot);
}

/* Sends anew what was not answered in time. */
static void resend_lost(uint64_t time) {
  for (uint32_t i = 0; i < load.opened; i++) {
    Slot *slot = &load.slots[i];
    if (time - slot->started < LOST_MS * 1000000ull) continue;
    load.lost++;
    slot->started = time;
    begin_message(slot);
  }
}

/* ---- The flooder ---------------------------------------------------------------------------------------------- */

static void open_flooder(void) {
  Slot *slot = &load.flooder;
  slot->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (slot->fd < 0 || connect(slot->fd, (struct sockaddr *)&load.address, sizeof load.address) < 0) {
    die("flooder", strerror(errno));
  }
  memset(load.flood, 'f', sizeof load.flood);
  for (size_t i = 63; i < sizeof load.flood; i += 64) load.flood[i] = '\n';
  watch(slot, EPOLL_CTL_ADD, true);
}

/* Its bytes are counted and not compared: it is there to be in the way. */
static void flood(const struct epoll_event *event) {
  int fd = load.flooder.fd;
  ssize_t count = 1;
  if (event->events & EPOLLIN) {
    count = recv(fd, load.inbox, sizeof load.inbox, MSG_DONTWAIT);
    if (count > 0) load.flooded += (uint64_t)count;
  }
  if (count > 0 && (event->events & EPOLLOUT)) count = send(fd, load.flood, sizeof load.flood, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count == 0) die("flooder", "the server closed the connection");
  if (count < 0 && errno != EAGAIN && errno != EINTR) die("flooder", strerror(errno));
}

/* One step for one event; what is left over is reported again. */
static void handle(const struct epoll_event *event) {
  if (event->data.ptr == &load.flooder) {
    flood(event);
    return;
  }
  if (event->events & EPOLLOUT) send_rest(event->data.ptr);
  else receive(event->data.ptr);
}

/* ---- Running -------------------------------------------------------------------------------------------------- */

/* Serves the sockets until `end` (ns), or until `wanted` operations are done. */
static void run_until(uint64_t end, uint64_t wanted) {
  struct epoll_event events[EVENTS];
  uint64_t next_look = 0;
  for (uint64_t time = now(); time < end && load.operations < wanted; time = now()) {
    uint64_t left_ms = (end - time) / 1000000 + 1;
    int count = epoll_wait(load.epoll, events, EVENTS, left_ms < 100 ? (int)left_ms : 100);
    if (count < 0 && errno != EINTR) die("epoll_wait", strerror(errno));
    for (int i = 0; i < count; i++) handle(&events[i]);
    if (load.mode == UDP && time >= next_look) {
      resend_lost(time);
      next_look = time + 50000000;
    }
  }
}

static void print_result(double seconds) {
  printf("{\"ops\":%llu,\"opsPerSecond\":%.1f,\"p50\":%.1f,\"p99\":%.1f,\"first\":%.1f,\"floodPerSecond\":%.0f,"
         "\"lost\":%llu,\"errors\":%llu}\n",
         (unsigned long long)load.operations, (double)load.operations / seconds, percentile_us(0.5),
         percentile_us(0.99), (double)load.first / 1000, (double)load.flooded / seconds,
         (unsigned long long)load.lost, (unsigned long long)load.errors);
  fflush(stdout);
}

static void run_timed(double seconds, double warmup) {
  for (; load.opened < load.connections; load.opened++) open_slot(&load.slots[load.opened]);
  if (load.mode == FAIR) open_flooder();
  run_until(now() + (uint64_t)(warmup * 1e9), UINT64_MAX);
  load.operations = load.lost = load.flooded = 0;
  memset(histogram, 0, sizeof histogram);
  uint64_t start = now();
  run_until(start + (uint64_t)(seconds * 1e9), UINT64_MAX);
  print_result((double)(now() - start) / 1e9);
}

static void run_idle(double seconds) {
  uint64_t start = now();
  uint32_t first = load.connections < MAX_CONNECTING ? load.connections : MAX_CONNECTING;
  while (load.opened < first) open_slot(&load.slots[load.opened++]);
  run_until(start + (uint64_t)(seconds * 1e9), load.connections);
  if (load.operations < load.connections) die("idle", "not all connections were served in time");
  print_result((double)(now() - start) / 1e9);
  alarm(MAX_SECONDS); /* whoever forgets to close stdin gets rid of us nevertheless */
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
}

int main(int argc, char **argv) {
  int mode = 0;
  while (argc > 1 && mode < MODES && strcmp(argv[1], modes[mode]) != 0) mode++;
  if (argc < 6 || argc > 7 || mode == MODES) {
    fprintf(stderr, "usage: loadgen echo|conn|idle|fair|udp PORT CONNECTIONS BYTES SECONDS [WARMUP]\n");
    return 2;
  }
  load.mode = (Mode)mode;
  load.address = (struct sockaddr_in){
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)number(argv[2], "PORT", 1, 65535)),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  load.connections = (uint32_t)number(argv[3], "CONNECTIONS", 1, MAX_CONNECTIONS);
  load.size = (size_t)number(argv[4], "BYTES", 1, load.mode == UDP ? MAX_DATAGRAM : MAX_BYTES);
  double seconds = number(argv[5], "SECONDS", 0.01, MAX_SECONDS);
  double warmup = argc > 6 ? number(argv[6], "WARMUP", 0, MAX_SECONDS) : 0;

  raise_descriptor_limit(load.connections + 16);
  load.slots = calloc(load.connections, sizeof *load.slots);
  load.message = malloc(load.size);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load.slots == NULL || load.message == NULL || load.epoll < 0) die("start", strerror(errno));
  memset(load.message, 'x', load.size);
  load.message[load.size - 1] = '\n';

  if (load.mode == IDLE) run_idle(seconds);
  else run_timed(seconds, warmup);
  if (load.errors > 0) {
    fprintf(stderr, "loadgen: %llu errors; the last one: %s%s%s\n", (unsigned long long)load.errors, load.last_failure,
            load.last_error ? ": " : "", load.last_error ? strerror(load.last_error) : "");
  }
  return load.operations > 0 ? 0 : 1;
}
