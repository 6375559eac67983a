/**
 * XML-RPC over the HTTP handler: a dispatcher that is mixed into a server, and the handler that asks it.
 *
 * Sources: `Lib/xmlrpc/server.py`, `SimpleXMLRPCDispatcher` and `SimpleXMLRPCRequestHandler`; xmlrpc.com/spec.md.
 */
import type { MaybePromise, ServerView, TCPServer } from '@socketserver/core';

import { HTTPHandler } from './http-handler';

/** What is sent: structures only in answers. */
export type Value = string | number | boolean | Value[] | { readonly [name: string]: Value };
export type RPCFunction = (...params: never[]) => MaybePromise<Value>;

/** What a dispatcher adds to a server. */
export interface XMLRPCDispatcher {
  registerFunction(name: string, called: RPCFunction): void;
  /** Makes the call that `request` is, and gives the answer or the fault, as XML. */
  marshaledDispatch(request: string): Promise<string>;
}

export function XMLRPCDispatcherMixIn<B extends new (...args: any[]) => TCPServer>(Base: B) {
  return class extends Base implements XMLRPCDispatcher {
    readonly #functions = new Map<string, RPCFunction>();

    registerFunction(name: string, called: RPCFunction) {
      this.#functions.set(name, called);
    }

    /** May be overridden. */
    dispatch(name: string, params: Value[]): MaybePromise<Value> {
      if (name === 'system.listMethods') return [...this.#functions.keys()].sort();
      const called = this.#functions.get(name);
      if (called === undefined) throw new TypeError(`method "${name}" is not supported`);
      return called(...(params as never[]));
    }

    async marshaledDispatch(request: string) {
      try {
        const { name, params } = parseCall(request);
        return `<methodResponse><params><param>${xmlOf(await this.dispatch(name, params))}</param></params></methodResponse>`;
      } catch (error) {
        const fault = { faultCode: 1, faultString: error instanceof Error ? `${error.name}: ${error.message}` : '' };
        return `<methodResponse><fault>${xmlOf(fault)}</fault></methodResponse>`;
      }
    }
  };
}

/** Buffers its answers, and sends them at once: as Python's does. */
export class XMLRPCHandler extends HTTPHandler {
  declare server: ServerView & XMLRPCDispatcher;
  rpcPaths = ['/', '/RPC2'];

  override async doPOST() {
    if (!this.rpcPaths.includes(this.path)) return this.sendError(404, 'no such page');
    const answer = await this.server.marshaledDispatch((await this.readBody()).toString());
    return this.respond(200, `<?xml version="1.0"?>${answer}`, 'text/xml');
  }
}

/** A scalar as a whole, or one tag. What is between tags otherwise has no meaning. */
const XML = /<(methodName|string|int|i4|double|boolean)>([^<]*)<\/\1>|<\/?\w+\/?>/g;

function parseCall(xml: string): { name: string; params: Value[] } {
  let name = '';
  const arrays: Value[][] = [[]];
  for (const [tag, type, text = ''] of xml.matchAll(XML)) {
    if (type === 'methodName') name = text;
    else if (type === 'boolean') arrays.at(-1)?.push(text === '1');
    else if (type === 'string') arrays.at(-1)?.push(unescaped(text));
    else if (type !== undefined) arrays.at(-1)?.push(Number(text));
    else if (tag === '<array>') arrays.push([]);
    else if (tag === '</array>') {
      const whole = arrays.pop() ?? [];
      arrays.at(-1)?.push(whole);
    }
  }
  const [params] = arrays;
  if (params === undefined || arrays.length !== 1 || name === '') throw new SyntaxError('this is not a call');
  return { name, params };
}

function xmlOf(value: Value): string {
  return `<value>${contentOf(value)}</value>`;
}

function contentOf(value: Value): string {
  if (typeof value === 'string') return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</string>`;
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === 'number') return Number.isInteger(value) ? `<int>${value}</int>` : `<double>${value}</double>`;
  if (Array.isArray(value)) return `<array><data>${value.map(xmlOf).join('')}</data></array>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${name}</name>${xmlOf(member)}</member>`,
  );
  return `<struct>${members.join('')}</struct>`;
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
