/*
 * A load generator for roll calls: teachers and students in one thread, on 127.0.0.1 only.
 *
 *   rollgen PORT CLASSES STUDENTS WAVES [WARMUP]
 *
 *   connect ──▶ each student is too early ──┬─▶ the teachers open ──▶ all students register at once ──▶ the teachers close ─┐
 *               and is refused              └──────────────────────────── for each wave ◀───────────────────────────────┘
 *
 * Each of CLASSES has a teacher's connection and those of STUDENTS students, who stay connected and have fresh numbers in
 * each wave. The refusal at the beginning shows that a connection has been accepted, so that no wave pays for it.
 *
 * Measured is from sending a registration to receiving all of its acknowledgement, each connection for itself. Every
 * reply is compared in full, and the list at the end of a class must have each of its students once. What is not as
 * expected counts as an error.
 *
 * It prints one line of JSON; latencies are microseconds, `opsPerSecond` counts from the first registration of a wave to
 * its last acknowledgement. WARMUP waves (default 0) are not counted. It exits with 1 when nothing at all succeeded, and
 * when a reply does not come within PATIENCE_MS.
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
  MAX_CLASSES = 1000,
  MAX_STUDENTS = 10000, /* of one class */
  MAX_CLIENTS = 20000,  /* one client address has about 28,000 ports */
  MAX_WAVES = 100,
  WINDOW = 50, /* what is not measured is done by so many at a time: no server's backlog overflows */
  BURST = 16,  /* registrations sent before the replies that have come are looked at */
  EVENTS = 256,
  PATIENCE_MS = 20000,
  FIRST_CLASS = 101,
  FIRST_STUDENT = 100000000, /* nine digits, whatever is added */
  TEXT_BYTES = 256,          /* of a reply without its list */
  ENTRY_BYTES = 13,          /* '123456789' and the comma and space after it */
};

/* In what is expected, # is any digit. */
#define DATE "##/##/#### às ##:##"

typedef enum { REFUSED, OPENED, REGISTERED, CLOSED } Answer;

typedef struct {
  int fd; /* -1 before its first request, and when it is lost */
  uint32_t class, number; /* number: of a student in its class */
  bool waits;
  uint64_t sent;
  size_t expected, received;
  char *template, *reply;
} Client;

static struct {
  struct sockaddr_in address;
  uint32_t classes, students, wave;
  int epoll;
  Client *clients; /* of each class first its students, then its teacher */
  bool *seen;      /* students of a list */
  uint64_t *latencies;
  size_t measured;
  uint64_t errors, busy; /* busy: ns in which counted registrations were under way */
  uint32_t waiting;      /* clients without their reply */
  Answer answer;         /* what all of them wait for */
  bool counts;
  const char *last_failure;
} load;

static uint32_t student_number(uint32_t number) {
  return FIRST_STUDENT + load.wave * MAX_CLIENTS + number;
}

/* ---- One client ----------------------------------------------------------------------------------------------- */

static void end_wait(Client *client) {
  client->waits = false;
  load.waiting--;
}

/* The connection stays, unless it is of no use any more: what else comes is thrown away before the next request. */
static void fail(Client *client, const char *what, bool is_lost) {
  load.errors++;
  load.last_failure = what;
  if (client->waits) end_wait(client);
  if (!is_lost) return;
  close(client->fd);
  client->fd = -1;
}

static void open_connection(Client *client) {
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client->fd < 0) die("socket", strerror(errno));
  int on = 1;
  if (setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) die("TCP_NODELAY", strerror(errno));
  if (connect(client->fd, (struct sockaddr *)&load.address, sizeof load.address) < 0) die("connect", strerror(errno));
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, client->fd, &event) < 0) die("epoll_ctl", strerror(errno));
}

/* Writes down what the reply must be. */
static void expect(Client *client) {
  static const char *const texts[] = {
      [REFUSED] = "Esta turma não está com presença ativa. Solicitação rejeitada em " DATE,
      [OPENED] = "A chamada da turma %u foi ativada em " DATE "!",
      [REGISTERED] = "Presença registrada com sucesso na turma %u em " DATE "!",
      [CLOSED] = "A chamada da turma %u foi encerrada em " DATE "! Os seguintes alunos registraram presença: [",
  };
  size_t length = (size_t)sprintf(client->template, texts[load.answer], client->class);
  if (load.answer == CLOSED) {
    for (uint32_t i = 0; i < load.students; i++) length += (size_t)sprintf(client->template + length, "'#########', ");
    length += (size_t)sprintf(client->template + length - 2, "]") - 2;
  }
  client->expected = length;
  client->received = 0;
}

