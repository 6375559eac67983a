/** What is measured, and what is expected. */

/** @typedef {import('./contenders.mjs').Family} Family */

/**
 * @typedef {object} Metric
 * @property {string} key its name in the measurement
 * @property {string} title with its unit
 * @property {(value: number) => string} format
 */

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} title
 * @property {'echo' | 'conn' | 'idle' | 'fair' | 'udp' | 'roll' | 'hog' | 'call' | 'start'} mode of the load
 * @property {Family} [family] @default 'tcp'
 * @property {number} [connections] all modes but `roll`, `call` and `start`
 * @property {number} [bytes] of one message; all modes but `roll`, `hog`, `call` and `start`
 * @property {Roll} [roll] mode `roll`
 * @property {number} [atOnce] calls that are under way together; mode `call`
 * @property {boolean} [hasBothProcessors] the server, and the load with it @default false: each has its own
 * @property {string[]} [nodeFlags] for the servers that run on Node
 * @property {boolean} [isLatency] what counts is not how much a server does, so it need not be busy @default false
 * @property {boolean} [isAbsolute] what counts is the first metric itself, and not its ratio @default false
 * @property {boolean} lessIsBetter
 * @property {string} [note] a sentence for its table
 * @property {Metric[]} metrics the first one is compared with the baseline's
 */

const perSecond = (title) => ({
  key: 'opsPerSecond',
  title,
  format: (value) => Math.round(value).toLocaleString('en'),
});
/** @param {string} key of what is in microseconds */
const milliseconds = (key, title) => ({ key, title, format: (value) => (value / 1000).toFixed(2) });
const p50 = milliseconds('p50', 'p50, ms');
const p99 = milliseconds('p99', 'p99, ms');
const max = milliseconds('max', 'max, ms');
const busy = { key: 'busy', title: 'busy, %', format: (value) => (value * 100).toFixed(0) };
const cpu = { key: 'cpu', title: 'CPU for one, µs', format: (value) => value.toFixed(1) };
const kibibytes = (key, title) => ({ key, title, format: (value) => (value / 1024).toFixed(1) });

/**
 * @typedef {object} Roll
 * @property {number} classes
 * @property {number} students of each class
 * @property {number} waves how often all classes are opened, all students register, and all classes are closed
 * @property {number} warmup waves before those, which are not counted
 */

