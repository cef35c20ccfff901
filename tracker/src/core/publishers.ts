/** Whoever mints tokens: a site whose viewers this tracker introduces to each other. */
export interface Publisher {
  /** What its tokens name as `iss`. */
  readonly name: string;
  /** 16 bytes, which signed messages name it by. */
  readonly id: Uint8Array;
  /** Any of them may have signed a token; more than one while a key is being replaced. */
  readonly keys: readonly PublisherKey[];
  /** Where its media lives, as URL.origin writes it: the verifier fetches from nowhere else. */
  readonly origins: readonly string[];
}

export interface PublisherKey {
  /** The key's RFC 7638 thumbprint: what a token's header names as `kid`. */
  readonly id: string;
  /** Ed25519, base64url without padding. */
  readonly publicKey: string;
  readonly addedAtMs: number;
}

/** A token's number and the session key that came with it first. */
export interface TokenUse {
  readonly publisher: string;
  readonly tokenId: string;
  readonly keyThumbprint: string;
  readonly expiresAtMs: number;
}

/** What admission asks of the registry. Rejects where the registry cannot be read. */
export interface PublisherLookup {
  byName(name: string): Promise<Publisher | null>;
  byId(id: Uint8Array): Promise<Publisher | null>;
  /**
   * Binds a token to the first key that brings it. True for that key, again and again; false for every other one.
   * Whatever was answered holds after a restart, and on every tracker with the same registry, until the token expires.
   */
  bindToken(use: TokenUse): Promise<boolean>;
}

export const publisherNameLengthMax = 63;
/** One in use and some on their way in and out. */
export const publisherKeysMax = 8;
export const publisherOriginsMax = 32;

/** Lower-case letters, digits, dots and dashes, beginning with a letter or digit: it stands in URLs and tokens. */
export function isPublisherName(text: string): boolean {
  return text.length <= publisherNameLengthMax && /^[a-z0-9][a-z0-9.-]*$/.test(text);
}

/** Why the registry does not do what it was asked, in words for the operator. */
export type RegistryChange = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The registry as operators change it. What was answered is durable. */
export interface PublisherRegistry extends PublisherLookup {
  /** In the order of their names. */
  list(): Promise<Publisher[]>;
  add(publisher: Publisher): Promise<RegistryChange>;
  /** Its tokens and tickets are refused from then on; sessions that are open stay until they end. */
  remove(name: string): Promise<RegistryChange>;
  addKey(name: string, key: PublisherKey): Promise<RegistryChange>;
  /** Not the last one. */
  removeKey(name: string, keyId: string): Promise<RegistryChange>;
  /** In place of those it had. */
  setOrigins(name: string, origins: readonly string[]): Promise<RegistryChange>;
}
