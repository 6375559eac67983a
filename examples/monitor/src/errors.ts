/** The root of the monitor's own errors. `code` is stable. */
export class MonitorError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The hub ended the connection. An agent has nothing to read from it, so an end is all it can learn. */
export class ServerGoneError extends MonitorError {
  constructor() {
    super('the server ended the connection; reconnect to go on', 'ERR_MONITOR_SERVER_GONE');
  }
}

/** A frame could not be handed to the network in time, because the hub no longer reads. */
export class SendTimeoutError extends MonitorError {
  constructor(
    /** Milliseconds that the agent waited. */
    readonly timeout: number,
  ) {
    super(`the server took no frame for ${timeout} ms; reconnect to go on`, 'ERR_MONITOR_SEND_TIMEOUT');
  }
}
