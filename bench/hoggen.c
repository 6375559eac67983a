/*
 * A load generator for servers that compute: a hog and many pingers in one thread, on 127.0.0.1 only.
 *
 *   hoggen PORT PINGERS SECONDS [WARMUP]
 *
 *   connect one after another, the hog first; each asks which worker it is in ──▶ the hog wants something computed, and again
 *                                                                            └─▶ each pinger pings every PERIOD_MS
 *
 * Messages have BYTES bytes, and begin with what they are: `w` is answered by the worker's name, `h` comes back when
 * something was computed, `p` at once. A pinger does not wait for one answer before it sends the next ping, so that all
 * pings that are held up are measured, and not only the first. Every answer is compared in full.
 *
 * It prints one line of JSON. `elsewhere` is the 99th percentile of the pingers whose worker is not the hog's, `beside` of
 * those whose worker it is, both in microseconds and only where there are such; `pingersElsewhere` is how many there are,
 * `hogsPerSecond` how often the hog had something computed. WARMUP seconds (default 0) are not counted. It exits with 1
 * when something does not come within PATIENCE_MS, or is not what it should be.
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
  BYTES = 64,
  MAX_PINGERS = 1000,
  MAX_SECONDS = 600,
  PERIOD_MS = 10,
  PATIENCE_MS = 5000,
  UNDER_WAY = PATIENCE_MS / PERIOD_MS + 2, /* pings of one pinger: with more of them the first waits for too long */
  EVENTS = 256,
};

typedef struct {
  int fd;
  bool is_beside; /* in the hog's worker */
  char worker[BYTES];
  uint64_t due; /* ns: when its next message is to be sent */
  uint64_t times[UNDER_WAY]; /* when they were sent */
  uint32_t sent, answered;
  size_t received; /* of the next answer */
} Client;

typedef struct {
  uint64_t *latencies;
  size_t count;
} Latencies;

static struct {
  struct sockaddr_in address;
  uint32_t pingers;
  int epoll;
  Client *clients; /* the hog is the first one */
  uint64_t start, end; /* ns: what is sent between them is counted */
  uint64_t hogs;
  Latencies elsewhere, beside;
} load;

/* ---- One connection ------------------------------------------------------------------------------------------- */

static void send_message(const Client *client, const char *message) {
  ssize_t count = send(client->fd, message, BYTES, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count != BYTES) die("send", count < 0 ? strerror(errno) : "only a part went");
}

/* Connects, and asks for the worker's name. */
static void open_client(Client *client) {
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client->fd < 0) die("socket", strerror(errno));
  int on = 1;
  struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
  if (setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) die("TCP_NODELAY", strerror(errno));
  if (setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) die("SO_RCVTIMEO", strerror(errno));
  if (connect(client->fd, (struct sockaddr *)&load.address, sizeof load.address) < 0) die("connect", strerror(errno));
  char question[BYTES];
  memset(question, 'w', BYTES);
  send_message(client, question);
  ssize_t count = recv(client->fd, client->worker, BYTES, MSG_WAITALL);
  if (count != BYTES) die("asking for the worker", count < 0 ? strerror(errno) : "the server closed the connection");
  client->is_beside = memcmp(client->worker, load.clients[0].worker, BYTES) == 0;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, client->fd, &event) < 0) die("epoll_ctl", strerror(errno));
}

static bool is_hog(const Client *client) {
  return client == load.clients;
}

/* Its message with that number, all of it. */
static void write_message(const Client *client, uint32_t number, char *message) {
  memset(message, is_hog(client) ? 'h' : 'p', BYTES);
  memcpy(message + 4, &number, sizeof number);
  uint32_t slot = (uint32_t)(client - load.clients);
  memcpy(message + 8, &slot, sizeof slot);
}

static void send_next(Client *client, uint64_t time) {
  if (client->sent - client->answered == UNDER_WAY) die("ping", "it was not answered in time");
  char message[BYTES];
  write_message(client, client->sent, message);
  client->times[client->sent++ % UNDER_WAY] = time;
  send_message(client, message);
}

/* The next answer is there. */
static void complete(Client *client) {
  uint64_t time = now(), sent = client->times[client->answered++ % UNDER_WAY];
  bool counts = sent >= load.start && sent < load.end;
  if (is_hog(client)) {
    load.hogs += counts;
    if (time < load.end) send_next(client, time);
  } else if (counts) {
    Latencies *all = client->is_beside ? &load.beside : &load.elsewhere;
    all->latencies[all->count++] = time - sent;
  }
}

