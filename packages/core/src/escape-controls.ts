/** C0 and C1 controls, DEL, line and paragraph separators, and the marks that reverse the direction of text. */
const controls = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Makes text of unknown origin safe for a terminal and for a line-based log: `\x1b` appears as those four characters.
 * @param keep characters that stay as they are. @default ''
 */
export function escapeControls(text: string, keep = ''): string {
  return text.replace(controls, (character) => {
    if (keep.includes(character)) return character;
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
