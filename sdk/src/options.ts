import { fitsUtf8, isIceUrl, MAX_CONTENT_ID_BYTES } from "@tributary/protocol";
import type {
  DelegationSource,
  DriverOptions,
  EarnOptions,
  IceServer,
  TokenSource,
} from "./driver-contract.ts";

/** How an engine is configured. Everything has a default; a wrong or unknown option is a TypeError that names it. */
export interface EngineOptions {
  /** WebSocket URL of the tracker, or several in the order to try them. Absent: CDN only. */
  tracker?: string | readonly string[];
  /** The publisher's token, or how to get one. */
  token?: TokenSource;
  /** Names the title; viewers of one id form one swarm. Default: origin and path of the multivariant playlist. */
  contentId?: string | ((url: string) => string);
  /** What identifies a media playlist, for CDNs whose playlist paths differ per viewer. */
  trackKey?: (url: string) => string;
  /** What identifies a segment, for CDNs whose segment paths differ per viewer. Byte ranges are added to it. */
  segmentKey?: (url: string) => string;
  upload?: {
    /** Default true. */
    enabled?: boolean;
    /** Bits per second. Default: no cap but what keeps this viewer's own playback safe. */
    maxBps?: number;
    maxBytesPerDay?: number;
    /** Upload although the browser says that the link is metered or data is being saved. Default false. */
    onMetered?: boolean;
  };
  /** Whose roots to trust. Default "auto": the playlist's, else the tracker's verifier. */
  integrity?: "auto" | "playlist" | "verifier";
  ice?: {
    /** Added to the servers that the tracker names. */
    servers?: readonly IceServer[];
    /** "relay" hides the viewer's address behind TURN. Default "all". */
    policy?: "all" | "relay";
  };
  storage?: {
    /** Default 192 MiB, on phones and tablets 64 MiB. */
    maxBytes?: number;
  };
  /** Who is credited for uploads. Absent: serves unpaid. Empty: the account that this browser keeps for the site. */
  earn?: {
    /** Ed25519 public key in base64url, of an account that is kept elsewhere. */
    account?: string;
    /** Signs for it when a session begins: a URL of your server, or a function. */
    delegation?: DelegationSource;
  };
}

/** `EngineOptions` with every default filled in. */
export interface ResolvedOptions extends DriverOptions {
  readonly contentId: string | ((url: string) => string) | null;
  readonly trackKey: ((url: string) => string) | null;
  readonly segmentKey: ((url: string) => string) | null;
}

const MIB = 1024 * 1024;
/** Less than a few segments is no storage. */
const STORAGE_BYTES_MIN = 1_000_000;

export function resolveOptions(options: EngineOptions = {}): ResolvedOptions {
  const given = group("", options, [
    "tracker",
    "token",
    "contentId",
    "trackKey",
    "segmentKey",
    "upload",
    "integrity",
    "ice",
    "storage",
    "earn",
  ]);
  const upload = group("upload", given.all["upload"], ["enabled", "maxBps", "maxBytesPerDay", "onMetered"]);
  const ice = group("ice", given.all["ice"], ["servers", "policy"]);
  const storage = group("storage", given.all["storage"], ["maxBytes"]);
  return {
    tracker: trackers(given.all["tracker"]),
    token: given.take("token", "a non-empty string or a function", isTextOr<TokenFunction>()) ?? null,
    contentId:
      given.take(
        "contentId",
        `a non-empty string of at most ${MAX_CONTENT_ID_BYTES} bytes or a function`,
        isContentId,
      ) ?? null,
    trackKey: urlKey("trackKey", given),
    segmentKey: urlKey("segmentKey", given),
    upload: {
      enabled: upload.take("enabled", "true or false", isBoolean) ?? true,
      maxBps: upload.take("maxBps", "bits per second above 0", isPositive) ?? Infinity,
      maxBytesPerDay: upload.take("maxBytesPerDay", "a number of bytes above 0", isPositive) ?? Infinity,
      onMetered: upload.take("onMetered", "true or false", isBoolean) ?? false,
    },
    integrity:
      given.take("integrity", '"auto", "playlist" or "verifier"', oneOf("auto", "playlist", "verifier")) ??
      "auto",
    ice: {
      servers: iceServers(ice.all["servers"]),
      policy: ice.take("policy", '"all" or "relay"', oneOf("all", "relay")) ?? "all",
    },
    storage: {
      maxBytes:
        storage.take(
          "maxBytes",
          `a number of bytes from ${STORAGE_BYTES_MIN}`,
          (value): value is number => isPositive(value) && value >= STORAGE_BYTES_MIN,
        ) ?? (isMobile() ? 64 : 192) * MIB,
    },
    earn: earn(given.all["earn"]),
  };
}

