/** What can be read off a thrown value, which need not be an error of this realm, or an error at all. */

/** What a thrown value says, as one line. */
export function reasonOf(error: unknown): string {
  const text = isErrorLike(error) ? (error.message === '' ? error.name : error.message) : String(error);
  return text.split('\n', 1)[0]?.trim() ?? '';
}

/** The `code` of a thrown value, such as `EADDRINUSE`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

// Not `instanceof`: an error may come from another realm or another copy of a package.
function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
