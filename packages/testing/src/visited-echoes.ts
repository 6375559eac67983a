/** The echoes of the contract once more, each with a service that lives as long as its connection. */
import { join } from 'node:path';

import { Lifecycle, inject, injectable, scoped } from '@socketserver/core';

import { LineEcho, MessageEcho, PacketEcho, PacketFileEcho, PlainEcho } from './contract-handlers';

const FILE = join(__dirname, '../dist/visited-echoes.js');

let made = 0;
let open = 0;

/** A service of a connection. How many were made, and not disposed yet, is counted where the handlers run. */
@scoped(Lifecycle.ContainerScoped)
class Visit {
  constructor() {
    made += 1;
    open += 1;
  }

  dispose(): void {
    open -= 1;
  }

  /** Always as long: what reads a stream has to know. */
  describe(): string {
    return `${String(made).padStart(6)} made, ${String(open).padStart(6)} open\n`;
  }
}

/** Bytes of what a visit says. */
export const VISIT_LENGTH = 25;

/** What an answer says. */
export function readVisit(answer: string): { readonly made: number; readonly open: number } {
  const [, made, open] = /^ *(\d+) made, +(\d+) open\n$/.exec(answer) ?? [];
  return { made: Number(made), open: Number(open) };
}

@injectable()
export class VisitedPlainEcho extends PlainEcho {
  static override readonly module: string = FILE;

  constructor(@inject(Visit) private readonly visit: Visit) {
    super();
  }

  describeVisit(): string {
    return this.visit.describe();
  }
}

@injectable()
export class VisitedLineEcho extends LineEcho {
  static override readonly module: string = FILE;

  constructor(@inject(Visit) private readonly visit: Visit) {
    super();
  }

  describeVisit(): string {
    return this.visit.describe();
  }
}

@injectable()
export class VisitedMessageEcho extends MessageEcho {
  static override readonly module: string = FILE;

  constructor(@inject(Visit) private readonly visit: Visit) {
    super();
  }

  describeVisit(): string {
    return this.visit.describe();
  }
}

@injectable()
export class VisitedPacketEcho extends PacketEcho {
  static override readonly module: string = FILE;

  constructor(@inject(Visit) private readonly visit: Visit) {
    super();
  }

  describeVisit(): string {
    return this.visit.describe();
  }
}

@injectable()
export class VisitedPacketFileEcho extends PacketFileEcho {
  static override readonly module: string = FILE;

  constructor(@inject(Visit) private readonly visit: Visit) {
    super();
  }

  describeVisit(): string {
    return this.visit.describe();
  }
}
