/** Says which operation took too long. */
export class TimeLimitError extends Error {
  constructor(limitMs: number) {
    super(`No answer within ${limitMs} ms.`);
    this.name = 'TimeLimitError';
  }
}

/** Settles like `operation`, or rejects with `TimeLimitError` after `limitMs`; a later outcome is dropped. */
export async function withTimeLimit<T>(operation: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(limitMs)), limitMs);
  });
  try {
    return await Promise.race([operation, limit]);
  } finally {
    clearTimeout(timer);
  }
}