static void receive(Client *client) {
  char inbox[BYTES], expected[BYTES];
  for (;;) {
    ssize_t count = recv(client->fd, inbox, BYTES - client->received, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) die("recv", count < 0 ? strerror(errno) : "the server closed the connection");
    write_message(client, client->answered, expected);
    if (client->answered == client->sent || memcmp(inbox, expected + client->received, (size_t)count) != 0) {
      die("recv", "other bytes came back than were sent");
    }
    client->received += (size_t)count;
    if (client->received < BYTES) continue;
    client->received = 0;
    complete(client);
  }
}

/* ---- Running -------------------------------------------------------------------------------------------------- */

static void send_due(uint64_t time) {
  for (Client *client = load.clients + 1; client <= load.clients + load.pingers; client++) {
    if (time < client->due) continue;
    send_next(client, time);
    client->due += PERIOD_MS * 1000000ull;
  }
}

static bool all_answered(void) {
  for (uint32_t i = 0; i <= load.pingers; i++) {
    if (load.clients[i].sent != load.clients[i].answered) return false;
  }
  return true;
}

static void run(void) {
  uint64_t begin = now();
  for (uint32_t i = 1; i <= load.pingers; i++) load.clients[i].due = begin + i * PERIOD_MS * 1000000ull / load.pingers;
  send_next(load.clients, begin);
  struct epoll_event events[EVENTS];
  for (uint64_t time = begin; time < load.end || !all_answered(); time = now()) {
    if (time < load.end) send_due(time);
    else if (time > load.end + PATIENCE_MS * 1000000ull) die("end", "not everything was answered in time");
    int count = epoll_wait(load.epoll, events, EVENTS, 1);
    if (count < 0 && errno != EINTR) die("epoll_wait", strerror(errno));
    for (int i = 0; i < count; i++) receive(events[i].data.ptr);
  }
}

static int compare(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static void print_p99(const char *name, Latencies *all) {
  if (all->count == 0) return;
  qsort(all->latencies, all->count, sizeof *all->latencies, compare);
  printf("\"%s\":%.1f,", name, (double)all->latencies[all->count * 99 / 100] / 1000);
}

int main(int argc, char **argv) {
  if (argc < 4 || argc > 5) {
    fprintf(stderr, "usage: hoggen PORT PINGERS SECONDS [WARMUP]\n");
    return 2;
  }
  load.address = (struct sockaddr_in){
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)number(argv[1], "PORT", 1, 65535)),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  load.pingers = (uint32_t)number(argv[2], "PINGERS", 1, MAX_PINGERS);
  double seconds = number(argv[3], "SECONDS", 0.01, MAX_SECONDS);
  double warmup = argc > 4 ? number(argv[4], "WARMUP", 0, MAX_SECONDS) : 0;

  raise_descriptor_limit(load.pingers + 16);
  /* All that are ever due: one that is due while the warm-up lasts may be sent, and count, when it is over. */
  size_t most = load.pingers * ((size_t)((warmup + seconds) * 1000 / PERIOD_MS) + 2);
  load.clients = calloc(load.pingers + 1, sizeof *load.clients);
  load.elsewhere.latencies = calloc(most, sizeof(uint64_t));
  load.beside.latencies = calloc(most, sizeof(uint64_t));
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  bool is_ready = load.clients && load.elsewhere.latencies && load.beside.latencies && load.epoll >= 0;
  if (!is_ready) die("start", strerror(errno));

  for (uint32_t i = 0; i <= load.pingers; i++) open_client(&load.clients[i]);
  load.start = now() + (uint64_t)(warmup * 1e9);
  load.end = load.start + (uint64_t)(seconds * 1e9);
  run();

  uint32_t elsewhere = 0;
  for (uint32_t i = 1; i <= load.pingers; i++) elsewhere += !load.clients[i].is_beside;
  printf("{");
  print_p99("elsewhere", &load.elsewhere);
  print_p99("beside", &load.beside);
  printf("\"pingersElsewhere\":%u,\"hogsPerSecond\":%.2f,\"errors\":0}\n", elsewhere, (double)load.hogs / seconds);
  return 0;
}
