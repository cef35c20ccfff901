import type { DriverOptions } from "../driver-contract.ts";

/** What the page's publisher admits this session with; empty where it has none. */
export async function tokenOf(
  { token }: DriverOptions,
  contentId: string,
  keyThumbprint: string,
): Promise<string> {
  if (typeof token !== "function") return token ?? "";
  const given: unknown = await token({ contentId, keyThumbprint });
  if (typeof given === "string") return given;
  throw new TypeError(`option "token" must give a string, but gave ${String(given)}`);
}
