/** Clients for a soak: they come, ask, are answered and leave. */
import * as net from 'node:net';

/** Clients at a time, while it is not about that. */
const AT_A_TIME = 50;

/** Addresses to come from. The kernel keeps the port of a closed connection for a minute: one would not do. */
const HOSTS = process.platform === 'linux' ? 200 : 1;

let clients = 0;

interface Visit {
  /** Resolves also when that has failed. */
  readonly connected: Promise<void>;
  /** What came back, if anything did. */
  readonly answered: Promise<string>;
}

/** @param begin when it asks. @default as soon as it is connected */
function visit(port: number, begin?: Promise<void>): Visit {
  const localAddress = `127.0.0.${HOSTS === 1 ? 1 : 2 + (clients++ % HOSTS)}`;
  const socket = net.connect({ port, host: '127.0.0.1', localAddress }).setEncoding('latin1');
  let answer = '';
  // One that fails is one that is not answered.
  socket.on('error', () => undefined);
  socket.on('data', (text: string) => {
    answer += text;
    if (answer.endsWith('\n')) socket.end();
  });
  const answered = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)));
  const connected = new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  void connected.then(() => begin).then(() => socket.write('hello\n'));
  return { connected, answered };
}

/** How many of so many clients, some at a time, were answered rightly. */
export async function visitShortly(port: number, count: number): Promise<number> {
  let started = 0;
  let right = 0;
  const one = async (): Promise<void> => {
    while (started++ < count) if ((await visit(port).answered) === 'hello\n') right += 1;
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  return right;
}

/** How many of so many clients that were all connected before the first one asked. */
export async function visitAtOnce(port: number, count: number): Promise<number> {
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const visits = Array.from({ length: count }, () => visit(port, begun));
  await Promise.all(visits.map(({ connected }) => connected));
  begin();
  const answers = await Promise.all(visits.map(({ answered }) => answered));
  return answers.filter((answer) => answer === 'hello\n').length;
}
