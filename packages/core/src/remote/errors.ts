/** What can go wrong between a handler in a thread or process and a service in the server's process. */
import { ServerError } from '../errors';

/** A call of a shared service that came to nothing on its way. */
export class ServiceCallError extends ServerError {
  constructor(
    message: string,
    code: string,
    /** The service, by the name of its token. */
    readonly service: string,
    /** The method. */
    readonly method: string,
    options?: ErrorOptions,
  ) {
    super(`${service}.${method}(): ${message}`, code, options);
  }
}

/** The connection to the server's process has ended: nobody knows whether the call was carried out. */
export class ChannelClosedError extends ServiceCallError {
  constructor(service: string, method: string) {
    super(
      "the way to the server's process is closed; whether the call was carried out is not known",
      'ERR_CHANNEL_CLOSED',
      service,
      method,
    );
  }
}

/** Too many calls of this thread or process wait for their results. This one was not made. */
export class TooManyCallsError extends ServiceCallError {
  constructor(
    service: string,
    method: string,
    /** How many may wait. */
    readonly limit: number,
  ) {
    super(`${limit} calls wait for their results already; await some first`, 'ERR_TOO_MANY_CALLS', service, method);
  }
}

/** An argument or a result is no data: a function, a symbol, a socket. */
export class NotCloneableError extends ServiceCallError {
  constructor(
    service: string,
    method: string,
    /** Which argument, from 0; `undefined` for the result. */
    readonly argument: number | undefined,
    cause: unknown,
  ) {
    const what = argument === undefined ? 'the result' : `argument ${argument}`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${what} cannot be sent: ${reason}; send plain data`, 'ERR_NOT_CLONEABLE', service, method, { cause });
  }
}

/** The server's process has no such service, or the service no such public method. */
export class UnknownMethodError extends ServiceCallError {
  constructor(service: string, method: string) {
    super(
      'there is no such service or public method; run the same version everywhere',
      'ERR_UNKNOWN_METHOD',
      service,
      method,
    );
  }
}
