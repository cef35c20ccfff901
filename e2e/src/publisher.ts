import { execFile } from "node:child_process";
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CLI = fileURLToPath(new URL("../../tracker/src/publishers/main.ts", import.meta.url));

/** A site's server: it mints tokens with nothing but what the command printed. */
export interface TestPublisher {
  mint(claims: {
    readonly contentId: string;
    readonly keyThumbprint?: string;
    readonly lifetimeS?: number;
    /** Of the pages that may bring it. Default: any. */
    readonly origins?: readonly string[];
  }): string;
}

interface Registered {
  readonly audience: string;
  readonly privateKeyFile: string;
  readonly keys: readonly [{ readonly id: string }];
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** As an operator does it. */
export async function registerPublisher(dataDir: string, name: string): Promise<TestPublisher> {
  const args = ["--import", "tsx", CLI, "add", name, "--data", dataDir];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { audience, privateKeyFile, keys } = JSON.parse(stdout) as Registered;
  const privateKey = createPrivateKey(readFileSync(privateKeyFile));
  return {
    mint({ contentId, keyThumbprint, lifetimeS = 120, origins }) {
      const body = [
        encode({ alg: "EdDSA", kid: keys[0].id }),
        encode({
          iss: name,
          aud: audience,
          content: contentId,
          jti: randomUUID(),
          exp: Math.floor(Date.now() / 1000) + lifetimeS,
          ...(origins === undefined ? {} : { origins }),
          ...(keyThumbprint === undefined ? {} : { cnf: { jkt: keyThumbprint } }),
        }),
      ].join(".");
      return `${body}.${sign(null, Buffer.from(body), privateKey).toString("base64url")}`;
    },
  };
}
