import { type Clock, systemClock } from './clock';
import { SocketStateError } from './errors';
import type { Pollable, Watcher } from './pollable';

/** For `register()`: wait until something can be read or accepted. */
export const EVENT_READ = 1;
/** For `register()`: wait until something can be sent. */
export const EVENT_WRITE = 2;

/** What was registered, and what it was registered with. */
export interface SelectorKey<Data = unknown> {
  /** What is waited for. */
  readonly fileobj: Pollable;
  /** `EVENT_READ`, `EVENT_WRITE` or both (`|`). */
  readonly events: number;
  /** What it was registered with, for instance its state in the program. */
  readonly data: Data;
}

/**
 * Waits for many sockets at once. Source: `selectors.DefaultSelector`.
 *
 * Level-triggered, like Python's: what is ready and not used is reported again. A call costs as much as there are
 * sockets that something happened on, not as there are sockets.
 */
export class Selector<Data = unknown> {
  readonly #entries = new Map<Pollable, Entry<Data>>();
  /** Those that something happened on since they were last found idle. */
  readonly #stirred = new Set<Entry<Data>>();
  readonly #clock: Clock;
  #wake: (() => void) | null = null;
  #giveUp: (() => void) | null = null;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** How many are registered. */
  get size(): number {
    return this.#entries.size;
  }

  /** @throws {SocketStateError} when it is registered already */
  register(fileobj: Pollable, events: number, data: Data): SelectorKey<Data> {
    if (this.#entries.has(fileobj)) {
      throw new SocketStateError(`register: descriptor ${fileobj.fileno()} is registered already`, 'EEXIST');
    }
    const entry: Entry<Data> = { key: { fileobj, events, data }, watcher: () => this.#stir(entry) };
    this.#entries.set(fileobj, entry);
    fileobj.watch(entry.watcher);
    this.#stir(entry);
    return entry.key;
  }

  /** @throws {SocketStateError} when it is not registered */
  unregister(fileobj: Pollable): SelectorKey<Data> {
    const entry = this.#entries.get(fileobj);
    if (entry === undefined) throw new SocketStateError('unregister: this object is not registered', 'ENOENT');
    this.#entries.delete(fileobj);
    this.#stirred.delete(entry);
    fileobj.unwatch(entry.watcher);
    return entry.key;
  }

  /** Changes what is waited for. */
  modify(fileobj: Pollable, events: number, data: Data): SelectorKey<Data> {
    this.unregister(fileobj);
    return this.register(fileobj, events, data);
  }

  /**
   * Waits until at least one is ready, and gives all that are, each with the events that it is ready for.
   *
   * @param timeout milliseconds; 0: do not wait; `null`: as long as it takes. Empty when the time was over.
   * @throws {SocketStateError} when another `select()` is pending on this selector
   */
  async select(timeout: number | null = null): Promise<[key: SelectorKey<Data>, events: number][]> {
    if (this.#giveUp !== null) throw new SocketStateError('select: another select() is pending; await it', 'EALREADY');
    let isOver = timeout !== null && timeout <= 0;
    const giveUp = (): void => {
      isOver = true;
      this.#wake?.();
    };
    this.#giveUp = giveUp;
    const timer = timeout === null || isOver ? null : this.#clock.setTimeout(giveUp, timeout);
    try {
      for (;;) {
        const ready = this.#ready();
        if (ready.length > 0 || isOver) return ready;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
    } finally {
      timer?.cancel();
      this.#giveUp = null;
    }
  }

  /** Forgets all that is registered, and closes none of it. A pending `select()` gives an empty list. */
  close(): void {
    this.#giveUp?.();
    for (const fileobj of [...this.#entries.keys()]) this.unregister(fileobj);
  }

  #stir(entry: Entry<Data>): void {
    this.#stirred.add(entry);
    this.#wake?.();
  }

  #ready(): [SelectorKey<Data>, number][] {
    const ready: [SelectorKey<Data>, number][] = [];
    for (const entry of this.#stirred) {
      const { fileobj, events } = entry.key;
      const now = (fileobj.readable ? EVENT_READ : 0) | (fileobj.writable ? EVENT_WRITE : 0);
      if ((now & events) === 0) this.#stirred.delete(entry);
      else ready.push([entry.key, now & events]);
    }
    return ready;
  }
}

interface Entry<Data> {
  readonly key: SelectorKey<Data>;
  readonly watcher: Watcher;
}
