import { encodeHex } from "@tributary/protocol";
import { formatCheckpoint, formatNote, type NoteKey, noteKeyOf, runHashing } from "@tributary/protocol/log";
import { verifyEd25519 } from "../adapters/crypto/ed25519.ts";
import type { TrackerKey } from "../adapters/crypto/tracker-key.ts";
import { type SignCheckpoint } from "../adapters/database/log-store.ts";
import { sha256 } from "../adapters/database/sha256.ts";
import type { LogKey } from "./publish.ts";

export interface LogSigner extends LogKey {
  readonly sign: SignCheckpoint;
}

/** The log's key is the tracker's. A note's text holds no zero byte, so it is never taken for another signed message. */
export function logSigner(key: TrackerKey, name = defaultLogName(key)): LogSigner {
  const noteKey: NoteKey = runHashing(noteKeyOf(name, key.trackerId), sha256);
  return {
    key: noteKey,
    verify: verifyEd25519,
    sign(size, root) {
      const text = formatCheckpoint({ origin: name, size, root });
      const signature = key.sign(Buffer.from(text));
      return formatNote({ text, signatures: [{ name, keyId: noteKey.id, signature }] });
    },
  };
}

export function defaultLogName(key: TrackerKey): string {
  return `tributary-${encodeHex(key.trackerId.subarray(0, 8))}`;
}