/** @type {Figure[]} */
export const figures = [
  {
    name: 'echo64',
    title: '64 B echo, 50 connections',
    mode: 'echo',
    connections: 50,
    bytes: 64,
    lessIsBetter: false,
    metrics: [perSecond('messages/s'), p99, cpu, busy],
  },
  {
    name: 'echo16k',
    title: '16 KiB echo, 50 connections',
    mode: 'echo',
    connections: 50,
    bytes: 16_384,
    lessIsBetter: false,
    metrics: [perSecond('messages/s'), p99, cpu, busy],
  },
  {
    name: 'conn',
    title: 'Connect, send 64 B, receive, close; 50 at a time',
    mode: 'conn',
    connections: 50,
    bytes: 64,
    lessIsBetter: false,
    metrics: [perSecond('connections/s'), p99, cpu, busy],
  },
  {
    name: 'fair',
    title: 'Latency of 20 connections beside one that floods; 64 B echo',
    mode: 'fair',
    connections: 20,
    bytes: 64,
    isLatency: true,
    lessIsBetter: true,
    metrics: [
      p50,
      p99,
      { key: 'floodPerSecond', title: 'flood, MiB/s', format: (value) => (value / 2 ** 20).toFixed(0) },
      busy,
    ],
  },
  {
    name: 'udp64',
    title: '64 B datagrams there and back, 50 sockets',
    mode: 'udp',
    family: 'udp',
    connections: 50,
    bytes: 64,
    lessIsBetter: false,
    metrics: [perSecond('datagrams/s'), p99, { key: 'lost', title: 'lost', format: String }, cpu, busy],
  },
  {
    name: 'idle',
    title: 'Memory per idle connection, 5,000 connections',
    mode: 'idle',
    connections: 5000,
    bytes: 64,
    // A young generation that grows, once in a process, is no connection's; but it would be more than all of them.
    nodeFlags: ['--max-semi-space-size=1'],
    lessIsBetter: true,
    metrics: [kibibytes('rss', 'resident, KiB'), kibibytes('heap', 'heap and buffers, KiB')],
  },
  ...[
    ['class', '500 students of one class', { classes: 1, students: 500, waves: 20, warmup: 4 }],
    ['classes', '100 classes of 20 students', { classes: 100, students: 20, waves: 5, warmup: 1 }],
  ].map(([name, title, roll]) => ({
    name,
    title: `Attendance: ${title}, who all register at once`,
    mode: 'roll',
    family: 'attendance',
    roll,
    isLatency: true,
    lessIsBetter: true,
    note: 'From a registration to its acknowledgement: ours comes when it is on disk, that of the Python server at once.',
    metrics: [p99, p50, max, perSecond('registrations/s')],
  })),
  {
    name: 'cpu',
    title: '10 ms of computing for each of 8 connections, back to back',
    mode: 'echo',
    family: 'computing',
    connections: 8,
    bytes: 64,
    hasBothProcessors: true,
    lessIsBetter: false,
    note: 'Two processors, and two workers where there are workers.',
    metrics: [perSecond('requests/s'), p99, busy],
  },
  {
    name: 'hog',
    title: 'Latency of 40 connections beside one that computes, 200 ms at a time',
    mode: 'hog',
    family: 'computing',
    connections: 40,
    hasBothProcessors: true,
    isAbsolute: true,
    lessIsBetter: true,
    note: 'Two processors, and two workers where there are workers: half of the connections are in the worker of the hog.',
    metrics: [
      milliseconds('elsewhere', 'p99 in the other worker, ms'),
      milliseconds('beside', "p99 in the hog's, ms"),
      { key: 'pingersElsewhere', title: 'connections in the other', format: String },
      { key: 'hogsPerSecond', title: 'computations/s', format: (value) => value.toFixed(1) },
      busy,
    ],
  },
  ...[
    ['call', 'one at a time', 1],
    ['call100', '100 at a time', 100],
  ].map(([name, title, atOnce]) => ({
    name,
    title: `Calls from a worker to the server's process, ${title}`,
    mode: 'call',
    family: 'calls',
    atOnce,
    lessIsBetter: true,
    note: 'A ratio compares with the bare channel of the same kind.',
    metrics: [cpu, perSecond('calls/s'), busy],
  })),
  {
    name: 'start',
    title: 'From listen() to answers',
    mode: 'start',
    family: 'starting',
    hasBothProcessors: true,
    isAbsolute: true,
    lessIsBetter: true,
    note: 'Two processors, and two workers where there are workers.',
    metrics: [
      milliseconds('first', 'first connection, ms'),
      milliseconds('p50', 'later ones, p50, ms'),
      milliseconds('p99', 'p99, ms'),
      { key: 'listenMs', title: 'listen(), ms', format: (value) => value.toFixed(1) },
    ],
  },
];

/**
 * Ratios to the baseline, or what a figure that is absolute shows: `floor` must be reached (or, where less is better, not
 * be exceeded), `aim` is hoped for.
 */
export const floors = [
  ...['async recv', 'selecting recv'].flatMap((contender) => [
    { contender, figure: 'echo64', floor: 1, aim: 1.15 },
    { contender, figure: 'echo16k', floor: 1, aim: 1.3 },
    { contender, figure: 'conn', floor: 0.85, aim: 1 },
  ]),
  { contender: 'async recv', figure: 'idle', floor: 1.5 },
  { contender: 'selecting recv', figure: 'fair', floor: 0.5 },
  { contender: 'async UDP sendto', figure: 'udp64', floor: 0.8, aim: 1 },
  ...['threading recv', 'forking recv'].flatMap((contender) => [
    { contender, figure: 'echo64', floor: 0.9 },
    { contender, figure: 'echo16k', floor: 0.9 },
  ]),
  { contender: 'threading recv', figure: 'conn', floor: 0.75 },
  { contender: 'forking recv', figure: 'conn', floor: 0.2, aim: 0.4 },
  { contender: 'forking recv, children accept', figure: 'conn', floor: 0.8 },
  ...['threading', 'forking'].flatMap((strategy) => [
    { contender: `${strategy} computing`, figure: 'cpu', floor: 1.8 },
    { contender: `${strategy} computing`, figure: 'hog', floor: 5 },
    { contender: `${strategy} starting`, figure: 'start', floor: 10 },
  ]),
  ...['thread', 'child'].flatMap((kind) => [
    { contender: `shared call, ${kind}`, figure: 'call', floor: 1.5 },
    { contender: `shared call, ${kind}`, figure: 'call100', floor: 1.5 },
  ]),
];
