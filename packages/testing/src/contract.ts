/// <reference types="jest" />
import type { BaseServer, RequestHandlerClass, ServerOptions, Socket } from '@socketserver/core';

/** Makes a server of the strategy and transport under test, bound and active. */
export type ContractServer = (handler: RequestHandlerClass<Socket>, options?: ServerOptions) => Promise<BaseServer>;

export function contract(_name: string, _listen: ContractServer): void {}
