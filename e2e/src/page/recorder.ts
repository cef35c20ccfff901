import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
} from "hls.js";
import type { Delivery } from "./contract.ts";

type FragmentLoader = Loader<FragmentLoaderContext>;

export interface Recorder {
  /** The same loader, with a record of what it hands to hls.js. Undefined = the stock loader. */
  wrap(loader: FragmentLoaderConstructor | undefined): FragmentLoaderConstructor;
  deliveries(): Promise<Delivery[]>;
}

/** Stands between the outermost loader and hls.js, so that nothing reaches the player unseen. */
export function createRecorder(): Recorder {
  const records: Promise<Delivery>[] = [];

  function watch(inner: FragmentLoader): FragmentLoader {
    const load = inner.load.bind(inner);
    inner.load = (context, config, callbacks) => load(context, config, watched(callbacks));
    return inner;
  }
  function watched(
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): LoaderCallbacks<FragmentLoaderContext> {
    const { onSuccess, onProgress } = callbacks;
    const startMs = performance.now();
    // With `progressive` the data goes through onProgress alone, and hls.js ignores the payload of onSuccess.
    const progressed: Uint8Array[] = [];
    return {
      ...callbacks,
      ...(onProgress && {
        onProgress: (stats, context, data, details) => {
          progressed.push(new Uint8Array(data as ArrayBuffer).slice());
          onProgress(stats, context, data, details);
        },
      }),
      onSuccess: (response, stats, context, details) => {
        const data = onProgress ? joined(progressed) : new Uint8Array(response.data as ArrayBuffer).slice();
        records.push(describe(context, data, startMs));
        onSuccess(response, stats, context, details);
      },
    };
  }

  return {
    wrap: (loader) =>
      new Proxy(loader ?? stockLoader, {
        construct: (target, args) =>
          watch(Reflect.construct(target, args) as FragmentLoader) as FragmentLoader & object,
      }),
    deliveries: () => Promise.all(records),
  };
}

/** What hls.js would use without an fLoader; decided at each load, as there. */
const stockLoader = function (config: HlsConfig): FragmentLoader {
  return new config.loader(config) as unknown as FragmentLoader;
} as unknown as FragmentLoaderConstructor;

async function describe(
  context: FragmentLoaderContext,
  data: Uint8Array<ArrayBuffer>,
  startMs: number,
): Promise<Delivery> {
  const { url, rangeStart, rangeEnd } = context;
  const atMs = performance.now();
  const digest = await crypto.subtle.digest("SHA-256", data);
  return {
    path: new URL(url).pathname,
    query: new URL(url).search,
    range: rangeEnd ? { start: rangeStart ?? 0, end: rangeEnd } : null,
    bytes: data.length,
    tookMs: atMs - startMs,
    atMs,
    sha256: [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
