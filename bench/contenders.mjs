/** Who is measured. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { calibrate } = createRequire(import.meta.url)('./servers/compute.js');

const servers = join(import.meta.dirname, 'servers');
const node = (file, ...args) => [process.execPath, join(servers, file), ...args];

/** Of a millisecond, the same for all who compute. */
let steps;
const stepsPerMs = () => (steps ??= calibrate());

const baselines = {
  tcp: 'raw net',
  udp: 'raw dgram',
  attendance: 'attendance in Python, in memory',
  computing: 'async computing',
  starting: 'raw net starting',
};

/**
 * The name of the contender that another one is divided by.
 *
 * @param {Contender} contender
 */
export const baselineOf = ({ family = 'tcp', baseline = baselines[family] }) => baseline;

/**
 * Who is compared with whom: echo servers for connections, echo servers for datagrams, roll calls, handlers that compute,
 * calls from a worker, servers that begin to listen.
 *
 * @typedef {'tcp' | 'udp' | 'attendance' | 'computing' | 'calls' | 'starting'} Family
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(figure: Figure, folder: string) => string[]} command starts the server, which may keep data in the folder
 * @property {boolean} [waits] it waits for its client by design, and is never as busy as the others @default false
 * @property {string[]} [figures] the only ones it takes part in @default all of its family
 * @property {Family} [family] @default 'tcp'
 * @property {string} [baseline] the name of the contender that it is divided by @default that of its family
 * @property {number} [processors] how many it can keep busy, where it has them @default 1
 */

/** What `fair` tells of threads and children that have one processor together is what it tells of `async`. */
const figuresOfWorkers = ['echo64', 'echo16k', 'conn', 'idle'];

/** @type {Contender[]} */
export const contenders = [
  { name: 'raw net', command: () => node('raw-net.js', 'echo') },
  { name: 'raw net, lines', command: () => node('raw-net.js', 'lines') },
  { name: 'CPython ThreadingTCPServer', command: () => ['python3', join(servers, 'python_threading.py')] },
  ...['async', 'selecting', 'threading', 'forking'].flatMap((strategy) =>
    ['recv', 'line', 'message'].map((mode) => ({
      name: `${strategy} ${mode}`,
      command: ({ bytes }) => node('ours.js', mode, strategy, String(bytes)),
      ...(['threading', 'forking'].includes(strategy) ? { figures: figuresOfWorkers } : {}),
    })),
  ),
  {
    name: 'forking recv, children accept',
    command: ({ bytes }) => node('ours.js', 'recv', 'forking', String(bytes), 'children-accept'),
    figures: ['echo64', 'conn'],
  },
  // One connection at a time: only short ones come to an end.
  {
    name: 'sequential recv',
    command: () => node('ours.js', 'recv', 'sequential'),
    waits: true,
    figures: ['conn'],
  },
  { name: 'raw dgram', command: () => node('raw-dgram.js'), family: 'udp' },
  {
    name: 'CPython ThreadingUDPServer',
    command: () => ['python3', join(servers, 'python_threading.py'), 'udp'],
    family: 'udp',
  },
  ...[
    'async sendto',
    'async file',
    'async message',
    'selecting sendto',
    'sequential sendto',
    'threading sendto',
    'forking sendto',
  ].map((words) => {
    const [strategy, mode] = words.split(' ');
    return {
      name: `${strategy} UDP ${mode}`,
      command: ({ bytes }) => node('ours-udp.js', mode, strategy, String(bytes)),
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
    command: (_, folder) => node('attendance.js', strategy, folder),
    family: 'attendance',
  })),
  ...['async', 'selecting', 'threading', 'forking'].map((strategy) => ({
    name: `${strategy} computing`,
    command: () => node('computing.js', strategy, String(stepsPerMs())),
    family: 'computing',
    processors: ['threading', 'forking'].includes(strategy) ? 2 : 1,
  })),
  ...['thread', 'child'].flatMap((kind) => [
    {
      name: `bare channel, ${kind}`,
      command: () => node('calls.js', 'bare', kind),
      family: 'calls',
      baseline: `bare channel, ${kind}`,
    },
    {
      name: `shared call, ${kind}`,
      command: () => node('calls.js', 'shared', kind),
      family: 'calls',
      baseline: `bare channel, ${kind}`,
    },
  ]),
  { name: 'raw net starting', command: () => node('starting.js', 'net'), family: 'starting' },
  ...['async', 'selecting', 'threading', 'forking'].map((strategy) => ({
    name: `${strategy} starting`,
    command: () => node('starting.js', strategy),
    family: 'starting',
  })),
];
