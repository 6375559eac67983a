import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';
import { join } from 'node:path';

/** A program that runs beside the test, and is ended with it. */
export class Program {
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #onOutput: () => void = () => undefined;

  /** Starts a program of Python's that serves at port 99xx: at any free port instead, which it then says. */
  static python(text: string): Program {
    const announce = 'print("serving at", server.server_address[1], flush=True)';
    const announced = text
      .replace(/\b99\d\d\b/, '0')
      .replace(/^( *)(server\.serve_forever\(\))$/m, `$1${announce}; $2`);
    return new Program('python3', ['-c', announced]);
  }

  /** Starts a program of Node's that says where it serves: see `fixtures/announce.cjs`. */
  static node(script: string, ...args: string[]): Program {
    const announce = join(__dirname, 'fixtures', 'announce.cjs');
    return new Program(process.execPath, ['--require', announce, script, ...args]);
  }

  constructor(command: string, args: string[]) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#onOutput();
      });
    }
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** Waits until the output matches, and gives the match. Fails with the output when the program ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      const more = new Promise<'more'>((resolve) => (this.#onOutput = () => resolve('more')));
      const next = await Promise.race([more, this.#ended]);
      if (next !== 'more' && !pattern.test(this.output)) {
        throw new Error(`the program ended with ${next} before it said ${String(pattern)}:\n${this.output}`);
      }
    }
  }

  async port(): Promise<number> {
    return Number((await this.says(/serving at (\d+)\n/))[1]);
  }

  /** Ends it, and gives its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }

  /** What it printed itself. */
  get printed(): string {
    return this.output.replace(/^serving at .*\n/gm, '');
  }

  /** Its exit code, when it ends by itself. */
  async end(): Promise<number | null> {
    return this.#ended;
  }
}

/** Connects, sends, and reads until as many bytes have come as `reply` has. */
export async function exchange(port: number, request: string, reply: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    socket.write(request);
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length >= Buffer.byteLength(reply)) break;
    }
    return received.toString();
  } finally {
    socket.destroy();
  }
}

/** Sends one datagram, and gives the one that comes back. */
export async function exchangePackets(port: number, request: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.send(request, port, '127.0.0.1');
    const [packet] = (await once(socket, 'message')) as [Buffer];
    return packet.toString();
  } finally {
    socket.close();
  }
}
