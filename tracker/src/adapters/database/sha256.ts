import { createHash } from "node:crypto";
import { type Hashing, runHashing } from "@tributary/protocol/log";

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(bytes).digest());

export const hashed = <T>(computation: Hashing<T>): T => runHashing(computation, sha256);