static void request(Client *client) {
  if (client->fd < 0) open_connection(client);
  else while (recv(client->fd, client->reply, TEXT_BYTES, MSG_DONTWAIT) > 0) continue;
  char text[64];
  bool is_teacher = load.answer == OPENED || load.answer == CLOSED;
  size_t length = (size_t)(is_teacher ? sprintf(text, "%u,teacher", client->class)
                                      : sprintf(text, "%u/%u,student", student_number(client->number), client->class));
  expect(client);
  client->waits = true;
  load.waiting++;
  client->sent = now();
  if (send(client->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) fail(client, "send", true);
}

static bool is_as_expected(const char *reply, const char *template, size_t length) {
  for (size_t i = 0; i < length; i++) {
    bool is_digit = reply[i] >= '0' && reply[i] <= '9';
    if (template[i] == '#' ? !is_digit : reply[i] != template[i]) return false;
  }
  return true;
}

/* Whether each student of the class is in the list: then, by its length, each of them is there once. */
static bool lists_everybody(const Client *teacher) {
  memset(load.seen, 0, load.students * sizeof *load.seen);
  const char *entry = teacher->reply + teacher->expected - load.students * ENTRY_BYTES + 2;
  for (uint32_t i = 0; i < load.students; i++, entry += ENTRY_BYTES) {
    uint32_t number = (uint32_t)strtoul(entry, NULL, 10) - student_number(teacher->number);
    if (number >= load.students || load.seen[number]) return false;
    load.seen[number] = true;
  }
  return true;
}

static void receive(Client *client) {
  char nothing[TEXT_BYTES];
  bool waits = client->waits;
  char *room = waits ? client->reply + client->received : nothing;
  size_t size = waits ? client->expected - client->received : sizeof nothing;
  ssize_t count = recv(client->fd, room, size, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) fail(client, count == 0 ? "the server closed the connection" : "recv", true);
  if (count <= 0 || !waits) return;
  if (!is_as_expected(room, client->template + client->received, (size_t)count)) {
    fail(client, "another reply came than was expected", false);
    return;
  }
  client->received += (size_t)count;
  if (client->received < client->expected) return;
  if (load.counts) load.latencies[load.measured++] = now() - client->sent;
  end_wait(client);
  if (load.answer == CLOSED && !lists_everybody(client)) fail(client, "a list has other students than registered", false);
}

/* ---- All clients ---------------------------------------------------------------------------------------------- */

static void look(int patience_ms) {
  struct epoll_event events[EVENTS];
  int count = epoll_wait(load.epoll, events, EVENTS, patience_ms);
  if (count < 0 && errno != EINTR) die("epoll_wait", strerror(errno));
  for (int i = 0; i < count; i++) receive(events[i].data.ptr);
}

static void wait_until_waiting(uint32_t most) {
  uint64_t end = now() + PATIENCE_MS * 1000000ull;
  while (load.waiting > most) {
    if (now() > end) die("gave up", "a reply does not come");
    look(100);
  }
}

/* Lets all teachers, or all students, send a request, with no more than `window` under way; waits for the replies. */
static void ask(Answer answer, uint32_t window) {
  load.answer = answer;
  bool of_teachers = answer == OPENED || answer == CLOSED;
  uint32_t sent = 0, per_class = load.students + 1;
  for (uint32_t i = 0; i < load.classes * per_class; i++) {
    bool is_teacher = i % per_class == load.students;
    if (is_teacher != of_teachers) continue;
    wait_until_waiting(window - 1);
    request(&load.clients[i]);
    if (++sent % BURST == 0) look(0);
  }
  wait_until_waiting(0);
}

static void run_wave(bool counts) {
  ask(OPENED, WINDOW);
  load.counts = counts;
  uint64_t start = now();
  ask(REGISTERED, UINT32_MAX);
  if (counts) load.busy += now() - start;
  load.counts = false;
  ask(CLOSED, WINDOW);
}

static int by_size(const void *one, const void *other) {
  uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
  return (a > b) - (a < b);
}

static double percentile_us(double share) {
  size_t index = (size_t)(share * (double)load.measured);
  return (double)load.latencies[index < load.measured ? index : load.measured - 1] / 1000;
}

static void make_clients(void) {
  for (uint32_t class = 0, i = 0; class < load.classes; class++) {
    for (uint32_t student = 0; student <= load.students; student++, i++) {
      bool is_teacher = student == load.students;
      size_t bytes = TEXT_BYTES + (is_teacher ? (size_t)load.students * ENTRY_BYTES : 0);
      Client *client = &load.clients[i];
      *client = (Client){.fd = -1, .class = FIRST_CLASS + class, .template = malloc(bytes), .reply = malloc(bytes)};
      if (client->template == NULL || client->reply == NULL) die("start", strerror(errno));
      /* A teacher has the number of the first student, for the list. */
      client->number = class * load.students + (is_teacher ? 0 : student);
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 5 || argc > 6) {
    fprintf(stderr, "usage: rollgen PORT CLASSES STUDENTS WAVES [WARMUP]\n");
    return 2;
  }
  load.address = (struct sockaddr_in){
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)number(argv[1], "PORT", 1, 65535)),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  load.classes = (uint32_t)number(argv[2], "CLASSES", 1, MAX_CLASSES);
  load.students = (uint32_t)number(argv[3], "STUDENTS", 1, MAX_STUDENTS);
  uint32_t waves = (uint32_t)number(argv[4], "WAVES", 1, MAX_WAVES);
  uint32_t warmup = argc > 5 ? (uint32_t)number(argv[5], "WARMUP", 0, MAX_WAVES) : 0;
  uint32_t clients = load.classes * (load.students + 1);
  if (clients > MAX_CLIENTS) die("too many clients", "ask for fewer CLASSES or STUDENTS");

  raise_descriptor_limit(clients + 16);
  load.clients = calloc(clients, sizeof *load.clients);
  load.seen = calloc(load.students, sizeof *load.seen);
  load.latencies = calloc((size_t)clients * waves, sizeof *load.latencies);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load.clients == NULL || load.seen == NULL || load.latencies == NULL || load.epoll < 0) die("start", strerror(errno));
  make_clients();

  ask(REFUSED, WINDOW);
  for (; load.wave < warmup + waves; load.wave++) run_wave(load.wave >= warmup);
  if (load.errors > 0) {
    fprintf(stderr, "rollgen: %llu errors; the last one: %s\n", (unsigned long long)load.errors, load.last_failure);
  }
  if (load.measured == 0) return 1;
  qsort(load.latencies, load.measured, sizeof *load.latencies, by_size);
  printf("{\"ops\":%zu,\"opsPerSecond\":%.1f,\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f,\"errors\":%llu}\n", load.measured,
         (double)load.measured / ((double)load.busy / 1e9), percentile_us(0.5), percentile_us(0.99), percentile_us(1),
         (unsigned long long)load.errors);
  return 0;
}
