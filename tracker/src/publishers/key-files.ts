import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeBase64Url } from "@tributary/protocol";
import { rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import type { PublisherKey } from "../core/publishers.ts";
import { makeFolder } from "../make-folder.ts";
import { InputError, publisherKey } from "./publisher-input.ts";

export interface PrivateKeyFile {
  readonly path: string;
  readonly key: PublisherKey;
  readonly privateKey: KeyObject;
}

const folderOf = (dataDir: string) => join(dataDir, "publishers");

/** Makes a key pair; the private half goes into a file that only its owner can read. @throws InputError where it exists */
export function createKeyFile(dataDir: string, name: string, path?: string): PrivateKeyFile {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = publisherKey(encodeBase64Url(rawPublicKeyOf(publicKey)), Date.now());
  const file = path ?? join(folderOf(dataDir), `${name}.${key.id}.pem`);
  makeFolder(dirname(file));
  try {
    const pem = privateKey.export({ format: "pem", type: "pkcs8" });
    writeFileSync(file, pem, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    throw new InputError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return { path: file, key, privateKey };
}

/** @throws InputError where it holds no Ed25519 private key */
export function readKeyFile(path: string): PrivateKeyFile {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(readFileSync(path));
  } catch (error) {
    throw new InputError(`${path} holds no private key (${(error as NodeJS.ErrnoException).code})`);
  }
  if (privateKey.asymmetricKeyType !== "ed25519") throw new InputError(`${path} holds no Ed25519 key`);
  const publicKey = rawPublicKeyOf(createPublicKey(privateKey));
  return { path, key: publisherKey(encodeBase64Url(publicKey), Date.now()), privateKey };
}

/** The newest of these keys whose private half lies in the data folder. @throws InputError where none does */
export function findKeyFile(dataDir: string, name: string, keys: readonly PublisherKey[]): PrivateKeyFile {
  const folder = folderOf(dataDir);
  const files = new Set(listed(folder));
  const newest = [...keys].reverse().find(({ id }) => files.has(`${name}.${id}.pem`));
  if (newest !== undefined) return readKeyFile(join(folder, `${name}.${newest.id}.pem`));
  throw new InputError(`no private key of "${name}" lies in ${folder}: name its file with --key`);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
