/**
 * The outcome of `promise`, or the error of `late` after so many milliseconds. The promise itself goes on; when it fails
 * later, nobody hears of it.
 */
export async function withTimeout<T>(promise: Promise<T>, timeout: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeout);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}
