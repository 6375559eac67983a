/** Who is measured, in what, and what is expected of them. */
import { join } from 'node:path';

const servers = join(import.meta.dirname, 'servers');
const node = (flags, file, ...args) => [process.execPath, '--expose-gc', ...flags, join(servers, file), ...args];

const baselines = { tcp: 'raw net', udp: 'raw dgram', attendance: 'attendance in Python, in memory' };

/** The name of the contender that all others of the figure are divided by. */
export const baselineOf = ({ family = 'tcp' }) => baselines[family];

/**
 * Who is compared with whom: echo servers for connections, echo servers for datagrams, roll calls.
 *
 * @typedef {'tcp' | 'udp' | 'attendance'} Family
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(figure: Figure, folder: string) => string[]} command starts the server, which may keep data in the folder
 * @property {boolean} [waits] it waits for its client by design, and is never as busy as the others @default false
 * @property {string[]} [figures] the only ones it takes part in @default all of its family
 * @property {Family} [family] @default 'tcp'
 */

/** @type {Contender[]} */
export const contenders = [
  { name: 'raw net', command: ({ nodeFlags }) => node(nodeFlags, 'raw-net.js', 'echo') },
  { name: 'raw net, lines', command: ({ nodeFlags }) => node(nodeFlags, 'raw-net.js', 'lines') },
  { name: 'CPython ThreadingTCPServer', command: () => ['python3', join(servers, 'python_threading.py')] },
  ...['async', 'selecting'].flatMap((strategy) =>
    ['recv', 'line', 'message'].map((mode) => ({
      name: `${strategy} ${mode}`,
      command: ({ nodeFlags, bytes }) => node(nodeFlags, 'ours.js', mode, strategy, String(bytes)),
    })),
  ),
  // One connection at a time: only short ones come to an end.
  {
    name: 'sequential recv',
    command: ({ nodeFlags }) => node(nodeFlags, 'ours.js', 'recv', 'sequential'),
    waits: true,
    figures: ['conn'],
  },
  { name: 'raw dgram', command: ({ nodeFlags }) => node(nodeFlags, 'raw-dgram.js'), family: 'udp' },
  {
    name: 'CPython ThreadingUDPServer',
    command: () => ['python3', join(servers, 'python_threading.py'), 'udp'],
    family: 'udp',
  },
  ...['async sendto', 'async file', 'async message', 'selecting sendto', 'sequential sendto'].map((words) => {
    const [strategy, mode] = words.split(' ');
    return {
      name: `${strategy} UDP ${mode}`,
      command: ({ nodeFlags, bytes }) => node(nodeFlags, 'ours-udp.js', mode, strategy, String(bytes)),
      family: 'udp',
    };
  }),
  {
    name: 'attendance in Python, in memory',
    command: () => ['python3', join(servers, 'attendance_threading.py')],
    family: 'attendance',
  },
  ...['async', 'selecting'].map((strategy) => ({
    name: `attendance ${strategy}, on disk`,
    command: ({ nodeFlags }, folder) => node(nodeFlags, 'attendance.js', strategy, folder),
    family: 'attendance',
  })),
];

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
 * @property {'echo' | 'conn' | 'idle' | 'fair' | 'udp' | 'roll'} mode of the load
 * @property {Family} [family] @default 'tcp'
 * @property {number} [connections] all modes but `roll`
 * @property {number} [bytes] of one message; all modes but `roll`
 * @property {Roll} [roll] mode `roll`
 * @property {string[]} nodeFlags for the servers that run on Node
 * @property {boolean} [isLatency] what counts is not how much a server does, so it need not be busy @default false
 * @property {boolean} lessIsBetter
 * @property {string} [note] a sentence for its table
 * @property {Metric[]} metrics the first one is compared with the baseline's
 */

const perSecond = (title) => ({
  key: 'opsPerSecond',
  title,
  format: (value) => Math.round(value).toLocaleString('en'),
});
const p50 = { key: 'p50', title: 'p50, ms', format: (value) => (value / 1000).toFixed(2) };
const p99 = { key: 'p99', title: 'p99, ms', format: (value) => (value / 1000).toFixed(2) };
const max = { key: 'max', title: 'max, ms', format: (value) => (value / 1000).toFixed(2) };
const busy = { key: 'busy', title: 'busy, %', format: (value) => (value * 100).toFixed(0) };
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
    nodeFlags: [],
    lessIsBetter: false,
    metrics: [perSecond('messages/s'), p99, busy],
  },
  {
    name: 'echo16k',
    title: '16 KiB echo, 50 connections',
    mode: 'echo',
    connections: 50,
    bytes: 16_384,
    nodeFlags: [],
    lessIsBetter: false,
    metrics: [perSecond('messages/s'), p99, busy],
  },
  {
    name: 'conn',
    title: 'Connect, send 64 B, receive, close; 50 at a time',
    mode: 'conn',
    connections: 50,
    bytes: 64,
    nodeFlags: [],
    lessIsBetter: false,
    metrics: [perSecond('connections/s'), p99, busy],
  },
  {
    name: 'fair',
    title: 'Latency of 20 connections beside one that floods; 64 B echo',
    mode: 'fair',
    connections: 20,
    bytes: 64,
    nodeFlags: [],
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
    nodeFlags: [],
    lessIsBetter: false,
    metrics: [perSecond('datagrams/s'), p99, { key: 'lost', title: 'lost', format: String }, busy],
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
    nodeFlags: [],
    isLatency: true,
    lessIsBetter: true,
    note: 'From a registration to its acknowledgement: ours comes when it is on disk, that of the Python server at once.',
    metrics: [p99, p50, max, perSecond('registrations/s')],
  })),
];

/** Ratios to the baseline: `floor` must be reached (or, where less is better, not be exceeded), `aim` is hoped for. */
export const floors = [
  ...['async recv', 'selecting recv'].flatMap((contender) => [
    { contender, figure: 'echo64', floor: 1, aim: 1.15 },
    { contender, figure: 'echo16k', floor: 1, aim: 1.3 },
    { contender, figure: 'conn', floor: 0.85, aim: 1 },
  ]),
  { contender: 'async recv', figure: 'idle', floor: 1.5 },
  { contender: 'selecting recv', figure: 'fair', floor: 0.5 },
  { contender: 'async UDP sendto', figure: 'udp64', floor: 0.8, aim: 1 },
];
