export interface EpochTable {
  n: bigint;
  entry: bigint;
  /** As the log has it: `epochRecord` of the protocol. */
  record: Buffer;
  /** The settlement's parameters as JSON, whose SHA-256 is in the record. */
  parameters: string;
}

export interface LogNodeTable {
  level: bigint;
  position: bigint;
  hash: Buffer;
}

export interface CheckpointTable {
  size: bigint;
  root: Buffer;
  /** Signed. */
  note: string;
}

/** One row: who may settle, until when. */
export interface SettlerTable {
  id: bigint;
  /** Rises with every change of holder. */
  fence: bigint;
  holder: string;
  expires_at_ms: bigint;
}

export interface LogTables {
  epoch: EpochTable;
  log_node: LogNodeTable;
  checkpoint: CheckpointTable;
  settler: SettlerTable;
}
