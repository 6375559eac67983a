import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { Channel } from '../../src/remote/channel';
import { PortChannel } from '../../src/remote/port-channel';
import { ProcessChannel } from '../../src/remote/process-channel';

const fixture = join(__dirname, '..', 'fixtures', 'remote-end.js');

/** A channel to a thread or a child that does what it is told, and what has come from there. */
export class FarEnd {
  readonly channel: Channel;
  readonly messages: object[] = [];
  /** How often the end of the channel was told. */
  ends = 0;
  /** The exit code of the thread or child; `null` when it was killed. */
  readonly exited: Promise<number | null>;
  readonly #kill: () => unknown;
  #look: () => void = () => undefined;

  constructor(where: 'child' | 'thread') {
    const far = where === 'thread' ? new Worker(fixture) : fork(fixture, { serialization: 'advanced', execArgv: [] });
    this.exited = once(far, 'exit').then(([code]) => code as number | null);
    this.channel = far instanceof Worker ? new PortChannel(far) : new ProcessChannel(far);
    this.#kill = () => (far instanceof Worker ? far.terminate() : far.kill('SIGKILL'));
    this.channel.onMessage = (message) => {
      this.messages.push(message);
      this.#look();
    };
    this.channel.onClose = () => {
      this.ends += 1;
      this.#look();
    };
  }

  /** Has it do something. */
  tell(task: string, more?: object): void {
    this.channel.post({ task, ...more });
  }

  /** Resolves with what came when that many messages have come, or the channel has ended. */
  async received(count: number): Promise<object[]> {
    while (this.messages.length < count && this.ends === 0) {
      await new Promise<void>((resolve) => (this.#look = resolve));
    }
    return this.messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.exited;
  }
}
