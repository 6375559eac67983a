import { type Answer, isKept } from './matrix';

/** The page as Markdown. @param answers of a run in which every promise was kept or did not apply */
export function matrixPage(answers: readonly Answer[]): string {
  const strategies = distinct(answers, 'strategy');
  const transports = distinct(answers, 'transport');
  const promises = distinct(answers, 'promise');
  const kept = answers.filter(isKept).length;
  return [
    '# Do all strategies keep the same promises?',
    `**Yes: ${strategies.length} strategies over ${transports.length} transports keep all of ${promises.length}.** They were asked ${kept} times, and kept ${kept} times; where a
promise makes no sense, which is so another ${answers.length - kept} times, it says below why.`,
    intro(promises.length),
    '## By strategy and transport',
    `Promises kept / promises that do not apply. A dash stands where there is no such handler.`,
    overview(answers, strategies, transports),
    NOTES,
    '## Promise by promise',
    `A promise is asked of every strategy over every transport, with each kind of handler that there is for it.`,
    table(
      ['Every server …', 'Kept', 'Does not apply'],
      promises.map((promise) => promiseRow(promise, answers)),
    ),
    OUTRO,
  ].join('\n\n');
}

function intro(promises: number): string {
  return `A handler class does not know its strategy. For you to be able to change that by one word, all servers have to behave alike:
when a client resets its connection, a handler throws or computes for too long, the server is suspended, drains, or is closed. So
there is one suite of ${promises} such promises for all. It is asked over real sockets of 127.0.0.1 or in the file system, with
real threads and child processes, and also fails a server that leaves a socket, timer, thread or child behind.

It is run twice: with the sources of this repository, and with the packages as npm installs them, from files packed for publication,
in an empty folder. What this page says is what both runs gave.`;
}

const NOTES = `- \`tcp\` and \`udp\` are IPv4 here. \`npm test\` also asks it over IPv6, of dual-stack servers, and of the fallbacks: reading by
  \`'data'\` events, accepting without the gate, relaying to threads.
- \`threading\` and \`forking\` have one worker here, so that its answers come in the order of the questions.
- Which strategy is for what: [Which strategy do I choose?](choosing-a-strategy.md)`;

const OUTRO = `## Write this page

\`\`\`bash
npm run matrix
\`\`\`

It fails, names the promise and leaves the page alone when one is broken, or skipped without a reason. To put a strategy of your own
through the same suite, see [How do I test my handlers?](testing-your-handlers.md)`;

/** A row for each strategy and kind of handler, a column for each transport. */
function overview(answers: readonly Answer[], strategies: readonly string[], transports: readonly string[]): string {
  const kinds = distinct(answers, 'kind');
  const rows = strategies.flatMap((strategy) =>
    kinds.map((kind, index) => {
      const cells = transports.map((transport) => {
        const asked = answers.filter(
          (each) => each.strategy === strategy && each.transport === transport && each.kind === kind,
        );
        const kept = asked.filter(isKept).length;
        return asked.length === 0 ? '–' : `${kept} / ${asked.length - kept}`;
      });
      return [index === 0 ? code(strategy) : '', withArticle(kind), ...cells];
    }),
  );
  return table(['Strategy', 'Handler', ...transports.map(code)], rows);
}

function promiseRow(promise: string, all: readonly Answer[]): string[] {
  const answers = all.filter((each) => each.promise === promise);
  const kept = answers.filter(isKept);
  const reasons = distinct(answers, 'reason').filter((reason) => reason !== null);
  const parts = reasons.map((reason) => `${where(answers, reason)}: ${escape(reason)}`);
  return [escape(promise), String(kept.length), parts.join('<br>')];
}

/** Where a promise does not apply for one reason, in words: "over `tcp` and `unix` with a `BaseRequestHandler`". */
function where(answers: readonly Answer[], reason: string): string {
  const concerned = answers.filter((each) => each.reason === reason);
  const strategies = distinct(concerned, 'strategy');
  const places = new Map<string, string[]>();
  for (const transport of distinct(concerned, 'transport')) {
    const kinds = kindsOver(concerned, transport);
    const isAll = kinds.length === kindsOver(answers, transport).length;
    const handlers = isAll ? '' : ` with ${list(kinds.map(withArticle))}`;
    places.set(handlers, [...(places.get(handlers) ?? []), code(transport)]);
  }
  const words = [...places].map(([handlers, transports]) => `over ${list(transports)}${handlers}`);
  const isEvery = strategies.length === distinct(answers, 'strategy').length;
  return isEvery ? words.join(', ') : `${words.join(', ')} under ${list(strategies.map(code))}`;
}

function kindsOver(answers: readonly Answer[], transport: string): string[] {
  return distinct(
    answers.filter((each) => each.transport === transport),
    'kind',
  );
}

function distinct<K extends keyof Answer>(answers: readonly Answer[], field: K): Answer[K][] {
  return [...new Set(answers.map((each) => each[field]))];
}

const code = (text: string): string => `\`${text}\``;
const withArticle = (kind: string): string => kind.replace(/\S+$/, '`$&`');

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  // Aligned, the cells would be mostly spaces.
  return ['<!-- prettier-ignore -->', ...lines].join('\n');
}

/** Keeps what a title has in it from becoming emphasis, code or cells. */
function escape(text: string): string {
  return text.replace(/[\\`*_<[\]|]/g, '\\$&');
}
