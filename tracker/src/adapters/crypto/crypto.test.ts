import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isSoundPublicKey, rawPublicKeyOf, verifyEd25519 } from "./ed25519.ts";
import { loadTrackerKey } from "./tracker-key.ts";
import { createUnguessableRandom } from "./unguessable.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const text = new TextEncoder();

describe("Ed25519 keys", () => {
  it("verifies what the key signed and nothing else", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const raw = rawPublicKeyOf(publicKey);
    const data = text.encode("hello");
    const signature = new Uint8Array(sign(null, data, privateKey));
    expect(isSoundPublicKey(raw)).toBe(true);
    expect(await verifyEd25519(raw, data, signature)).toBe(true);
    expect(await verifyEd25519(raw, text.encode("hullo"), signature)).toBe(false);
    signature[5]! ^= 1;
    expect(await verifyEd25519(raw, data, signature)).toBe(false);
    expect(await verifyEd25519(raw.slice(1), data, signature)).toBe(false);
    expect(await verifyEd25519(raw, data, signature.slice(1))).toBe(false);
  });

  it("refuses the key under which OpenSSL takes one signature for every message", () => {
    const identity = bytes("01" + "00".repeat(31));
    const signature = bytes("01" + "00".repeat(63));
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), identity]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    for (const message of ["a", "b", "c"])
      expect(verify(null, text.encode(message), key, signature)).toBe(true);
    expect(isSoundPublicKey(identity)).toBe(false);
  });

  it.each([
    ["0", "00".repeat(32)],
    ["0 with the sign bit", "00".repeat(31) + "80"],
    ["1 with the sign bit", "01" + "00".repeat(30) + "80"],
    ["-1", "ec" + "ff".repeat(30) + "7f"],
    ["order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
    ["order 8, other sign", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"],
    ["order 8, the other", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"],
    ["p, which is 0 again", "ed" + "ff".repeat(30) + "7f"],
    ["p + 1, which is 1 again", "ee" + "ff".repeat(30) + "7f"],
    ["p + 5, not canonical", "f2" + "ff".repeat(30) + "7f"],
    ["all ones", "ff".repeat(32)],
    ["too short", "02"],
  ])("refuses y = %s", (_, hex) => {
    expect(isSoundPublicKey(bytes(hex))).toBe(false);
  });
});

describe("the tracker's key", () => {
  let dir = "";
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "tributary-key-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is made once, kept for its owner alone and found again", () => {
    const data = join(dir, "not", "yet");
    const first = loadTrackerKey(data);
    expect(readdirSync(data)).toEqual(["tracker-key.pem"]);
    const file = join(data, "tracker-key.pem");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    const second = loadTrackerKey(data);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(second.trackerId).toEqual(first.trackerId);
    expect(second.swarmIdOf("film", 0)).toEqual(first.swarmIdOf("film", 0));
  });

  it("signs so that its public key fits", async () => {
    const key = loadTrackerKey(null);
    const data = text.encode("roots");
    expect(await verifyEd25519(key.trackerId, data, key.sign(data))).toBe(true);
    expect(loadTrackerKey(null).trackerId).not.toEqual(key.trackerId);
  });

  it("names the file where it holds something else", () => {
    const file = join(dir, "tracker-key.pem");
    writeFileSync(file, "no key");
    expect(() => loadTrackerKey(dir)).toThrow(file);
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    writeFileSync(file, rsa.export({ format: "pem", type: "pkcs8" }));
    expect(() => loadTrackerKey(dir)).toThrow(/not an Ed25519 key/);
  });

  it("gives swarm ids that differ by title, by day and by tracker", () => {
    const [key, other] = [loadTrackerKey(null), loadTrackerKey(null)];
    const dayMs = 86_400_000;
    const ids = [
      key.swarmIdOf("a", 0),
      key.swarmIdOf("b", 0),
      key.swarmIdOf("a", dayMs),
      other.swarmIdOf("a", 0),
    ].map((id) => Buffer.from(id).toString("hex"));
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => id.length === 64)).toBe(true);
    expect(key.swarmIdOf("a", dayMs - 1)).toEqual(key.swarmIdOf("a", 0));
  });
});

it("draws random numbers from 0 to 1 over and over", () => {
  const random = createUnguessableRandom();
  const drawn = Array.from({ length: 3_000 }, random);
  expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(2_990);
});
