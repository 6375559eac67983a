import { formatAddress, injectable, MessageHandler, Output } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

import { AttendanceService } from './attendance-service';
import { requests } from './codec';

/** Serves one teacher or student, or a program that speaks for many: each request gets one reply, in order. */
@injectable()
export class AttendanceHandler extends MessageHandler<string> {
  override readonly codec = requests;

  constructor(
    private readonly service: AttendanceService,
    private readonly output: Output,
  ) {
    super();
  }

  override setup(): void {
    this.output.write(`Cliente conectado:  ${pythonAddress(this.clientAddress)}\n`);
  }

  override async onMessage(text: string): Promise<void> {
    const reply = await this.service.handleMessage(text, formatAddress(this.clientAddress));
    this.output.write(`${reply}\n`);
    await this.send(reply);
  }
}

/** An address as Python prints it: `('127.0.0.1', 53211)`; with flow and scope, if it is of IPv6. */
function pythonAddress(address: Address): string {
  if (typeof address === 'string') return `'${address}'`;
  const [host, port] = address;
  return host.includes(':') ? `('${host}', ${port}, 0, 0)` : `('${host}', ${port})`;
}
