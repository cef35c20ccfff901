/** What the page and the device decide. Everything else the core works out for itself. */
export interface CoreConfig {
  /** Which roots may be relied on. "auto" takes the playlist's first, then the verifier's. */
  readonly integrity: "auto" | "playlist" | "verifier";
  /** Bytes of media the store may hold before old segments are evicted. */
  readonly storageMaxBytes: number;
  /** Connections the core tries to keep. */
  readonly partnersTarget: number;
  /** Connections above which another one is refused. */
  readonly partnersMax: number;
}

export const defaultCoreConfig: CoreConfig = {
  integrity: "auto",
  storageMaxBytes: 192 * 1024 * 1024,
  partnersTarget: 10,
  partnersMax: 12,
};
