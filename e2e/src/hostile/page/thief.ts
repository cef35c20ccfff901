import {
  decodeHex,
  decodeTrackerMessage,
  delegationMessage,
  delegationOfferPreimage,
  encodeClientMessage,
} from "@tributary/protocol";
import type { ThiefPage, TrackerAnswer } from "../theft-contract.ts";
import { createIdentity, type Identity } from "./identity.ts";
import { kindOf, takenOutBy } from "./key-theft.ts";
import { pause } from "./lie.ts";
import { helloFor } from "./tracker-session.ts";

const STORE = "loot";
const TRACKER_ANSWERS_IN_MS = 1_000;

const database = new Promise<IDBDatabase>((resolve, reject) => {
  const opening = indexedDB.open(STORE);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE, { autoIncrement: true });
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error as Error);
});

async function keep(keys: readonly CryptoKey[]): Promise<void> {
  const writing = (await database).transaction(STORE, "readwrite");
  for (const key of keys) writing.objectStore(STORE).put(key);
  await new Promise((resolve) => (writing.oncomplete = resolve));
}

async function kept(): Promise<readonly CryptoKey[]> {
  const asking = (await database).transaction(STORE).objectStore(STORE).getAll();
  await new Promise((resolve) => (asking.onsuccess = resolve));
  return asking.result as CryptoKey[];
}

/** The key that signs for this account. */
async function keyOf(account: Uint8Array): Promise<CryptoKey> {
  const { subtle } = crypto;
  const publicKey = await subtle.importKey("raw", account as Uint8Array<ArrayBuffer>, "Ed25519", false, [
    "verify",
  ]);
  const probe = new Uint8Array(1);
  for (const key of await kept())
    if (await subtle.verify("Ed25519", publicKey, await subtle.sign("Ed25519", key, probe), probe))
      return key;
  throw new Error("it has not got that account's key");
}

/** What the tracker says to a HELLO that is right in all but whose delegation it carries. */
async function show(url: string, identity: Identity, delegation: Uint8Array): Promise<TrackerAnswer> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const errors: TrackerAnswer["errors"][number][] = [];
  let welcomed = false;
  socket.onmessage = async ({ data }: MessageEvent<ArrayBuffer>) => {
    const decoded = decodeTrackerMessage(new Uint8Array(data));
    if (!decoded.ok) throw new Error(decoded.reason);
    const message = decoded.value;
    if (message.type === "nonce")
      socket.send(
        encodeClientMessage(await helloFor(message, identity, { delegation })) as Uint8Array<ArrayBuffer>,
      );
    if (message.type === "error") errors.push({ ...message });
    if (message.type === "welcome") welcomed = true;
  };
  await pause(TRACKER_ANSWERS_IN_MS);
  socket.close();
  return { welcomed, errors };
}

const thief: ThiefPage = {
  async loot() {
    const found = [];
    for (const key of await kept())
      found.push({ kind: kindOf(key), caughtAt: [], takenOutBy: await takenOutBy(key) });
    return found;
  },
  reuse: async (tracker, delegation) => show(tracker, await createIdentity(), decodeHex(delegation)!),
  async forge(tracker, accountHex) {
    const account = decodeHex(accountHex)!;
    const identity = await createIdentity();
    const nowMs = Date.now();
    const offer = {
      account,
      sessionKey: identity.sessionKey,
      publisher: new Uint8Array(16),
      expiryMs: nowMs + 60_000,
      serial: nowMs,
    };
    const signed = await crypto.subtle.sign("Ed25519", await keyOf(account), delegationOfferPreimage(offer));
    const value = { ...offer, accountSignature: new Uint8Array(signed) };
    const signature = await identity.sign(delegationMessage.preimage(value));
    return show(tracker, identity, delegationMessage.seal(value, signature));
  },
};

Object.assign(window, { thief });
addEventListener("message", ({ data, source }) => {
  void keep(data as CryptoKey[]).then(() => source?.postMessage("kept", { targetOrigin: "*" }));
});
if (parent !== window) parent.postMessage("ready", "*");
