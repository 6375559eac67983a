import type { Language } from './language';
import { codeOf, reasonOf } from './thrown';

/** Why a connection could not be made or was lost, by the code of the error. */
const reasons: Readonly<Partial<Record<string, Readonly<Record<Language, string>>>>> = {
  EACCES: { 'pt-BR': 'permissão negada', en: 'permission denied' },
  EADDRNOTAVAIL: { 'pt-BR': 'endereço inexistente nesta máquina', en: 'this machine has no such address' },
  EAI_AGAIN: { 'pt-BR': 'o nome não pôde ser resolvido agora', en: 'the name could not be resolved now' },
  ECONNREFUSED: { 'pt-BR': 'conexão recusada', en: 'connection refused' },
  ECONNRESET: { 'pt-BR': 'conexão interrompida pelo servidor', en: 'the server reset the connection' },
  EHOSTUNREACH: { 'pt-BR': 'máquina inalcançável', en: 'the machine cannot be reached' },
  ENETUNREACH: { 'pt-BR': 'rede inalcançável', en: 'the network cannot be reached' },
  ENOTFOUND: { 'pt-BR': 'nome desconhecido', en: 'unknown name' },
  EPIPE: { 'pt-BR': 'conexão encerrada pelo servidor', en: 'the server ended the connection' },
  ETIMEDOUT: { 'pt-BR': 'tempo esgotado', en: 'it took too long' },
};

/**
 * Why a connection could not be made or was lost, in a few words for people; for an error that is not known here, what it
 * says itself.
 *
 * @param own reasons by code that the app knows beside these, in the same language; they come first
 */
export function connectionReason(
  error: unknown,
  language: Language,
  own: Readonly<Partial<Record<string, string>>> = {},
): string {
  const code = codeOf(error) ?? '';
  return own[code] ?? reasons[code]?.[language] ?? reasonOf(error);
}
