import { readFileSync } from "node:fs";
import { audienceOf } from "../admission.ts";
import { mintLedgerToken, mintToken } from "../adapters/admission/mint-token.ts";
import { loadTrackerKey } from "../adapters/crypto/tracker-key.ts";
import type { PublisherKey, PublisherRegistry, RegistryChange } from "../core/publishers.ts";
import { folderTrouble } from "../folder-trouble.ts";
import { makeFolder } from "../make-folder.ts";
import { shown } from "../pages/admin.ts";
import { parsePublisherCli, USAGE, type PublisherCommand } from "./cli-options.ts";
import { createKeyFile, findKeyFile, readKeyFile } from "./key-files.ts";
import { openPublishers } from "./open-publishers.ts";
import { InputError, publisherIdOf, publisherKey, publisherOrigins } from "./publisher-input.ts";

/** Exit codes: 1 the registry cannot do it, 2 the command line is wrong. */
async function main(): Promise<number> {
  try {
    const command = parsePublisherCli(process.argv.slice(2));
    if (command === null) {
      process.stdout.write(USAGE);
      return 0;
    }
    makeFolder(command.dataDir);
    const { registry, close } = await openPublishers(command.dataDir, command.database);
    try {
      const answer = await run(command, registry);
      process.stdout.write(typeof answer === "string" ? `${answer}\n` : `${JSON.stringify(answer)}\n`);
    } finally {
      await close();
    }
    return 0;
  } catch (error) {
    const line = folderTrouble(error) ?? (error as Error).message.split("\n")[0];
    process.stderr.write(`publisher: ${line}\n`);
    return error instanceof InputError ? 2 : 1;
  }
}

async function run(command: PublisherCommand, registry: PublisherRegistry): Promise<object | string> {
  const { name, dataDir } = command;
  switch (command.command) {
    case "list":
      return { audience: audience(dataDir), publishers: (await registry.list()).map(shown) };
    case "add": {
      if ((await registry.byName(name)) !== null)
        throw new Error(`publisher "${name}" is registered already`);
      const origins = publisherOrigins(command.origins, command.privateOrigins);
      const { key, privateKeyFile } = newKey(command);
      done(await registry.add({ name, id: publisherIdOf(name), keys: [key], origins }));
      return { ...(await whole(registry, name)), audience: audience(dataDir), ...privateKeyFile };
    }
    case "origins":
      done(await registry.setOrigins(name, publisherOrigins(command.origins, command.privateOrigins)));
      return whole(registry, name);
    case "rotate": {
      await whole(registry, name);
      const { key, privateKeyFile } = newKey(command);
      done(await registry.addKey(name, key));
      return { ...(await whole(registry, name)), ...privateKeyFile };
    }
    case "drop-key":
      done(await registry.removeKey(name, command.keyId));
      return whole(registry, name);
    case "remove":
      done(await registry.remove(name));
      return { removed: name };
    case "token":
      return token(command, registry);
    case "ledger-token":
      return ledgerToken(command, registry);
    case "egress":
      return reportEgress(command, registry);
  }
}

/** The tracker's name in tokens; makes its key where the tracker never ran. */
const audience = (dataDir: string) => audienceOf(loadTrackerKey(dataDir).trackerId);

function done(change: RegistryChange): void {
  if (!change.ok) throw new Error(change.reason);
}

async function whole(registry: PublisherRegistry, name: string) {
  const found = await registry.byName(name);
  if (found === null) throw new Error(`no publisher "${name}" is registered`);
  return shown(found);
}

function newKey({ publicKeyFile, keyOutFile, dataDir, name }: PublisherCommand): {
  key: PublisherKey;
  privateKeyFile: { privateKeyFile?: string };
} {
  if (publicKeyFile === undefined) {
    const { key, path } = createKeyFile(dataDir, name, keyOutFile);
    return { key, privateKeyFile: { privateKeyFile: path } };
  }
  try {
    return { key: publisherKey(readFileSync(publicKeyFile, "utf8"), Date.now()), privateKeyFile: {} };
  } catch (error) {
    throw error instanceof InputError
      ? error
      : new InputError(`${publicKeyFile} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function signerOf({ name, dataDir, keyFile }: PublisherCommand, registry: PublisherRegistry) {
  const { keys } = await whole(registry, name);
  return keyFile === undefined ? findKeyFile(dataDir, name, keys) : readKeyFile(keyFile);
}

async function ledgerToken(command: PublisherCommand, registry: PublisherRegistry): Promise<string> {
  const { key, privateKey } = await signerOf(command, registry);
  const expiresAtMs = Date.now() + command.lifetimeMs;
  return mintLedgerToken(privateKey, key.id, {
    publisher: command.name,
    audience: audience(command.dataDir),
    expiresAtMs,
  });
}

async function reportEgress(command: PublisherCommand, registry: PublisherRegistry): Promise<object> {
  const { tracker, report } = command.egress!;
  const authorization = `Bearer ${await ledgerToken(command, registry)}`;
  const answer = await fetch(tracker, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify(report),
  }).catch((error: unknown) => {
    throw new Error(`no tracker answers at ${tracker.origin}`, { cause: error });
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the tracker refused it: ${text.trim()}`);
  return JSON.parse(text) as object;
}

async function token(command: PublisherCommand, registry: PublisherRegistry): Promise<string> {
  const { name, dataDir, contentId, thumbprint, pageOrigins, lifetimeMs } = command;
  const { key, privateKey } = await signerOf(command, registry);
  return mintToken(privateKey, key.id, {
    publisher: name,
    audience: audience(dataDir),
    contentId,
    ...(thumbprint === undefined ? {} : { keyThumbprint: thumbprint }),
    ...(pageOrigins === undefined ? {} : { pageOrigins }),
    expiresAtMs: Date.now() + lifetimeMs,
  });
}

process.exitCode = await main();
