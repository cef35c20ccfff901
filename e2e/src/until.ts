const TIMEOUT_MS = 40_000;
const POLL_MS = 100;

export interface UntilOptions {
  /** Completes "waited in vain until …". */
  readonly what: string;
  readonly timeoutMs?: number;
  /** Added to the message where the wait was in vain. */
  readonly describe?: () => Promise<string> | string;
}

/** Polls until the condition gives something true and returns that. Throws in plain words after the timeout. */
export async function until<T>(
  condition: () => Promise<T> | T,
  { what, timeoutMs = TIMEOUT_MS, describe }: UntilOptions,
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined | 0 | "">;
    if (performance.now() > endMs) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const more = describe ? `\n${await describe()}` : "";
  throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}${more}`);
}
