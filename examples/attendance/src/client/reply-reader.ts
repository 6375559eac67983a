/**
 * Finds the end of a reply, which has neither a length nor a terminator.
 *
 * ```
 *   A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!
 *   A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['042191010']
 *   Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!
 *   Você já registrou sua presença nesta turma!
 *   Esta turma não está com presença ativa. Solicitação rejeitada em 19/11/2026 às 08:05
 *   101,19/11/2026,08:05
 *   101,19/11/2026,08:05,['042191010']
 * ```
 *
 * A reply that begins like one of these ends where that form ends, however the network cuts it and however long the list
 * is. Any other text (an error, the words of a foreign server) is over when nothing more comes.
 */

/** `whole`: it has its end. `perhaps`: it is over if nothing more comes. `begun`: more must come. */
export type ReplyState = 'begun' | 'perhaps' | 'whole';

const MOMENT = String.raw`\d{2}/\d{2}/\d{4} às \d{2}:\d{2}`;
const DAY_AND_TIME = String.raw`\d{2}/\d{2}/\d{4},\d{2}:\d{2}`;
const FIELDS = String.raw`\d{1,15},${DAY_AND_TIME}`;

/** The forms without a list, from their beginning to their end. */
const sentence = new RegExp(
  [
    `^A chamada da turma .+ foi ativada em ${MOMENT}!`,
    `^Presença registrada com sucesso na turma .+ em ${MOMENT}!`,
    '^Você já registrou sua presença nesta turma!',
    String.raw`^Esta turma não está com presença ativa\.\s+Solicitação rejeitada em ${MOMENT}`,
  ].join('|'),
);
const fields = new RegExp(`^${FIELDS}`);
const refusal = new RegExp(`^0,${DAY_AND_TIME}$`);
/** What comes before a list. */
const list = new RegExp(
  `^(?:A chamada da turma .+ foi encerrada em ${MOMENT}! Os seguintes alunos registraram presença: |${FIELDS},)(?=\\[)`,
);

const beginnings = [
  'A chamada da turma ',
  'Presença registrada com sucesso na turma ',
  'Você já registrou sua presença nesta turma',
  'Esta turma não está com presença ativa.',
];
/** As much of {@link fields} as has come, if nothing else has. */
const fieldsBegun = /^\d{1,15}(?:,[\d/]{0,10}(?:,[\d:]{0,5},?)?)?$/;

/** Characters in which every form has shown itself: lists are longer, but what comes before them is not. */
const HEAD = 256;

/** Takes one reply as it comes. */
export class ReplyReader {
  /** Bytes that have come. */
  length = 0;

  readonly #listsStudents: boolean;
  // A byte order mark is text like any other here: the terminal is shown all that came.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #text = '';
  #state: ReplyState = 'begun';
  /** It is none of the forms. */
  #isForeign = false;
  #isList = false;
  /** The quotation mark that the end of the text is inside of. */
  #quote = '';
  #isEscaped = false;

  /** @param listsStudents whether a reply in fields goes on with a list of students after its time */
  constructor(listsStudents: boolean) {
    this.#listsStudents = listsStudents;
  }

  /** What has come, without line breaks and spaces around it. A character that is not whole yet is not there. */
  get text(): string {
    return this.#text.trim();
  }

  /** How far the reply has come. */
  get state(): ReplyState {
    return this.#state;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): ReplyState {
    this.length += bytes.length;
    const piece = this.#decoder.decode(bytes, { stream: true });
    this.#text += piece;
    return (this.#state = this.#isList ? this.#scan(piece) : this.#look());
  }

  #look(): ReplyState {
    if (this.#isForeign) return 'perhaps';
    const text = this.#text.trimStart();
    const head = text.slice(0, HEAD);
    const before = list.exec(head);
    if (before !== null) {
      this.#isList = true;
      return this.#scan(text.slice(before[0].length));
    }
    if (sentence.test(head)) return 'whole';
    if (fields.test(head) && !this.#listsStudents) return 'whole';
    // Whether a refusal has a list, empty as it is, nobody knows.
    if (refusal.test(head)) return 'perhaps';
    this.#isForeign = text.length > HEAD || !isBeginning(head);
    return this.#isForeign ? 'perhaps' : 'begun';
  }

  /** Looks for the bracket that ends Python's repr of a list of strings: one within quotation marks does not. */
  #scan(piece: string): ReplyState {
    for (const character of piece) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#quote !== '') {
        if (character === '\\') this.#isEscaped = true;
        else if (character === this.#quote) this.#quote = '';
      } else if (character === "'" || character === '"') this.#quote = character;
      else if (character === ']') return 'whole';
    }
    return 'begun';
  }
}

/** Whether the text can still become one of the forms. */
function isBeginning(text: string): boolean {
  return beginnings.some((each) => each.startsWith(text) || text.startsWith(each)) || fieldsBegun.test(text);
}
