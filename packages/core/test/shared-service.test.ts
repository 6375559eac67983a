import { type Address, type AsyncMethods, type DatagramSocket, type Socket, shared } from '../src';

abstract class Roll {
  abstract add(name: string): Promise<number>;
}
class MemoryRoll extends Roll {
  override async add(_name: string) {
    return 1;
  }
  /** Not asked for by the token, so nobody calls it from afar. */
  clear(): void {}
}

abstract class SyncRoll {
  abstract add(name: string): number;
}
class MemorySyncRoll extends SyncRoll {
  override add() {
    return 1;
  }
}

class Mixed {
  readonly limit: number = 3;
  async read() {}
  write(): void {}
}

class OwnRoll {
  readonly limit = 3;
  #private() {
    return 1;
  }
  protected hidden(): number {
    return this.#private();
  }
  async add(_name: string) {
    return this.hidden();
  }
}

// What the compiler must refuse is checked when the tests are type-checked: an unused @ts-expect-error is an error.
describe('shared()', () => {
  it('takes services whose public methods return promises', () => {
    expect(shared(Roll, MemoryRoll)).toEqual({ token: Roll, implementation: MemoryRoll });
    expect(shared(OwnRoll, OwnRoll)).toEqual({ token: OwnRoll, implementation: OwnRoll });
    const token = Symbol('roll');
    expect(shared(token, OwnRoll)).toEqual({ token, implementation: OwnRoll });
    expect(shared<Roll>(token, MemoryRoll)).toEqual({ token, implementation: MemoryRoll });
  });

  it('refuses, in the compiler, a service with a synchronous method', () => {
    // @ts-expect-error -- add() returns a number
    shared(SyncRoll, MemorySyncRoll);
    // @ts-expect-error -- write() returns nothing
    shared(Mixed, Mixed);
    // @ts-expect-error -- a symbol says nothing, so the implementation itself has to be asynchronous
    shared(Symbol('roll'), MemorySyncRoll);
    // @ts-expect-error -- the same for a name
    shared('roll', Mixed);
    expect.assertions(0);
  });

  it('refuses, in the compiler, an implementation of something else', () => {
    // @ts-expect-error -- MemoryRoll has no add() that returns a string
    shared<{ add(name: string): Promise<string> }>(Symbol('roll'), MemoryRoll);
    // @ts-expect-error -- OwnRoll is no Roll: it lacks clear()
    shared(MemoryRoll, OwnRoll);
    expect.assertions(0);
  });

  it('takes methods whose arguments are data, of whatever kind', () => {
    interface Tree {
      readonly name: string;
      readonly branches: readonly Tree[];
    }
    abstract class Plain {
      abstract report(peer: Address, at: Date, bytes: Buffer, more?: { readonly floats: Float64Array }): Promise<void>;
      abstract replace(all: ReadonlyMap<string, Set<bigint>>, pattern: RegExp | null): Promise<void>;
      abstract plant(tree: Tree, anything: unknown, ...others: any[]): Promise<Tree>;
      abstract empty(nothing: object): Promise<void>;
    }
    const Implementation = class {} as new () => Plain;
    expect(shared(Plain, Implementation)).toEqual({ token: Plain, implementation: Implementation });
  });

  it('refuses, in the compiler, a method that takes a function, a symbol or a socket', () => {
    interface Taking<A> {
      take(first: string, argument: A): Promise<void>;
    }
    const taking = <A>() => class {} as new () => Taking<A>;
    // @ts-expect-error -- a function
    shared('taking', taking<() => void>());
    // @ts-expect-error -- a class
    shared('taking', taking<typeof Roll>());
    // @ts-expect-error -- a symbol, perhaps
    shared('taking', taking<string | symbol>());
    // @ts-expect-error -- a socket
    shared('taking', taking<Socket>());
    // @ts-expect-error -- a socket for datagrams, somewhere in it
    shared('taking', taking<readonly { readonly socket?: DatagramSocket }[]>());
    // @ts-expect-error -- a function, as one of the options
    shared('taking', taking<{ readonly name: string; readonly onEnd?: () => void }>());
    // @ts-expect-error -- an object with methods, which would not arrive
    shared('taking', taking<Map<string, URL>>());
    abstract class Listening {
      abstract listen(name: string, listener?: (text: string) => void): Promise<void>;
    }
    // @ts-expect-error -- a function, which may be left out
    shared(Listening, class {} as new () => Listening);
    expect.assertions(0);
  });

  it('describes with AsyncMethods what can be called from afar', () => {
    const asynchronous = (_service: AsyncMethods<Roll>): true => true;
    expect(asynchronous(new MemoryRoll())).toBe(true);
    // @ts-expect-error -- add() returns a number
    asynchronous(new MemorySyncRoll());
  });
});
