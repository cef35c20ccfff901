import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isIceUrl, jsonObject, type IceServer } from "@tributary/protocol";
import type { TurnOptions } from "./adapters/crypto/turn-credentials.ts";
import { bareOriginOf } from "./adapters/verifier/origin-policy.ts";
import { parseBlock } from "./core/address.ts";
import type { SocketsChoice, TrackerOptions } from "./index.ts";
import { adminSecretLengthMin } from "./pages/admin.ts";

export const USAGE = `Usage: npm run tracker -- [flags]

  --port 8000            port for WebSocket and HTTP; 0 picks a free one
  --host ADDRESS         default 127.0.0.1 with --open, else 0.0.0.0
  --data ./data          where the tracker's key and its database are kept
  --database URL         PostgreSQL (postgres://…) or a SQLite file; default: tributary.sqlite in --data
  --open                 admit any publisher (demos and tests)
  --admin-secret-file F  opens the HTTP API for publishers to whoever knows the secret in this file
                         (or in the environment as TRIBUTARY_ADMIN_SECRET)
  --sockets auto         uws | ws | auto
  --no-verifier          do not compute segment roots from the CDN
  --origin URL           an origin the verifier may fetch from, such as https://cdn.example.com; repeatable
  --ice-server SERVER    stun:host:port, or JSON {"urls":["turn:…"],"username":"…","credential":"…"}; repeatable
  --turn-url URL         turn:host:3478 or turns:…; viewers get credentials for it that run out; repeatable
  --turn-secret-file F   the TURN server's shared secret (coturn: static-auth-secret)
  --turn-ttl 21600       seconds until those credentials run out
  --turn-range BLOCK     where TURN servers relay, such as 203.0.113.0/24; repeatable
  --trust-proxy          take client addresses from the last entry of X-Forwarded-For
  --epoch 600            seconds of an accounting epoch
  --settle-after 120     seconds from an epoch's close to its settlement
  --escrow 1209600       seconds that rewards are pending before they are posted
  --allow-same-network   with --open: count transfers inside one network
  --help
`;

export type CliOptions =
  | { readonly kind: "run"; readonly tracker: TrackerOptions }
  | { readonly kind: "help" }
  /** One line for the user. */
  | { readonly kind: "wrong"; readonly reason: string };

const FLAGS = {
  port: { type: "string", default: "8000" },
  host: { type: "string" },
  data: { type: "string", default: "./data" },
  database: { type: "string" },
  "admin-secret-file": { type: "string" },
  open: { type: "boolean", default: false },
  sockets: { type: "string", default: "auto" },
  "no-verifier": { type: "boolean", default: false },
  origin: { type: "string", multiple: true },
  "ice-server": { type: "string", multiple: true },
  "turn-url": { type: "string", multiple: true },
  "turn-secret-file": { type: "string" },
  "turn-ttl": { type: "string", default: "21600" },
  "turn-range": { type: "string", multiple: true },
  "trust-proxy": { type: "boolean", default: false },
  epoch: { type: "string", default: "600" },
  "settle-after": { type: "string", default: "120" },
  escrow: { type: "string", default: "1209600" },
  "allow-same-network": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

class WrongFlag extends Error {}

/** @param environment for secrets that shall not be seen in the list of processes */
export function parseCli(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): CliOptions {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false });
    if (values.help) return { kind: "help" };
    if (values.data === "") throw new WrongFlag("--data: expected a folder");
    if (values.host === "") throw new WrongFlag("--host: expected an address");
    if (values["allow-same-network"] && !values.open)
      throw new WrongFlag("--allow-same-network: only together with --open");
    return {
      kind: "run",
      tracker: {
        port: integer("--port", values.port, 0, 65_535),
        ...(values.host === undefined ? {} : { host: values.host }),
        dataDir: values.data,
        ...(values.database === undefined ? {} : { database: values.database }),
        ...adminSecret(values["admin-secret-file"], environment["TRIBUTARY_ADMIN_SECRET"]),
        open: values.open,
        sockets: socketsChoice(values.sockets),
        verifier: !values["no-verifier"],
        origins: (values.origin ?? []).map(bareOrigin),
        iceServers: (values["ice-server"] ?? []).map(iceServer),
        ...turn(values["turn-url"], values["turn-secret-file"], values["turn-ttl"]),
        turnRanges: (values["turn-range"] ?? []).map(turnRange),
        trustProxy: values["trust-proxy"],
        epochSeconds: integer("--epoch", values.epoch, 1, 86_400),
        settleAfterSeconds: integer("--settle-after", values["settle-after"], 0, 86_400),
        escrowSeconds: integer("--escrow", values.escrow, 0, 366 * 86_400),
        allowSameNetwork: values["allow-same-network"],
      },
    };
  } catch (error) {
    const isUsers =
      error instanceof WrongFlag || String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    if (!isUsers) throw error;
    return { kind: "wrong", reason: (error as Error).message.split(/\n|\. /)[0] ?? "" };
  }
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new WrongFlag(`${flag}: expected a number from ${min} to ${max}, got ${JSON.stringify(text)}`);
}

