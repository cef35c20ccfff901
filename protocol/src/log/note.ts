import { decodeBase64, encodeBase64 } from "../base64.ts";
import type { Decoded } from "../codec/decode.ts";
import { encodeUtf8 } from "../utf8.ts";
import { concatenated, type Hashing } from "./hashing.ts";
import { equalBytes } from "../bytes.ts";

// Signed notes as in c2sp.org/signed-note: text, an empty line, and lines "— <key name> <base64>".

/** The signature type of plain Ed25519. */
const ED25519_TYPE = 1;
const KEY_ID_BYTES = 4;
const ED25519_KEY_BYTES = 32;
const SIGNATURES_MAX = 100;
const SIGNATURE_START = "\u2014 ";

export interface NoteKey {
  readonly name: string;
  /** 4 bytes */
  readonly id: Uint8Array;
  /** Ed25519, 32 bytes */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed: ends with a line break. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** True for a text without spaces and plus signs that fits a signature line. */
const isKeyName = (name: string) => name !== "" && !/[\s+\p{White_Space}\p{Cc}]/u.test(name);

/** SHA-256(name ‖ LF ‖ 0x01 ‖ key)[:4] @throws RangeError for a name that cannot stand in a note */
export function* noteKeyOf(name: string, publicKey: Uint8Array): Hashing<NoteKey> {
  if (!isKeyName(name))
    throw new RangeError(`name: expected text without spaces or "+", got ${JSON.stringify(name)}`);
  const hash = yield concatenated(encodeUtf8(`${name}\n`), Uint8Array.of(ED25519_TYPE), publicKey);
  return { name, id: hash.slice(0, KEY_ID_BYTES), publicKey };
}

const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** "name+c74f20a3+ARpc…": how verifiers are told a key. */
export function formatNoteKey({ name, id, publicKey }: NoteKey): string {
  return `${name}+${hexOf(id)}+${encodeBase64(concatenated(Uint8Array.of(ED25519_TYPE), publicKey))}`;
}

export function* parseNoteKey(text: string): Hashing<Decoded<NoteKey>> {
  const [, name = "", id = "", encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  const typed = decodeBase64(encoded);
  if (!isKeyName(name) || typed === null) return { ok: false, reason: "not a note's key" };
  if (typed[0] !== ED25519_TYPE || typed.length !== 1 + ED25519_KEY_BYTES)
    return { ok: false, reason: "not an Ed25519 key" };
  const key = yield* noteKeyOf(name, typed.slice(1));
  return hexOf(key.id) === id
    ? { ok: true, value: key }
    : { ok: false, reason: "the key id does not fit the key" };
}

export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(
    ({ name, keyId, signature }) =>
      `${SIGNATURE_START}${name} ${encodeBase64(concatenated(keyId, signature))}\n`,
  );
  return `${text}\n${lines.join("")}`;
}

const malformed = { ok: false, reason: "malformed note" } as const;

export function parseNote(note: string): Decoded<Note> {
  if (/(?!\n)\p{Cc}|\p{Surrogate}/u.test(note) || !note.endsWith("\n")) return malformed;
  const split = note.lastIndexOf("\n\n");
  if (split < 1) return malformed;
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) return malformed;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [name = "", encoded = "", ...more] = line.slice(SIGNATURE_START.length).split(" ");
    const bytes = decodeBase64(encoded);
    if (!line.startsWith(SIGNATURE_START) || !isKeyName(name) || more.length > 0) return malformed;
    if (bytes === null || bytes.length <= KEY_ID_BYTES) return malformed;
    signatures.push({ name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) });
  }
  return { ok: true, value: { text: note.slice(0, split + 1), signatures } };
}

/** Ed25519 over `data`; false for anything that is no signature of it. */
export type VerifySignature = (
  publicKey: Uint8Array,
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array,
) => Promise<boolean>;

/**
 * The text of a note that `key` signed. Signatures of other keys are ignored; a wrong one under this key's name
 * and id makes the whole note untrusted.
 */
export function openNote(note: string, key: NoteKey, verify: VerifySignature): Promise<Decoded<string>> {
  const parsed = parseNote(note);
  if (!parsed.ok) return Promise.resolve(parsed);
  const { text, signatures } = parsed.value;
  const own = signatures.filter(({ name, keyId }) => name === key.name && equalBytes(keyId, key.id));
  if (own.length === 0) return Promise.resolve({ ok: false, reason: `not signed by ${key.name}` });
  const data = encodeUtf8(text);
  return Promise.all(own.map(({ signature }) => verify(key.publicKey, data, signature))).then((verdicts) =>
    verdicts.every((valid) => valid)
      ? { ok: true, value: text }
      : { ok: false, reason: `the signature of ${key.name} is wrong` },
  );
}
