import {
  FetchLoader,
  Fragment,
  LoaderContextType,
  PlaylistLevelType,
  type FragmentLoaderConstructor,
  type FragmentLoaderContext,
  type HlsConfig,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
} from "hls.js";
import type { SegmentInfo } from "../../../core/model.ts";
import { createFragmentLoader, type LoaderHost } from "../fragment-loader.ts";
import { createScriptedDriver, type ScriptedDriver } from "./scripted-driver.ts";

/** Loads as hls.js starts them, over a driver that the test answers by hand. */
export interface LoadBench {
  readonly driver: ScriptedDriver;
  readonly host: LoaderHost;
  /** The segment that every load is of; null = none of the engine's business. */
  claimed: SegmentInfo | null;
  starved: boolean;
  attempt(options?: AttemptOptions): Attempt;
}

type Call = { name: string; stats: unknown; data?: unknown; response?: unknown; network?: unknown };

export interface Attempt {
  loader: Loader<FragmentLoaderContext>;
  calls: Call[];
  names(): string[];
  /** Resolves once hls.js has been called back. */
  settled: Promise<void>;
  context: FragmentLoaderContext;
}

export interface AttemptOptions {
  url?: string;
  config?: Partial<HlsConfig>;
  page?: FragmentLoaderConstructor;
  progressive?: boolean;
  range?: [number, number];
  headers?: Record<string, string>;
}

export function createLoadBench(): LoadBench {
  const driver = createScriptedDriver();
  const host: LoaderHost = {
    driver,
    pending: new Set(),
    starving: () => bench.starved,
    claim: () => bench.claimed && { segment: bench.claimed, kind: "main" },
  };
  const bench: LoadBench = {
    driver,
    host,
    starved: false,
    claimed: {
      id: { track: 1, sequence: 2, part: -1, fingerprint: 3 },
      key: "k" as SegmentInfo["key"],
      startMs: 0,
      durationMs: 4000,
      source: { url: "https://cdn.example/s.ts", rangeStartBytes: null, rangeLengthBytes: null },
      root: null,
    },
    attempt: (options = {}) => attempt(host, options),
  };
  return bench;
}

/** What FragmentLoader.load of hls.js does. */
function attempt(host: LoaderHost, options: AttemptOptions): Attempt {
  const config = { loader: FetchLoader, ...options.config } as unknown as HlsConfig;
  const Loader = createFragmentLoader(host, options.page);
  const loader = new Loader(config);
  const frag = new Fragment(PlaylistLevelType.MAIN, "https://cdn.example/index.m3u8");
  loader.stats.retry = frag.stats.retry;
  frag.stats = loader.stats;
  const context: FragmentLoaderContext = {
    type: LoaderContextType.MEDIA_FRAGMENT,
    frag,
    part: null,
    responseType: "arraybuffer",
    url: options.url ?? "https://cdn.example/s.ts",
    headers: options.headers ?? {},
    rangeStart: options.range?.[0] ?? 0,
    rangeEnd: options.range?.[1] ?? 0,
  };
  const loaderConfig: LoaderConfiguration = {
    loadPolicy: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 120_000,
      timeoutRetry: null,
      errorRetry: null,
    },
    timeout: 120_000,
    maxRetry: 0,
    retryDelay: 0,
    maxRetryDelay: 0,
    highWaterMark: 2 ** 17,
  };
  const calls: Call[] = [];
  let resolve = (): void => {};
  const settled = new Promise<void>((settle) => (resolve = settle));
  const note = (call: Call, last = true): void => {
    calls.push(call);
    if (last) {
      loader.destroy();
      resolve();
    }
  };
  const callbacks: LoaderCallbacks<FragmentLoaderContext> = {
    onSuccess: (response, stats, _context, network) =>
      note({ name: "success", stats, data: response.data, response, network }),
    onError: (response, _context, network, stats) => note({ name: "error", stats, response, network }),
    onTimeout: (stats) => note({ name: "timeout", stats }),
    onAbort: (stats) => note({ name: "abort", stats }),
  };
  if (options.progressive)
    callbacks.onProgress = (stats, _context, data) => note({ name: "progress", stats, data }, false);
  loader.load(context, loaderConfig, callbacks);
  return { loader, calls, names: () => calls.map(({ name }) => name), settled, context };
}

export interface Stub {
  Loader: FragmentLoaderConstructor;
  made: {
    config: HlsConfig;
    context: FragmentLoaderContext | null;
    callbacks: LoaderCallbacks<FragmentLoaderContext> | null;
    stats: Loader<FragmentLoaderContext>["stats"];
    events: string[];
  }[];
}

/** A loader such as pages write. */
export function stubLoader(): Stub {
  const made: Stub["made"] = [];
  class PageLoader extends (FetchLoader as unknown as FragmentLoaderConstructor) {
    readonly #record: Stub["made"][number];
    constructor(config: HlsConfig) {
      super(config);
      this.#record = { config, context: null, callbacks: null, stats: this.stats, events: [] };
      made.push(this.#record);
    }
    override load(
      context: FragmentLoaderContext,
      _config: unknown,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      Object.assign(this.#record, { context, callbacks });
    }
    override abort(): void {
      this.#record.events.push("abort");
    }
    override destroy(): void {
      this.#record.events.push("destroy");
    }
  }
  return { Loader: PageLoader, made };
}
