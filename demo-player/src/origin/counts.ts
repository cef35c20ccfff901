export interface ByteCount {
  requests: number;
  bytes: number;
}

/**
 * Bytes that went into sockets, headers excluded. A transfer that the client broke off counts as far as it came.
 * Only segments, parts and init segments are media.
 */
export interface OriginCounts {
  readonly mediaBytes: number;
  /** Every path, playlists and keys included. */
  readonly byPath: ReadonlyMap<string, Readonly<ByteCount>>;
  /** Media only, by the label in `?v=`, in the `X-Viewer` header or of the port; "" without one, "verifier" for it. */
  readonly byClient: ReadonlyMap<string, Readonly<ByteCount>>;
}

/** One request for something below a stream's prefix. */
export interface LoggedRequest {
  readonly path: string;
  readonly client: string;
  /** The Range header. */
  readonly range: string | null;
  /** 0 = the client went away before there was an answer. */
  readonly status: number;
}

/** An hour of a dozen viewers. */
const LOG_ENTRIES_MAX = 20_000;

export interface Counter {
  log(request: LoggedRequest): void;
  logged(): readonly LoggedRequest[];
  request(path: string, client: string, isMedia: boolean): void;
  written(path: string, client: string, isMedia: boolean, bytes: number): void;
  read(): OriginCounts;
  reset(): void;
}

export function createCounter(): Counter {
  const byPath = new Map<string, ByteCount>();
  const byClient = new Map<string, ByteCount>();
  let log: LoggedRequest[] = [];

  function add(table: Map<string, ByteCount>, key: string, requests: number, bytes: number): void {
    const entry = table.get(key) ?? { requests: 0, bytes: 0 };
    entry.requests += requests;
    entry.bytes += bytes;
    table.set(key, entry);
  }
  function record(path: string, client: string, isMedia: boolean, requests: number, bytes: number): void {
    add(byPath, path, requests, bytes);
    if (isMedia) add(byClient, client, requests, bytes);
  }

  return {
    log(request) {
      log.push(request);
      if (log.length > LOG_ENTRIES_MAX) log = log.slice(LOG_ENTRIES_MAX / 2);
    },
    logged: () => log,
    request: (path, client, isMedia) => record(path, client, isMedia, 1, 0),
    written: (path, client, isMedia, bytes) => record(path, client, isMedia, 0, bytes),
    read: () => ({
      mediaBytes: [...byClient.values()].reduce((sum, entry) => sum + entry.bytes, 0),
      byPath: copy(byPath),
      byClient: copy(byClient),
    }),
    reset() {
      byPath.clear();
      byClient.clear();
      log = [];
    },
  };
}

function copy(table: Map<string, ByteCount>): Map<string, ByteCount> {
  return new Map([...table].map(([key, entry]) => [key, { ...entry }]));
}
