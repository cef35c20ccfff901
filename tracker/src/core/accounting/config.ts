export interface AccountingConfig {
  readonly trackerKeyId: Uint8Array;
  /** Epochs are numbered from 1970 on: number n begins at n x epochMs. */
  readonly epochMs: number;
  /** Pays inside one network too: for demonstrations on one machine. Of no effect on a tracker that is not open. */
  readonly allowSameNetwork: boolean;
  /** Whether a publisher can pay: without that there are no grants for its swarms. */
  readonly hasBudget: (publisherId: Uint8Array) => boolean;
}
