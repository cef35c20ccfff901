import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeHex } from "../hex.ts";
import { decodeBase64, encodeBase64 } from "../base64.ts";
import { sha256 } from "../testing/sha256.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Hashing, runHashing } from "./hashing.ts";
import {
  formatNote,
  formatNoteKey,
  noteKeyOf,
  openNote,
  parseNote,
  parseNoteKey,
  type NoteKey,
} from "./note.ts";
import { formatTlogProof, parseTlogProof } from "./tlog-proof.ts";

const { notes, checkpoint } = JSON.parse(
  readFileSync(new URL("../../vectors/transparency-log.json", import.meta.url), "utf8"),
) as {
  notes: { text: string; keys: Record<string, string>; seedBase64: string; lines: Record<string, string> };
  checkpoint: { note: string; origin: string; size: number; root: string; poem: string };
};

const run = <T>(hashing: Hashing<T>) => runHashing(hashing, sha256);
const keyOf = (name: string): NoteKey => {
  const parsed = run(parseNoteKey(notes.keys[name]!));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};
const { text } = notes;
const [peterLine, enochLine] = [notes.lines["PeterNeumann"]!, notes.lines["EnochRoot"]!];
const [peter, enoch] = [keyOf("PeterNeumann"), keyOf("EnochRoot")];

const verifyEd25519 = async (publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array) => {
  const key = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
  return verify(null, data, createPublicKey({ key, format: "jwk" }), signature);
};
const open = (note: string, key = peter) => openNote(note, key, verifyEd25519);

describe("a signed note of Go's checksum database", () => {
  it("opens for each of its keys, and the other's signature does not matter", async () => {
    const note = `${text}\n${peterLine}${enochLine}`;
    expect(await open(note, peter)).toEqual({ ok: true, value: text });
    expect(await open(note, enoch)).toEqual({ ok: true, value: text });
    expect(await open(`${text}\n${enochLine}`, peter)).toEqual({
      ok: false,
      reason: "not signed by PeterNeumann",
    });
  });

  it("is what we write with the same key", () => {
    const header = Buffer.from("302e020100300506032b657004220420", "hex");
    const seed = Buffer.from(notes.seedBase64, "base64");
    const key = createPrivateKey({ key: Buffer.concat([header, seed]), format: "der", type: "pkcs8" });
    const signature = new Uint8Array(sign(null, Buffer.from(text), key));
    const note = formatNote({ text, signatures: [{ name: peter.name, keyId: peter.id, signature }] });
    expect(note).toBe(`${text}\n${peterLine}`);
  });

  it("is refused when the text or the signature is another", async () => {
    const wrong = { ok: false, reason: "the signature of PeterNeumann is wrong" };
    expect(await open(`${text.replace("know", "knew")}\n${peterLine}`)).toEqual(wrong);
    expect(await open(`${text}\n${peterLine.replace("JkuBS", "JkuBT")}`)).toEqual(wrong);
    expect(await open(`${text}\n${peterLine}${peterLine.replace("JkuBS", "JkuBT")}`)).toEqual(wrong);
  });

  it.each([
    ["no signature", text],
    ["an empty list of signatures", `${text}\n`],
    ["a last line without its end", `${text}\n${peterLine.slice(0, -1)}`],
    ["a control character", `\u0001${text}\n${peterLine}`],
    ["a lone surrogate", `\ud800${text}\n${peterLine}`],
    ["a name with a space", `${text}\n${peterLine.replace("PeterNeumann", "Peter Neumann")}`],
    ["a name with a plus", `${text}\n${peterLine.replace("PeterNeumann", "Peter+Neumann")}`],
    ["a line that is no signature", `${text}\n${peterLine}Unexpected line.\n`],
    ["101 signatures", `${text}\n${peterLine.repeat(101)}`],
  ])("is malformed with %s", (_, note) => {
    expect(parseNote(note)).toEqual({ ok: false, reason: "malformed note" });
  });
});

