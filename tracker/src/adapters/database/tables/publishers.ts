export interface PublisherTable {
  name: string;
  /** 16 bytes. */
  id: Buffer;
  created_at_ms: bigint;
}

export interface PublisherKeyTable {
  publisher: string;
  /** RFC 7638 thumbprint. */
  id: string;
  /** Ed25519, base64url. */
  public_key: string;
  added_at_ms: bigint;
}

export interface PublisherOriginTable {
  publisher: string;
  origin: string;
}

export interface TokenUseTable {
  publisher: string;
  token_id: string;
  key_thumbprint: string;
  expires_at_ms: bigint;
}

export interface PublisherTables {
  publisher: PublisherTable;
  publisher_key: PublisherKeyTable;
  publisher_origin: PublisherOriginTable;
  token_use: TokenUseTable;
}
