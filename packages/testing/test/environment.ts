/** What `run` gives, with so many environment variables set until it has. */
export async function inEnvironment<T>(environment: Record<string, string>, run: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    return await run();
  } finally {
    process.env = before;
  }
}