function adminSecret(file: string | undefined, variable: string | undefined): { adminSecret?: string } {
  const [name, secret] =
    file === undefined
      ? ["TRIBUTARY_ADMIN_SECRET", variable]
      : ["--admin-secret-file", secretIn("--admin-secret-file", file)];
  if (secret === undefined) return {};
  if (secret.length >= adminSecretLengthMin) return { adminSecret: secret };
  throw new WrongFlag(`${name}: expected at least ${adminSecretLengthMin} characters`);
}

function turn(
  urls: readonly string[] | undefined,
  secretFile: string | undefined,
  ttl: string,
): { turn?: TurnOptions } {
  const lifetimeMs = integer("--turn-ttl", ttl, 60, 7 * 86_400) * 1000;
  if (urls === undefined && secretFile === undefined) return {};
  if (urls === undefined) throw new WrongFlag("--turn-secret-file: needs --turn-url");
  if (secretFile === undefined) throw new WrongFlag("--turn-url: needs --turn-secret-file");
  const wrong = urls.find((url) => !/^turn/i.test(url) || !isIceUrl(url));
  if (wrong !== undefined)
    throw new WrongFlag(`--turn-url: expected turn:host:port, got ${JSON.stringify(wrong)}`);
  const secret = secretIn("--turn-secret-file", secretFile);
  if (secret === "") throw new WrongFlag(`--turn-secret-file: ${secretFile} is empty`);
  return { turn: { secret, urls, lifetimeMs } };
}

function turnRange(text: string): string {
  if (parseBlock(text) !== null) return text;
  throw new WrongFlag(
    `--turn-range: expected an address or a block such as 203.0.113.0/24, got ${JSON.stringify(text)}`,
  );
}

function secretIn(flag: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new WrongFlag(`${flag}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function socketsChoice(text: string): SocketsChoice {
  if (text === "uws" || text === "ws" || text === "auto") return text;
  throw new WrongFlag(`--sockets: expected uws, ws or auto, got ${JSON.stringify(text)}`);
}

function bareOrigin(text: string): string {
  const origin = bareOriginOf(text);
  if (origin !== null) return origin;
  throw new WrongFlag(`--origin: expected http(s)://host[:port], got ${JSON.stringify(text)}`);
}

function iceServer(text: string): IceServer {
  // TURN without credentials is refused by browsers, so that one must come as JSON.
  if (/^stun/i.test(text) && isIceUrl(text)) return { urls: [text], username: "", credential: "" };
  const parsed = jsonObject(text);
  const { urls: given, username = "", credential = "", ...unknown } = parsed ?? {};
  const urls: unknown = typeof given === "string" ? [given] : given;
  const isSound =
    Array.isArray(urls) &&
    urls.length > 0 &&
    urls.every((url) => typeof url === "string" && isIceUrl(url)) &&
    typeof username === "string" &&
    typeof credential === "string" &&
    Object.keys(unknown).length === 0;
  if (isSound) return { urls: urls as string[], username, credential };
  const wanted = 'stun:host:port or {"urls":[…],"username":"…","credential":"…"}';
  throw new WrongFlag(`--ice-server: expected ${wanted}, got ${JSON.stringify(text)}`);
}
