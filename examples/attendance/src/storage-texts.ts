/** What operators are told about the storage, in their language. `StorageError`s are in English, for programs and logs. */
import type { Language } from '@socketserver/host';

import { StorageError, type StorageReason } from './errors';

/** What the server logs. */
export interface StorageTexts {
  readonly failing: (why: string) => string;
  readonly working: string;
  /** Half of what `maxBytes` allows is in use; and not any more. */
  readonly half: (maxBytes: number) => string;
  readonly notHalf: string;
  /** Nine tenths of it are. */
  readonly nearlyAll: (maxBytes: number) => string;
  readonly notNearlyAll: string;
}

const portuguese: StorageTexts = {
  failing: (why) => `os pedidos são recusados, porque não podem ser gravados: ${why}`,
  working: 'os pedidos voltaram a ser gravados',
  half: (maxBytes) =>
    `mais da metade do espaço que maxBytes=${maxBytes} permite está em uso: pedidos que não mudam nada não são mais anotados na auditoria; permita mais com --set maxBytes=…`,
  notHalf: 'há espaço de novo: todos os pedidos são anotados na auditoria',
  nearlyAll: (maxBytes) =>
    `mais de nove décimos do espaço que maxBytes=${maxBytes} permite estão em uso: chamadas podem ser encerradas, mas não iniciadas, e presenças são recusadas; permita mais com --set maxBytes=…`,
  notNearlyAll: 'há espaço de novo: chamadas podem ser iniciadas, e presenças registradas',
};

const english: StorageTexts = {
  failing: (why) => `acts are refused, because they cannot be written down: ${why}`,
  working: 'acts can be written down again',
  half: (maxBytes) =>
    `more than half of what maxBytes=${maxBytes} allows is in use: acts that change nothing are no longer written into the audit; allow more with --set maxBytes=…`,
  notHalf: 'there is room again: all acts are written into the audit',
  nearlyAll: (maxBytes) =>
    `more than nine tenths of what maxBytes=${maxBytes} allows are in use: classes can be closed, but not opened, and students are refused; allow more with --set maxBytes=…`,
  notNearlyAll: 'there is room again: classes can be opened, and students register',
};

/** The texts by language. */
export const storageTexts: Readonly<Record<Language, StorageTexts>> = { 'pt-BR': portuguese, en: english };

const elsewhere = 'ou indique outra pasta com --set dataDir=…';

/** A `StorageError` in Portuguese, without its path. `detail` is in the words of whatever has failed. */
const reasons: Readonly<Record<StorageReason, (detail: string) => string>> = {
  full: () =>
    `o disco, ou o espaço que maxBytes permite, está cheio; libere espaço, permita mais com --set maxBytes=…, ${elsewhere}`,
  'in-use': () => `outro servidor ou programa está usando os dados; encerre-o, espere que termine, ${elsewhere}`,
  damaged: (detail) => `está danificado ou não é deste programa (${detail}); mova-o, ${elsewhere}`,
  newer: () => `foi criado por uma versão mais nova deste programa; use essa versão, ${elsewhere}`,
  denied: (detail) => `sem permissão para ler e gravar (${detail}); ajuste as permissões, ${elsewhere}`,
  'too-many-files': () => 'há arquivos demais abertos; permita mais (ulimit -n), ou menos clientes (--max-connections)',
  busy: () => 'há pedidos demais à espera do disco; tente novamente quando parte deles estiver gravada',
  failed: (detail) => `não pôde ser lido ou gravado (${detail}); verifique isso, ${elsewhere}`,
};

/** What has happened to the storage, and what to do. An error of another kind speaks for itself. */
export function storageText(error: Error, language: Language): string {
  if (language === 'en' || !(error instanceof StorageError)) return error.message;
  const { message, path, reason, cause } = error;
  const prefix = path === '' ? '' : `${path}: `;
  const own = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  return prefix + reasons[reason](causeOf(cause) ?? own);
}

/** The same error, saying it in this language; whatever is no `StorageError` as it is. */
export function inLanguage(error: unknown, language: Language): unknown {
  if (!(error instanceof StorageError)) return error;
  return new StorageError(storageText(error, language), error.reason, error.path, { cause: error });
}

/** It may come from another thread, and be a plain object then. */
function causeOf(cause: unknown): string | undefined {
  const { message } = (cause ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : undefined;
}
