import { Logger } from '@socketserver/core';
import { ManualClock } from '@socketserver/socket';

import { DurableRoll } from '../src/durable-roll';
import { type AttendanceSettings, settings } from '../src/settings';
import { MemoryStore } from './memory-store';

/** A clock that goes on by a millisecond whenever somebody looks: no two acts happen at the same time. */
class CountingClock extends ManualClock {
  override date(): Date {
    this.advance(1);
    return super.date();
  }
}

/** A logger that keeps what it is told. */
export class KeptLog extends Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];

  override debug(fields: object, message: string): void {
    this.lines.push({ level: 'debug', fields, message });
  }

  override info(fields: object, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }

  override warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }

  override error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields, message });
  }
}

/** A roll that is not restored yet, its store, and what it logs. */
export function newRoll(given: Partial<AttendanceSettings> = {}, store = new MemoryStore()) {
  const log = new KeptLog();
  const roll = new DurableRoll(store, new CountingClock(), log, settings.parse(given));
  return { roll, store, log };
}

/** The same, restored. */
export async function openedRoll(given?: Partial<AttendanceSettings>, store?: MemoryStore) {
  const opened = newRoll(given, store);
  await opened.roll.restore();
  return opened;
}
