// Nothing of this project is imported here: the vectors are read as another implementation would, by docs/PROTOCOL.md.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Json = Record<string, unknown>;

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8")) as Json & {
    domain: string;
    type: number;
    keys: { name: string; seed: string; publicKey: string }[];
    valid: {
      name: string;
      signer: string;
      value: Json;
      preimage: string;
      signature: string;
      bytes: string;
    }[];
  };

const hex = (text: unknown) => Buffer.from(text as string, "hex");
function uint(width: number, value: unknown): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value as number));
  return bytes.subarray(8 - width);
}
const u8 = (value: unknown) => uint(1, value);
const u16 = (value: unknown) => uint(2, value);
const u32 = (value: unknown) => uint(4, value);
const u64 = (value: unknown) => uint(8, value);

interface Segment {
  track: number;
  sequence: number;
  part: number;
  fingerprint: number;
}
type Link = { segment: Segment; bytes: number };

const follows = (a: Segment, b: Segment) =>
  a.track === b.track &&
  (a.part < 0
    ? b.part < 0 && b.sequence === a.sequence + 1
    : b.part === a.part + 1 && b.sequence === a.sequence);

function runs(links: readonly Link[]): Buffer {
  const groups: Link[][] = [];
  for (const link of links) {
    const group = groups.at(-1);
    if (group !== undefined && follows(group.at(-1)!.segment, link.segment)) group.push(link);
    else groups.push([link]);
  }
  return Buffer.concat([
    u16(groups.length),
    ...groups.flatMap((group) => {
      const { track, sequence, part } = group[0]!.segment;
      const items = group.flatMap(({ segment, bytes }) => [u32(segment.fingerprint), u32(bytes)]);
      return [u32(track), u64(sequence), u32(part + 1), u16(group.length), ...items];
    }),
  ]);
}

const claim = (of: Json) => [
  hex(of["grantId"]),
  u32(of["seq"]),
  u64(of["bytes"]),
  u32(of["segments"]),
  hex(of["acc"]),
];

const bodies: Record<string, (value: Json) => Buffer[]> = {
  grant: (g) => [
    ...["trackerKeyId", "grantId"].map((name) => hex(g[name])),
    u32(g["epoch"]),
    ...["publisher", "swarm", "uploaderKey", "downloaderKey"].map((name) => hex(g[name])),
    ...["notBeforeMs", "expiryMs", "maxBytes"].map((name) => u64(g[name])),
    u8(g["payClass"] === "paid" ? 1 : 0),
  ],
  receipt: (r) => [...claim(r), u64(r["timestampMs"]), runs(r["links"] as Link[])],
  statement: (s) => {
    const entries = s["entries"] as Json[];
    return [
      hex(s["sessionKey"]),
      u32(s["epoch"]),
      u32(s["seq"]),
      u64(s["timestampMs"]),
      u64(s["cdnBytes"]),
      u16(entries.length),
      ...entries.flatMap((entry) => [
        ...(entry["role"] === "uploader" ? [u8(1), hex(entry["receipt"])] : [u8(0), ...claim(entry)]),
        runs(entry["links"] as Link[]),
      ]),
    ];
  },
  delegation: (d) => [
    ...["account", "sessionKey", "publisher"].map((name) => hex(d[name])),
    u64(d["expiryMs"]),
    u64(d["serial"]),
    hex(d["accountSignature"]),
  ],
  "resume-ticket": (t) => [
    ...["trackerKeyId", "sessionKey", "publisher", "contentHash", "account"].map((name) => hex(t[name])),
    u64(t["issuedMs"]),
    u64(t["expiryMs"]),
  ],
};

test.each(Object.keys(bodies))("%s: bytes and signatures by node:crypto alone", (name) => {
  const { domain, type, keys, valid } = load(name);
  expect(domain).toBe(`tributary/${name}/v1\0`);
  for (const { signer, value, preimage, signature, bytes } of valid) {
    const body = Buffer.concat([u8(type), ...bodies[name]!(value)]);
    expect(preimage).toBe(Buffer.concat([Buffer.from(domain), body]).toString("hex"));
    expect(bytes).toBe(Buffer.concat([body, hex(signature)]).toString("hex"));
    const key = keys.find((known) => known.name === signer)!;
    const der = Buffer.concat([hex("302e020100300506032b657004220420"), hex(key.seed)]);
    const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    expect(sign(null, hex(preimage), secret).toString("hex")).toBe(signature);
    const spki = Buffer.concat([hex("302a300506032b6570032100"), hex(key.publicKey)]);
    const open = createPublicKey({ key: spki, format: "der", type: "spki" });
    expect(verify(null, hex(preimage), open, hex(signature))).toBe(true);
  }
});

test("a delegation carries the account's signature over the offer", () => {
  const { keys, valid } = load("delegation");
  const { value } = valid[0]!;
  const offer = Buffer.concat([
    Buffer.from("tributary/delegation-offer/v1\0"),
    ...bodies["delegation"]!(value).slice(0, 5),
  ]);
  const spki = Buffer.concat([
    hex("302a300506032b6570032100"),
    hex(keys.find(({ name }) => name === "account")!.publicKey),
  ]);
  const open = createPublicKey({ key: spki, format: "der", type: "spki" });
  expect(verify(null, offer, open, hex(value["accountSignature"]))).toBe(true);
});

test("the accumulator", () => {
  const { links } = load("accumulator") as unknown as {
    links: (Link & { acc: string; root: string; next: string })[];
  };
  expect(links.length).toBeGreaterThan(3);
  let acc = Buffer.alloc(32);
  for (const { acc: before, segment, bytes, root, next } of links) {
    expect(before).toBe(acc.toString("hex"));
    const id = [u32(segment.track), u64(segment.sequence), u32(segment.part + 1), u32(segment.fingerprint)];
    acc = createHash("sha256")
      .update(Buffer.concat([acc, ...id, hex(root), u64(bytes)]))
      .digest();
    expect(acc.toString("hex")).toBe(next);
  }
});