describe("a note's key", () => {
  it("is written as it was read", () => {
    for (const name of ["PeterNeumann", "EnochRoot"])
      expect(formatNoteKey(keyOf(name))).toBe(notes.keys[name]);
  });

  it("is refused with any character changed or cut", () => {
    const good = notes.keys["PeterNeumann"]!;
    for (let at = 0; at < good.length; at++) {
      const changed = good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) + 1) + good.slice(at + 1);
      for (const bad of [changed, good.slice(0, at), good.slice(at + 1)])
        expect(run(parseNoteKey(bad)).ok, bad).toBe(false);
    }
    // Wrong length and unknown algorithm, with key ids that fit (also from note_test.go).
    for (const bad of [
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
      expect(run(parseNoteKey(bad)).ok).toBe(false);
  });

  it.each(["", "a b", "a+b", "a\u00a0b", "a\nb"])("has no name like %j", (name) => {
    expect(() => run(noteKeyOf(name, peter.publicKey))).toThrow(/^name: /);
  });
});

describe("a checkpoint", () => {
  it("is read and written as the specification shows it", () => {
    const parsed = parseNote(checkpoint.note);
    const value = { origin: checkpoint.origin, size: checkpoint.size, root: decodeHex(checkpoint.root)! };
    expect(parsed.ok && parseCheckpoint(parsed.value.text)).toEqual({ ok: true, value });
    expect(parsed.ok && formatCheckpoint(value) === parsed.value.text).toBe(true);
    expect(parsed.ok && formatNote(parsed.value)).toBe(checkpoint.note);
  });

  it("may follow a text with an empty line in it", () => {
    const parsed = parseNote(checkpoint.poem);
    expect(parsed.ok && formatNote(parsed.value)).toBe(checkpoint.poem);
  });

  const root = encodeBase64(new Uint8Array(32));
  it.each([
    `log\n5\n`,
    `log\n05\n${root}\n`,
    `log\n-1\n${root}\n`,
    `\n5\n${root}\n`,
    `log\n5\n${root}`,
    `log\n5\nAAAA\n`,
  ])("is malformed as %j", (malformed) => {
    expect(parseCheckpoint(malformed).ok).toBe(false);
  });
});

describe("a proof file of c2sp.org/tlog-proof", () => {
  const proof = {
    index: 73_894,
    path: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
    checkpoint: checkpoint.note,
  };

  it("is read as it was written, extra data or not", () => {
    const written = formatTlogProof(proof);
    expect(written.startsWith("c2sp.org/tlog-proof@v1\nindex 73894\nAQEB")).toBe(true);
    expect(parseTlogProof(written)).toEqual({ ok: true, value: proof });
    expect(parseTlogProof(written.replace("\n", "\nextra YWJj\n"))).toEqual({ ok: true, value: proof });
    const ofOne = { ...proof, index: 0, path: [] };
    expect(parseTlogProof(formatTlogProof(ofOne))).toEqual({ ok: true, value: ofOne });
  });

  it.each([
    ["another format", "c2sp.org/tlog-proof@v2\nindex 1\n\nx"],
    ["no index", "c2sp.org/tlog-proof@v1\nAAAA\n\nx"],
    ["a leading zero", "c2sp.org/tlog-proof@v1\nindex 01\n\nx"],
    ["a short hash", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx"],
    ["nothing", ""],
  ])("is refused with %s", (_, text) => {
    expect(parseTlogProof(text).ok).toBe(false);
  });
});

describe("base64", () => {
  it("takes only what it writes", () => {
    for (let length = 0; length < 9; length++) {
      const bytes = new Uint8Array(length).map((_, at) => 251 - at);
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    }
    for (const bad of ["A", "AA", "AAA", "AB==", "AA=A", "AA-_", "AAAA=", "===="])
      expect(decodeBase64(bad), bad).toBeNull();
  });
});
