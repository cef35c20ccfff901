/** How one key was come by, and what could be done with it. */
export interface CaughtKey {
  /** Its algorithm and usages, as it says itself. */
  readonly kind: string;
  readonly caughtAt: readonly string[];
  /** The ways in which its bytes could be had; none is what is hoped for. */
  readonly takenOutBy: readonly string[];
}

/** `window.injected` of a site that a hostile script runs in, before everything else. Bytes are in hex. */
export interface InjectedScript {
  /** Private keys that it has got hold of, after it has looked everywhere. */
  catchKeys(): Promise<readonly CaughtKey[]>;
  /** The binary frames that went to the tracker. */
  sent(): readonly string[];
  /** Signs with the account's key, as whoever holds it can. */
  signAsAccount(message: string): Promise<string>;
  /** Hands all keys to a frame of another origin. Resolves when they are there. */
  handOver(thiefPage: string): Promise<void>;
}

export interface TrackerAnswer {
  readonly welcomed: boolean;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly fatal: boolean }[];
}

/** `window.thief` of a page of another origin. It keeps what it is given in a database of its own. */
export interface ThiefPage {
  /** What it has been given, here or on an earlier visit. */
  loot(): Promise<readonly CaughtKey[]>;
  /** Comes to the tracker with a session of its own and somebody's delegation. */
  reuse(tracker: string, delegation: string): Promise<TrackerAnswer>;
  /** The same with one that it has the stolen key of this account sign for its own session. */
  forge(tracker: string, account: string): Promise<TrackerAnswer>;
}
