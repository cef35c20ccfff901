import { parseArgs } from "node:util";
import { InputError, publisherName } from "./publisher-input.ts";

export const USAGE = `Usage: npm run publisher -- COMMAND [NAME] [flags]

  add NAME       registers a publisher; makes a key pair and prints where the private key is, or takes --public-key
  list           all publishers, their keys and origins
  origins NAME   replaces the origins by those given with --origin
  rotate NAME    adds another key, made here or from --public-key; the old ones stay until drop-key
  drop-key NAME --key-id ID
  remove NAME
  token NAME --content ID   a token for one viewer, signed with the key in --key (for tests and servers)
  ledger-token NAME         a token to read NAME's account with, on the tracker's page /earnings/
  egress NAME --content ID --epoch N --bytes B   reports what NAME's CDN gave out for a title in an epoch

  --data ./data        the tracker's data folder
  --database URL       where the tracker was given one
  --origin URL         where the publisher's media lives, such as https://cdn.example.com; repeatable
  --private-origins    take origins that are not on the public internet
  --public-key FILE    an Ed25519 public key (PEM, JWK or base64url), where the publisher keeps its private one
  --key-out FILE       where to put a private key that is made here; default: DATA/publishers/NAME.KEYID.pem
  --key FILE           for tokens: the private key; default: the newest of NAME in DATA/publishers
  --content ID         for token: the content id, or "*" for every title; for egress: the title
  --swarm ID           for egress: the swarm in base64url, instead of --content
  --epoch N, --bytes B for egress: whole numbers
  --tracker URL        for egress: where the tracker runs; default: http://127.0.0.1:8000
  --thumbprint T       for token: only the session key with this thumbprint may use it
  --page-origin URL    for token: only pages of this origin may bring it; repeatable
  --seconds 120        for tokens: how long it is valid, at most 300
`;

const FLAGS = {
  data: { type: "string", default: "./data" },
  database: { type: "string" },
  origin: { type: "string", multiple: true },
  "private-origins": { type: "boolean", default: false },
  "public-key": { type: "string" },
  "key-out": { type: "string" },
  "key-id": { type: "string" },
  key: { type: "string" },
  content: { type: "string" },
  swarm: { type: "string" },
  epoch: { type: "string" },
  bytes: { type: "string" },
  tracker: { type: "string", default: "http://127.0.0.1:8000" },
  thumbprint: { type: "string" },
  "page-origin": { type: "string", multiple: true },
  seconds: { type: "string", default: "120" },
  help: { type: "boolean", default: false },
} as const;

const COMMANDS = [
  "add",
  "list",
  "origins",
  "rotate",
  "drop-key",
  "remove",
  "token",
  "ledger-token",
  "egress",
] as const;

export interface PublisherCommand {
  readonly command: (typeof COMMANDS)[number];
  /** Empty for `list`. */
  readonly name: string;
  readonly dataDir: string;
  readonly database: string | undefined;
  readonly origins: readonly string[];
  readonly privateOrigins: boolean;
  readonly publicKeyFile: string | undefined;
  readonly keyOutFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyId: string;
  readonly contentId: string;
  readonly thumbprint: string | undefined;
  readonly pageOrigins: readonly string[] | undefined;
  readonly lifetimeMs: number;
  /** What `egress` reports, and to which tracker. */
  readonly egress: { readonly tracker: URL; readonly report: object } | null;
}

/** Null asks for the usage. @throws InputError */
export function parsePublisherCli(args: readonly string[]): PublisherCommand | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [command, name, ...more] = positionals;
  const found = COMMANDS.find((one) => one === command);
  if (found === undefined)
    throw new InputError(`expected one of ${COMMANDS.join(", ")}, got ${command ?? "none"}`);
  if (more.length > 0 || (found === "list" && name !== undefined))
    throw new InputError(`${more.at(-1) ?? name}: one word too many`);
  if (found === "drop-key" && values["key-id"] === undefined) throw new InputError("drop-key needs --key-id");
  if (found === "token" && !values.content) throw new InputError("token needs --content");
  return {
    command: found,
    name: found === "list" ? "" : publisherName(name),
    dataDir: values.data,
    database: values.database,
    origins: values.origin ?? [],
    privateOrigins: values["private-origins"],
    publicKeyFile: values["public-key"],
    keyOutFile: values["key-out"],
    keyFile: values.key,
    keyId: values["key-id"] ?? "",
    contentId: values.content ?? "",
    thumbprint: values.thumbprint,
    pageOrigins: values["page-origin"],
    lifetimeMs: seconds(values.seconds) * 1000,
    egress: found === "egress" ? egress(values) : null,
  };
}

function egress(values: ReturnType<typeof parse>["values"]): PublisherCommand["egress"] {
  const { content, swarm } = values;
  if ((content === undefined) === (swarm === undefined))
    throw new InputError("egress needs either --content or --swarm");
  const title = content === undefined ? { swarm } : { contentId: content };
  const tracker = URL.canParse(values.tracker) ? new URL("/ledger/egress", values.tracker) : null;
  if (tracker === null || !/^https?:$/.test(tracker.protocol))
    throw new InputError(`--tracker: expected an http or https URL, got ${JSON.stringify(values.tracker)}`);
  const report = { ...title, epoch: whole("--epoch", values.epoch), bytes: whole("--bytes", values.bytes) };
  return { tracker, report };
}

function whole(flag: string, text = ""): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InputError(`${flag}: expected a whole number, got ${JSON.stringify(text)}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw new InputError((error as Error).message.split(/\n|\. /)[0]);
  }
}

function seconds(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 300) return value;
  throw new InputError(`--seconds: expected a number from 1 to 300, got ${JSON.stringify(text)}`);
}
