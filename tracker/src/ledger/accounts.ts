import { encodeHex } from "@tributary/protocol";

/**
 * Who holds money. `treasury` stands for the money outside and is the only one that may owe: a deposit debits it.
 * `escrow` holds what publishers paid until it is released to those who earned it.
 */
export type AccountKind = "publisher" | "peer" | "hunter" | "escrow" | "treasury" | "burn";

export interface Account {
  /** Begins with its kind: "treasury", or "peer:" and 64 hexadecimal digits. */
  readonly id: string;
  readonly kind: AccountKind;
  /** Ed25519, 32 bytes; null where no key rules it. */
  readonly ownerKey: Uint8Array | null;
}

export const TREASURY: Account = { id: "treasury", kind: "treasury", ownerKey: null };
export const ESCROW: Account = { id: "escrow", kind: "escrow", ownerKey: null };
export const BURN: Account = { id: "burn", kind: "burn", ownerKey: null };

/** @param key the account's Ed25519 public key, 32 bytes */
export function peerAccount(key: Uint8Array): Account {
  return { id: `peer:${encodeHex(key)}`, kind: "peer", ownerKey: key };
}

/** @param publisher as grants name it, 16 bytes */
export function publisherAccount(publisher: Uint8Array): Account {
  return { id: `publisher:${encodeHex(publisher)}`, kind: "publisher", ownerKey: null };
}
