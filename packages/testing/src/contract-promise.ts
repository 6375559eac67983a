import type { ContractSubject } from './contract-subject';

/** What a transport or a kind of handler can have; not all promises make sense without. */
export type Trait = 'stream' | 'datagram' | 'reset' | 'messages';

/** One thing that every server keeps. */
export interface ContractPromise {
  /** A sentence: what the server does. */
  readonly title: string;
  /** What it takes for the promise to make sense; each with the reason why it does not without. */
  readonly needs?: Partial<Record<Trait, string>>;
  /** Resolves when the promise was kept, and fails by an expectation of Jest's. */
  keep(this: void, subject: ContractSubject): Promise<void>;
}
