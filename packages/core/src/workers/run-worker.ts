/**
 * A worker, from its first moment to its last: it loads the handler, serves what it is given, and ends with its channel.
 */
import type { Adopter } from '@socketserver/socket';

import type { DeadlineError, ShutdownError } from '../errors';
import { type RequestHandlerClass, closure, nameOf } from '../handler-factory';
import { type DependencyContainer, container as globalContainer } from '../injection';
import type { Channel } from '../remote/channel';
import { Outbox } from '../remote/outbox';
import { SharedCalls } from '../remote/shared-calls';
import type { ResultsMessage } from '../remote/shared-messages';
import { sharedProxy } from '../remote/shared-proxy';
import { fromWire, toWire } from '../remote/wire-error';
import type { ShutdownReport } from '../server-view';
import { loadHandler } from './handler-module';
import type {
  AcceptedMessage,
  EndedMessage,
  FromWorker,
  RequestMessage,
  SetupModule,
  ToWorker,
  WorkerSetup,
  WorkerTask,
} from './messages';
import { whileLoading } from './loading';
import { adoptPacket } from './packet-parcel';
import { RemoteDatagramSocket } from './remote-datagram-socket';
import { toEnded } from './wire-end';
import { WorkLog } from './work-log';
import { WorkerServer } from './worker-server';

/** Milliseconds: the server itself cuts who does not end in time. */
const NEVER = 2 ** 31 - 1;

/** Milliseconds after which the server hears that requests have ended: to wake it for each costs more than they do. */
const ENDS = 1;

/** Milliseconds after which the server hears of what a child has accepted by itself, and has ended. */
const NEWS = 5;

/** Milliseconds that handlers have when the server has gone. */
export const LAST_WORDS = 1000;

/** @param adopter what takes over the connections that come */
export async function runWorker(channel: Channel, task: WorkerTask, adopter: Adopter): Promise<void> {
  const outbox = new Outbox<AcceptedMessage | EndedMessage>(
    (messages) => channel.post(messages.length === 1 ? messages[0]! : { type: 'batch', messages }),
    (flush) => setTimeout(flush, task.accepting === undefined ? ENDS : NEWS),
  );
  // Also when a handler of somebody else ends all of it now.
  process.once('exit', outbox.flush);
  const post = (message: FromWorker): void => {
    outbox.flush();
    channel.post(message);
  };
  const calls = new SharedCalls(channel);
  const socket = new RemoteDatagramSocket(task.serverAddress, post);
  const wishes = new Map<number, (report: ShutdownReport) => void>();
  let lastWish = 0;
  let server: WorkerServer;
  /** What the worker was prepared with: the server's scope is in it. */
  let scope: DependencyContainer | undefined;
  try {
    server = await start();
  } catch (error) {
    post({ type: 'started', thrown: toWire(error) });
    return;
  }
  channel.onMessage = (message) => {
    const { type } = message as ToWorker | ResultsMessage;
    if (type === 'results') calls.receive(message as ResultsMessage);
    else hear(message as ToWorker);
  };
  channel.onClose = () => {
    calls.close();
    socket.disconnected();
    server.drain(LAST_WORDS);
  };
  channel.start();
  try {
    if (task.accepting !== undefined) await server.acceptAlone(task.accepting);
    post({ type: 'started' });
  } catch (error) {
    post({ type: 'started', thrown: toWire(error) });
  }

  async function start(): Promise<WorkerServer> {
    const { serverAddress, deadlines, slate } = task;
    const { handler, container } = await whileLoading(prepare);
    scope = container;
    addServices(handler, container);
    const server = new WorkerServer(
      serverAddress,
      handler,
      { container, deadlines, drainTimeout: NEVER },
      {
        ended: (id, end, isFailure) => {
          // What the handler has called goes before.
          calls.flush();
          outbox.add(toEnded(id, end, isFailure));
        },
        shutdown: (caller) => {
          const wish = (lastWish += 1);
          post({ type: 'shutdown', caller, wish });
          return new Promise((resolve) => wishes.set(wish, resolve));
        },
        accepted: (id, clientAddress) => {
          const message: AcceptedMessage = { type: 'accepted', id, clientAddress };
          // With a handler deadline the server has to know before the handler begins: it may compute for ever.
          if (slate === undefined) outbox.add(message);
          else post(message);
        },
        trouble: (error) => post({ type: 'trouble', thrown: toWire(error) }),
      },
      slate === undefined ? null : new WorkLog(slate),
    );
    return server;
  }

  async function prepare(): Promise<WorkerSetup> {
    const { source } = task;
    if ('setup' in source) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- known only now
      const { setupWorker } = require(source.setup) as SetupModule;
      return setupWorker(source.data, (message) => post({ type: 'told', message }));
    }
    const handler = (await loadHandler(source)) as RequestHandlerClass<never>;
    return { handler, container: globalContainer.createChildContainer() };
  }

  /** Whoever needs a shared service gets its proxy. Services are known by the names of their tokens. */
  function addServices(handler: RequestHandlerClass<never>, container: DependencyContainer): void {
    const tokens = closure(handler);
    task.services.forEach((service, index) => {
      const token = tokens.find((each) => nameOf(each) === service.name);
      if (token !== undefined) container.register(token, { useValue: sharedProxy(service, index, calls) });
    });
  }

  function hear(message: ToWorker): void {
    switch (message.type) {
      case 'batch':
        return message.messages.forEach(hear);
      case 'request':
        return take(message);
      case 'replied':
        return socket.replied(message);
      case 'cut':
        post({ type: 'cut-heard', id: message.id });
        return server.cut(message.id, message.reason, fromWire(message.thrown) as DeadlineError | ShutdownError);
      case 'drain':
        server.drain(message.remaining);
        if (task.accepting !== undefined) post({ type: 'suspended' });
        return;
      case 'serve':
        return server.serve();
      case 'shut':
        wishes.get(message.wish)?.(message.report);
        wishes.delete(message.wish);
        return;
      case 'suspend':
        server.suspend();
        return post({ type: 'suspended' });
      case 'ping':
        return post({ type: 'pong' });
      case 'end':
        return void end();
    }
  }

  /** Frees what the handlers have had in common. Who takes too long over that is killed. */
  async function end(): Promise<void> {
    try {
      await server.container.dispose();
      await scope?.dispose();
    } finally {
      process.exit();
    }
  }

  function take({ id, clientAddress, parcel }: RequestMessage): void {
    try {
      const request = parcel.way === 'packet' ? adoptPacket(parcel, socket) : adopter.adopt(parcel);
      server.take(id, request, clientAddress);
    } catch (error) {
      outbox.add(toEnded(id, { reason: 'error', error, bytesRead: 0, bytesWritten: 0 }, true));
    }
  }
}
