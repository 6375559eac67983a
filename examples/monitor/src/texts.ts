/**
 * The texts of our own, in each language: what the agent and the start say to people.
 *
 * The lines of the lecture notes (frames, and what the hub prints when idle) are part of the protocol and not here.
 */
import { connectionReason, type Language } from '@socketserver/host';

export interface Texts {
  readonly language: Language;
  /** An agent's life, one line per change. */
  readonly connected: (address: string, host: string) => string;
  readonly unreachable: (address: string, reason: string) => string;
  readonly lost: (address: string, reason: string) => string;
  readonly probeFailed: (reason: string) => string;
  readonly stopped: string;
  /** Why a connection was lost, by the codes of our own errors. */
  readonly reasons: Readonly<Record<string, string>>;
  /** What `--name` should have been. */
  readonly expectedName: string;
  /** The hub. */
  readonly oneAtATime: string;
  readonly otherMachine: (command: string) => string;
  readonly onlyThisMachine: (command: string) => string;
  readonly portTaken: (address: string) => string;
  /** The commands' help. */
  readonly help: Readonly<
    Record<
      'agent' | 'start' | 'host' | 'port' | 'hubHost' | 'hubPort' | 'strategy' | 'name' | 'interval' | 'lang',
      string
    >
  >;
}

const portuguese: Texts = {
  language: 'pt-BR',
  connected: (address, host) => `Conectado a ${address} como ${host}`,
  unreachable: (address, reason) => `Sem conexão com ${address}: ${reason}. Novas tentativas até conseguir`,
  lost: (address, reason) => `Conexão com ${address} perdida: ${reason}. Reconectando`,
  probeFailed: (reason) => `Não foi possível ler a CPU e a memória: ${reason}`,
  stopped: 'Agente encerrado',
  reasons: {
    ERR_MONITOR_SEND_TIMEOUT: 'o servidor parou de ler',
    ERR_MONITOR_SERVER_GONE: 'o servidor encerrou a conexão',
  },
  expectedName: 'um nome que não seja vazio',
  oneAtATime: 'sequential: um agente de cada vez; os outros esperam na fila até que ele saia',
  otherMachine: (command) => `Em outra máquina: ${command}`,
  onlyThisMachine: (command) =>
    `Só esta máquina alcança o monitor. Para as outras: npm start -- --host 0.0.0.0 e, nelas, ${command}`,
  portTaken: (address) => `erro: o endereço ${address} já está em uso; escolha outra porta com --port`,
  help: {
    agent: 'Envia a carga de CPU e a memória disponível desta máquina a um monitor',
    start: 'Inicia o monitor e um agente desta máquina',
    host: 'nome ou endereço IP do monitor',
    port: 'porta do monitor',
    hubHost: 'endereço em que o monitor escuta; 0.0.0.0 para todos',
    hubPort: 'porta em que o monitor escuta',
    strategy: 'como os agentes são atendidos: sequential, async ou selecting',
    name: 'nome desta máquina (os primeiros 10 caracteres ASCII são enviados)',
    interval: 'milissegundos entre dois envios',
    lang: 'idioma dos textos: pt-BR ou en',
  },
};

const english: Texts = {
  language: 'en',
  connected: (address, host) => `Connected to ${address} as ${host}`,
  unreachable: (address, reason) => `No connection to ${address}: ${reason}. Trying until there is one`,
  lost: (address, reason) => `Lost the connection to ${address}: ${reason}. Reconnecting`,
  probeFailed: (reason) => `Could not read CPU and memory: ${reason}`,
  stopped: 'Agent stopped',
  reasons: {
    ERR_MONITOR_SEND_TIMEOUT: 'the server stopped reading',
    ERR_MONITOR_SERVER_GONE: 'the server ended the connection',
  },
  expectedName: 'a name that is not empty',
  oneAtATime: 'sequential: one agent at a time; the others wait in the queue until it leaves',
  otherMachine: (command) => `On another machine: ${command}`,
  onlyThisMachine: (command) =>
    `Only this machine can reach the hub. For the others: npm start -- --host 0.0.0.0 and, on them, ${command}`,
  portTaken: (address) => `error: the address ${address} is in use; choose another port with --port`,
  help: {
    agent: "Sends this machine's CPU load and available memory to a monitor hub",
    start: 'Starts the monitor hub and an agent for this machine',
    host: 'name or IP address of the hub',
    port: 'port of the hub',
    hubHost: 'address that the hub listens on; 0.0.0.0 for all',
    hubPort: 'port that the hub listens on',
    strategy: 'how agents are served: sequential, async or selecting',
    name: "this machine's name (its first 10 ASCII characters are sent)",
    interval: 'milliseconds between two frames',
    lang: 'language of the texts: pt-BR or en',
  },
};

/** The texts by language. */
export const texts: Readonly<Record<Language, Texts>> = { 'pt-BR': portuguese, en: english };

/** Why something failed, in a few words for people. */
export function reasonFor(error: unknown, { language, reasons }: Texts): string {
  return connectionReason(error, language, reasons);
}
