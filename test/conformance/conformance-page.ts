import type { Departure } from './departures';
import type { Requirement, Section, Shown } from './requirement';

/**
 * The page as Markdown.
 *
 * @param departures rows of the page on the differences, by their first cell
 */
export function conformancePage(sections: readonly Section[], departures: ReadonlyMap<string, Departure>): string {
  const all = sections.flatMap(({ requirements }) => requirements);
  const departing = all.filter(({ departure }) => departure !== undefined).length;
  const tables = sections.map(({ title, intro, requirements }) => {
    const rows = requirements.map((each) => row(each, departures));
    // Aligned, the cells would be mostly spaces.
    const table = ['<!-- prettier-ignore -->', '| Python | Here | Shown by |', '| --- | --- | --- |', ...rows].join(
      '\n',
    );
    return [`## ${title}`, ...(intro === undefined ? [] : [intro]), table].join('\n\n');
  });
  return [
    "# How much of Python's `socketserver` is here?",
    `**${all.length} requirements: ${all.length - departing} as in Python, ${departing} departures.**`,
    INTRO,
    ...tables,
    OUTRO,
  ].join('\n\n');
}

const INTRO = `Everything that CPython's \`Lib/socketserver.py\` (3.11 to 3.14) promises or is seen to do, and each of the 27 tests of its
\`Lib/test/test_socketserver.py\`, with the tests that show it here. A run of all tests writes this page, and fails when a
test that is named here is missing, is skipped, or fails.

- **Differs** stands before what is done on purpose in another way; all of that is in
  [What differs from Python's \`socketserver\`?](differences-from-python.md).
- \`{strategy}\` in the name of a test stands for one test for each of \`sequential\`, \`async\` and \`selecting\`;
  \`{worker}\` for one for each of \`threading\` and \`forking\`; \`{every}\` for one for each of the five.

Names are Python's in camelCase and times are milliseconds throughout; that is not repeated in each line.`;

const OUTRO = `## Write this page

\`\`\`bash
npm test
\`\`\`

The requirements are in \`test/conformance\`.`;

function row(requirement: Requirement, departures: ReadonlyMap<string, Departure>): string {
  const { python, shown = [] } = requirement;
  return `| ${python} | ${here(requirement, departures)} | ${shown.map(links).join('<br>')} |`;
}

function here({ here, departure }: Requirement, departures: ReadonlyMap<string, Departure>): string {
  if (departure === undefined) return here ?? 'the same';
  const { here: instead = '', why = '' } = departures.get(departure) ?? {};
  return `**Differs:** ${here ?? instead} (${why})`;
}

function links([file, ...names]: Shown): string {
  return names.map((name) => `[${escapeMarkdown(name)}](../${file})`).join('<br>');
}

/** Keeps the names of tests from becoming emphasis, code or cells. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_<[\]|]/g, '\\$&');
}