/** Options that belong together. */
interface Group {
  readonly all: Readonly<Record<string, unknown>>;
  /** One of them, undefined where it is not given. @throws TypeError naming it where it is not what is expected */
  take<T>(key: string, expected: string, holds: Guard<T>): T | undefined;
}

type Guard<T> = (value: unknown) => value is T;
type UrlKey = (url: string) => string;
type TokenFunction = Exclude<TokenSource, string>;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isKey = (value: unknown): value is string => isText(value) && /^[\w-]{43}$/.test(value);
const isContentId = (value: unknown): value is string | UrlKey =>
  typeof value === "function" || (isText(value) && fitsUtf8(value, MAX_CONTENT_ID_BYTES));
const isString: Guard<string> = (value) => typeof value === "string";
const isBoolean: Guard<boolean> = (value) => typeof value === "boolean";
const isPositive: Guard<number> = (value): value is number => typeof value === "number" && value > 0;
const isFunction: Guard<UrlKey> = (value): value is UrlKey => typeof value === "function";
// What a page's function returns can only be seen when it is called.
const isTextOr =
  <F>() =>
  (value: unknown): value is string | F =>
    isText(value) || typeof value === "function";
const oneOf =
  <T extends string>(...values: readonly T[]): Guard<T> =>
  (value): value is T =>
    values.includes(value as T);

function wrong(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`tributary: option "${name}" must be ${expected}, but is ${show(value)}`);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function check<T>(name: string, value: unknown, expected: string, holds: Guard<T>): T | undefined {
  if (value === undefined || holds(value)) return value;
  throw wrong(name, expected, value);
}

/** @param name of the option that holds them, "" for all options */
function group(name: string, value: unknown, names: readonly string[]): Group {
  const path = (key: string) => (name && `${name}.`) + key;
  if (value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value)))
    throw name === ""
      ? new TypeError(`tributary: "options" must be an object, but is ${show(value)}`)
      : wrong(name, "an object", value);
  const all = { ...value } as Record<string, unknown>;
  for (const key of Object.keys(all))
    if (!names.includes(key))
      throw new TypeError(`tributary: unknown option "${path(key)}"; known are ${names.join(", ")}`);
  return { all, take: (key, expected, holds) => check(path(key), all[key], expected, holds) };
}

/** What it gives is seen when it is called: whoever forgot a `return` should read the option's name. */
function urlKey(name: string, { take }: Group): UrlKey | null {
  const key = take(name, "a function", isFunction);
  if (key === undefined) return null;
  return (url) => {
    const text: unknown = key(url);
    if (isString(text)) return text;
    throw new TypeError(`tributary: option "${name}" must give a string, but gave ${show(text)}`);
  };
}

/** Only the shape is checked: a URL that leads nowhere must not keep a page from playing. */
function trackers(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (isText(value)) return [value];
  if (Array.isArray(value) && value.every(isText)) return [...value];
  throw wrong("tracker", "a WebSocket URL or a list of them", value);
}

function iceServers(value: unknown): readonly IceServer[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong("ice.servers", "a list of RTCIceServer objects", value);
  return value.map((server: unknown, index): IceServer => {
    const name = `ice.servers[${index}]`;
    if (typeof server !== "object" || server === null) throw wrong(name, "an RTCIceServer object", server);
    const { urls, username, credential } = server as Record<string, unknown>;
    const listed: unknown[] = Array.isArray(urls) ? urls : [urls];
    const bad = listed.findIndex((url) => !isString(url) || !isIceUrl(url));
    if (listed.length === 0 || bad !== -1)
      throw wrong(
        `${name}.urls`,
        "a stun: or turn: URL or a list of them",
        listed.length ? listed[bad] : urls,
      );
    check(`${name}.username`, username, "a string", isString);
    check(`${name}.credential`, credential, "a string", isString);
    // Browsers refuse to connect to anybody where a TURN server comes without them.
    if (listed.some((url) => /^turn/i.test(url as string)) && !(isText(username) && isText(credential)))
      throw new TypeError(`tributary: option "${name}" names a TURN server without username and credential`);
    return {
      urls: urls as string | string[],
      ...(username === undefined ? {} : { username: username as string }),
      ...(credential === undefined ? {} : { credential: credential as string }),
    };
  });
}

function earn(value: unknown): EarnOptions | null {
  if (value === undefined) return null;
  const { all } = group("earn", value, ["account", "delegation"]);
  const { account, delegation } = all;
  if ((account ?? delegation) !== undefined) {
    if (!isKey(account)) throw wrong("earn.account", "a public key in base64url", account);
    if (!isTextOr()(delegation))
      throw wrong("earn.delegation", "a non-empty string or a function", delegation);
  }
  return all;
}

function isMobile(): boolean {
  if (typeof navigator === "undefined") return false;
  const { userAgentData } = navigator as { userAgentData?: { mobile?: boolean } };
  return userAgentData?.mobile ?? /Mobi|Android|iPad/.test(navigator.userAgent ?? "");
}
