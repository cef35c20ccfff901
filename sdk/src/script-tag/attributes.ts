import type { TokenSource } from "../driver-contract.ts";
import type { EngineOptions } from "../options.ts";

type Dataset = Readonly<Record<string, string | undefined>>;

/** The options that the script tag's `data-*` attributes ask for; null where it shall not wrap anything. */
export function autoOptions(data: Dataset): EngineOptions | null {
  if (data["auto"] === "off") return null;
  const tracker = data["tracker"]?.split(/[\s,]+/).filter(Boolean);
  const token = data["token"] || (data["tokenUrl"] ? tokenFrom(data["tokenUrl"]) : undefined);
  const storageBytes = numberOf(data, "storageMaxBytes");
  return {
    ...(tracker?.length && { tracker }),
    ...(token && { token }),
    ...(data["contentId"] && { contentId: data["contentId"] }),
    ...(data["integrity"] && { integrity: data["integrity"] as NonNullable<EngineOptions["integrity"]> }),
    upload: {
      ...switchOf(data, "upload", "enabled"),
      ...switchOf(data, "uploadOnMetered", "onMetered"),
      ...numberEntry(data, "uploadMaxBps", "maxBps"),
      ...numberEntry(data, "uploadMaxBytesPerDay", "maxBytesPerDay"),
    },
    ...(data["icePolicy"] && { ice: { policy: data["icePolicy"] as "all" | "relay" } }),
    ...(storageBytes !== undefined && { storage: { maxBytes: storageBytes } }),
    ...("earn" in data && {
      earn: { account: data["account"], delegation: data["delegationUrl"] } as EngineOptions["earn"] & object,
    }),
  };
}

/** `data-fooBar` as the page wrote it. */
const attribute = (name: string): string => `data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

function switchOf(data: Dataset, name: string, option: string): Record<string, boolean> {
  const value = data[name];
  if (value === undefined) return {};
  if (value === "on" || value === "true" || value === "") return { [option]: true };
  if (value === "off" || value === "false") return { [option]: false };
  throw new TypeError(`tributary: ${attribute(name)} must be "on" or "off", but is "${value}"`);
}

function numberEntry(data: Dataset, name: string, option: string): Record<string, number> {
  const value = numberOf(data, name);
  return value === undefined ? {} : { [option]: value };
}

function numberOf(data: Dataset, name: string): number | undefined {
  const text = data[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && value > 0) return value;
  throw new TypeError(`tributary: ${attribute(name)} must be a number above 0, but is "${text}"`);
}

/**
 * Asks the page's server for a token: POST { contentId, keyThumbprint } as JSON; the answer is the token itself or
 * { "token": "…" }.
 */
function tokenFrom(url: string): Exclude<TokenSource, string> {
  return async (request) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    const text = (await response.text()).trim();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return text.startsWith("{") ? String((JSON.parse(text) as { token: unknown }).token) : text;
  };
}
