/** One server that is killed again and again, always in the same folder. */
import type { Strategy } from '@socketserver/core';
import { Program, type Random } from '@socketserver/testing';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Archive } from '../src/archive';
import { consult, Enrolment, study, teach } from './kill-load';
import { type FoundClass, Ledger } from './kills-ledger';
import { RollClient } from './roll-client';

const classNumbers = ['101', '102', '103', '104', '105', '106'];
const STUDENTS = 24;

const bin = join(__dirname, '../../../packages/host/bin/socketserver.js');
const plugin = join(__dirname, '..');

export class KillRun {
  readonly ledger = new Ledger();
  readonly #enrolment: Enrolment;

  constructor(
    readonly folder: string,
    readonly strategy: Strategy,
    readonly random: Random,
  ) {
    this.#enrolment = new Enrolment(random);
  }

  /** Starts the server, looks whether everything is there, and kills it under load. @returns what is wrong */
  async kill(): Promise<string[]> {
    // A server that is killed while it recovers must leave to the next what it found.
    if (this.random.chance(0.1)) await this.#killEarly();
    const { server, port } = await this.#start();
    const complaints = await this.#look(port);
    const clients = await this.#connect(port);
    const working = Promise.all(this.#work(clients)).catch(({ message }: Error) => complaints.push(message));
    // They end when the server does, unless something is wrong.
    await Promise.race([working, this.ledger.acknowledges(this.random.int(1, 300))]);
    // Not always right after a reply.
    await setTimeout(this.random.int(0, 4));
    await server.end('SIGKILL');
    await working;
    return complaints;
  }

  /** Starts the server once more, looks, and lets it end as it likes. @returns what is wrong */
  async finish(): Promise<string[]> {
    const { server, port } = await this.#start();
    const complaints = await this.#look(port);
    const code = await server.end('SIGTERM');
    return code === 0 ? complaints : [...complaints, `ended with ${code}: ${server.stderr}`];
  }

  async #start(): Promise<{ server: Program; port: number }> {
    const server = this.#program();
    const [, port] = await server.prints(/^listening on tcp:\/\/127\.0\.0\.1:(\d+) \(\w+\)$/m);
    return { server, port: Number(port) };
  }

  async #killEarly(): Promise<void> {
    const server = this.#program();
    await setTimeout(this.random.int(100, 500));
    await server.end('SIGKILL');
  }

  #program(): Program {
    const settings = ['--set', `dataDir=${this.folder}`];
    const args = [bin, 'serve', plugin, '--port', '0', '--strategy', this.strategy, '--workers', '2', ...settings];
    return new Program(process.execPath, args);
  }

  #connect(port: number): Promise<RollClient[]> {
    const count = classNumbers.length + STUDENTS;
    return Promise.all(Array.from({ length: count }, () => RollClient.connect(port)));
  }

  /** Lets a teacher for each class, and then the students, begin. */
  #work(clients: readonly RollClient[]): Promise<void>[] {
    const { ledger, random } = this;
    return clients.map((client, index) => {
      const classNumber = classNumbers[index];
      if (classNumber === undefined) return study(client, classNumbers, ledger, this.#enrolment);
      return teach(client, classNumber, ledger, random);
    });
  }

  /** Asks for the open sessions as clients do, and reads the closed ones where they are kept. */
  async #look(port: number): Promise<string[]> {
    const found = new Map<string, FoundClass>();
    const client = await RollClient.connect(port);
    const archive = Archive.open(this.folder);
    for (const classNumber of classNumbers) {
      const sessions = [...(archive?.sessions(classNumber) ?? [])];
      const closed = sessions.filter(({ closedAt }) => closedAt !== null);
      const open = await consult(client, classNumber);
      found.set(classNumber, { closed: closed.map(({ presences }) => presences.map(({ student }) => student)), open });
    }
    archive?.close();
    client.close();
    return this.ledger.compare(found);
  }
}
