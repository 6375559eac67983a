/** Something that `select()` and a `Selector` can wait for: a connected socket, or one that listens. */
export interface Pollable {
  /** Whether `recv()` or `accept()` would return at once: bytes, a connection, an end or an error has come. */
  readonly readable: boolean;
  /** Whether everything sent so far is with the operating system, so that `send()` would take more at once. */
  readonly writable: boolean;
  /** Whether an error has come. */
  readonly exceptional: boolean;
  /** Asks to be called whenever one of the three may have become true. Calls can be spurious. */
  watch(watcher: Watcher): void;
  /** Ends a `watch()`. Idempotent. */
  unwatch(watcher: Watcher): void;
  /** The descriptor; -1 when closed, or where the system has none. */
  fileno(): number;
}

/** Called, without arguments and within the event, when something may have become ready. */
export type Watcher = () => void;
