import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TRACKER_KEY_ID_BYTES, type SwarmId } from "@tributary/protocol";
import { rawPublicKeyOf } from "./ed25519.ts";

export interface TrackerKey {
  /** The public key, 32 bytes. */
  readonly trackerId: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
  /** The same in the thread pool: for many at once. */
  signLater(data: Uint8Array): Promise<Uint8Array>;
  /** HMAC of the content id under a secret of that day (UTC). */
  swarmIdOf(contentId: string, nowMs: number): SwarmId;
  /** Keeps what the ledger publishes or stores about viewers from being guessed. 32 bytes. */
  readonly ledgerSecret: Uint8Array;
}

const FILE_NAME = "tracker-key.pem";
const DAY_MS = 24 * 60 * 60 * 1000;

/** What grants and tickets name a tracker's key by. */
export function trackerKeyIdOf(trackerId: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(trackerId).digest()).slice(0, TRACKER_KEY_ID_BYTES);
}

/**
 * The tracker's identity, made on the first start and kept in `dataDir` where only its owner can read it.
 * Null instead of a directory makes one that dies with the process.
 * @throws Error naming the file where it holds anything but an Ed25519 private key.
 */
export function loadTrackerKey(dataDir: string | null): TrackerKey {
  if (dataDir === null) return trackerKeyOf(generateKeyPairSync("ed25519").privateKey);
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  const pem = readIfThere(path) ?? createKeyFile(path);
  chmodSync(path, 0o600);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Error(`${path}: not a private key in PEM form`);
  }
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`${path}: not an Ed25519 key`);
  return trackerKeyOf(key);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** A link appears whole or not at all, and never replaces the key of a tracker that started at the same time. */
function createKeyFile(path: string): string {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }) as string;
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, pem, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(path, "utf8");
}

const hmac = (secret: Uint8Array, text: string) => createHmac("sha256", secret).update(text).digest();

function trackerKeyOf(key: KeyObject): TrackerKey {
  // One file to keep: secrets follow from the key, each under a name of its own.
  const secretOf = (name: string) =>
    hmac(key.export({ format: "der", type: "pkcs8" }), `tributary/${name}/v1\0`);
  const swarmSecret = secretOf("swarm-secret");
  return {
    trackerId: rawPublicKeyOf(createPublicKey(key)),
    ledgerSecret: new Uint8Array(secretOf("ledger-secret")),
    sign: (data) => new Uint8Array(sign(null, data, key)),
    signLater: (data) =>
      new Promise((resolve, reject) => {
        sign(null, data, key, (error, signature) =>
          error === null ? resolve(new Uint8Array(signature)) : reject(error),
        );
      }),
    swarmIdOf(contentId, nowMs) {
      const ofDay = hmac(swarmSecret, `day ${Math.floor(nowMs / DAY_MS)}`);
      return new Uint8Array(hmac(ofDay, contentId));
    },
  };
}
