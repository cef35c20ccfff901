import type { DriverOptions } from "../driver-contract.ts";

/** What the page's publisher admits this session with; empty where it has none. */
export async function tokenOf(
  { token }: DriverOptions,
  contentId: string,
  keyThumbprint: string,
): Promise<string> {
  if (typeof token === "function") return token({ contentId, keyThumbprint });
  return token ?? "";
}
