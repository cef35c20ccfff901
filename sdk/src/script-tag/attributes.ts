import type { TokenSource } from "../driver-contract.ts";
import type { EngineOptions } from "../options.ts";

type Dataset = Readonly<Record<string, string | undefined>>;

/** The options that the script tag's `data-*` attributes ask for; null where it shall not wrap anything. */
export function autoOptions(data: Dataset): EngineOptions | null {
  if (switchOf(data, "auto", "wanted")["wanted"] === false) return null;
  const text = (name: string) => textOf(data, name);
  const tracker = text("tracker")
    ?.split(/[\s,]+/)
    .filter(Boolean);
  const [tokenUrl, contentId, icePolicy] = [text("tokenUrl"), text("contentId"), text("icePolicy")];
  const token = text("token") ?? (tokenUrl && tokenFrom(tokenUrl));
  const integrity = text("integrity") as EngineOptions["integrity"];
  const storageBytes = numberOf(data, "storageMaxBytes");
  const earn = earnOf(data);
  return {
    ...(tracker && { tracker }),
    ...(token && { token }),
    ...(contentId && { contentId }),
    ...(integrity && { integrity }),
    upload: {
      ...switchOf(data, "upload", "enabled"),
      ...switchOf(data, "uploadOnMetered", "onMetered"),
      ...numberEntry(data, "uploadMaxBps", "maxBps"),
      ...numberEntry(data, "uploadMaxBytesPerDay", "maxBytesPerDay"),
    },
    ...(icePolicy && { ice: { policy: icePolicy as "all" | "relay" } }),
    ...(storageBytes !== undefined && { storage: { maxBytes: storageBytes } }),
    ...(earn && { earn }),
  };
}

function earnOf(data: Dataset): EngineOptions["earn"] {
  const [account, delegation] = [textOf(data, "account"), textOf(data, "delegationUrl")];
  if (switchOf(data, "earn", "on")["on"]) return { account, delegation } as EngineOptions["earn"];
  for (const name of ["account", "delegationUrl"])
    if (data[name] !== undefined)
      throw new TypeError(`tributary: ${attribute(name)} is of use only with data-earn`);
  return undefined;
}

/** `data-fooBar` as the page wrote it. */
const attribute = (name: string): string => `data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** A template that fills in nothing must not turn into the default without a word. */
function textOf(data: Dataset, name: string): string | undefined {
  const text = data[name]?.trim();
  if (text === "")
    throw new TypeError(`tributary: ${attribute(name)} is empty: leave it out or give it a value`);
  return text;
}

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
    const token: unknown = text.startsWith("{") ? (JSON.parse(text) as { token: unknown }).token : text;
    if (typeof token !== "string" || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token))
      throw new Error(`${url} answered something that is no token`);
    return token;
  };
}
