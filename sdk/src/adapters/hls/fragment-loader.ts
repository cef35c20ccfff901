import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  NullableNetworkDetails,
} from "hls.js";
import type { SegmentInfo } from "../../core/model.ts";
import type { Driver, LoadHandle, LoadHandlers, LoadRequest } from "../../driver-contract.ts";
import { createObservedLoad, type ObservedLoad } from "./begun-load.ts";
import { computed, createLoadStats, fixed, mirror } from "./load-stats.ts";
import { createPageTransport, isPageMade, plainLoaderOf } from "./page-transport.ts";
import type { MediaKind } from "./playlists.ts";

/** What the loaders of one engine share. */
export interface LoaderHost {
  readonly driver: Driver;
  /** The segment behind a load, null where the load is plain hls.js's business. */
  claim(config: HlsConfig, context: FragmentLoaderContext): { segment: SegmentInfo; kind: MediaKind } | null;
  /** Whether the player is out of data. */
  starving(): boolean;
  /** Loads in the driver's hands; each can be told to go on without it. */
  readonly pending: Set<{ fallBack(): void }>;
}

type State =
  | { readonly type: "idle" | "ended" }
  | {
      readonly type: "plain";
      readonly inner: Loader<FragmentLoaderContext>;
      /** What the driver is told of it. */
      readonly begun: { readonly load: ObservedLoad; readonly handle: LoadHandle } | null;
    }
  | {
      readonly type: "driven";
      readonly job: Job;
      handle: LoadHandle | null;
      /** Whether network time began: until then the load only waits. */
      started: boolean;
      /** What pages find in the player's events: the CDN's last answer. */
      networkDetails: NullableNetworkDetails;
      timer: ReturnType<typeof setTimeout> | undefined;
    };

interface Job {
  readonly context: FragmentLoaderContext;
  readonly config: LoaderConfiguration;
  readonly callbacks: LoaderCallbacks<FragmentLoaderContext>;
}

const NO_HANDLERS: LoadHandlers = { started() {}, progress() {}, delivered() {}, failed() {} };

/** How long a load may wait before anybody asks whether the driver forgot it. */
const FIRST_CHECK_MS = 10_000;
const NEXT_CHECK_MS = 1_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

const ORIGINAL = Symbol("page loader");

/** The page's own loader inside one of ours, so that composing a config twice does not stack loaders. */
export function unwrapLoader(
  loader: FragmentLoaderConstructor | undefined,
): FragmentLoaderConstructor | undefined {
  return loader && ORIGINAL in loader ? (loader[ORIGINAL] as FragmentLoaderConstructor | undefined) : loader;
}

export const isOurLoader = (loader: unknown): boolean => typeof loader === "function" && ORIGINAL in loader;

/** hls.js makes one instance for every attempt to load a fragment, so this has to be a class. */
export function createFragmentLoader(
  host: LoaderHost,
  pageLoader: FragmentLoaderConstructor | undefined,
): FragmentLoaderConstructor {
  return class TributaryLoader implements Loader<FragmentLoaderContext> {
    static readonly [ORIGINAL] = pageLoader;
    readonly stats = createLoadStats();
    context: FragmentLoaderContext | null = null;
    readonly #config: HlsConfig;
    #state: State = { type: "idle" };

    constructor(config: HlsConfig) {
      this.#config = config;
    }

    load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      this.context = context;
      const job: Job = { context, config, callbacks };
      try {
        if (this.#drive(job)) return;
      } catch (error) {
        console.warn("tributary: loading from the CDN instead", error);
        this.#release();
      }
      this.#loadPlain(job);
    }

    abort(): void {
      const state = this.#state;
      if (state.type === "plain") return state.inner.abort();
      if (state.type !== "driven") return;
      this.#release();
      this.stats.aborted = true;
      state.job.callbacks.onAbort?.(this.stats, state.job.context, null);
    }

    destroy(): void {
      const state = this.#state;
      if (state.type === "plain") {
        if (state.begun?.load.abandon()) state.begun.handle.abort();
        state.inner.destroy();
      }
      if (state.type === "driven") this.stats.aborted = true;
      this.#release();
      this.context = null;
    }

    /** The driver can not or shall not serve this load any more. */
    fallBack(): void {
      const state = this.#state;
      if (state.type !== "driven") return;
      this.#release();
      this.#loadPlain(state.job);
    }

    getCacheAge(): number | null {
      return this.#state.type === "plain" ? (this.#state.inner.getCacheAge?.() ?? null) : null;
    }

    getResponseHeader(name: string): string | null {
      return this.#state.type === "plain" ? (this.#state.inner.getResponseHeader?.(name) ?? null) : null;
    }

    #loadPlain(
      { context, config, callbacks }: Job,
      begun: (State & { type: "plain" })["begun"] = null,
    ): void {
      const inner = new (plainLoaderOf(this.#config, pageLoader))(this.#config);
      mirror(this.stats, inner.stats);
      this.#state = { type: "plain", inner, begun };
      inner.load(context, config, begun?.load.observe(callbacks) ?? callbacks);
    }

    #drive(job: Job): boolean {
      const claim = host.claim(this.#config, job.context);
      if (!claim) return false;
      const { context, config } = job;
      const { source } = claim.segment;
      const state: State & { type: "driven" } = {
        type: "driven",
        job,
        handle: null,
        started: false,
        networkDetails: null,
        timer: undefined,
      };
      const answered = (details: NullableNetworkDetails): void => void (state.networkDetails = details);
      const request: LoadRequest = {
        segment:
          source.url === context.url
            ? claim.segment
            : { ...claim.segment, source: { ...source, url: context.url } },
        kind: claim.kind,
        shareable: true,
        timeouts: timeoutsOf(config),
        answered: (response) => answered(readable(response)),
        cdn: isPageMade(this.#config, pageLoader, context)
          ? createPageTransport(this.#config, pageLoader, context, config, answered, (inner) => {
              computed(this.stats, { loaded: () => inner.loaded, total: () => inner.total });
              computed(this.stats.loading, { first: () => inner.loading.first });
            })
          : null,
      };
      if (this.#takesWholeFiles(context) && host.driver.yields(claim.kind)) {
        const load = createObservedLoad();
        const handle = host.driver.load({ ...request, begun: load }, NO_HANDLERS);
        try {
          this.#loadPlain(job, { load, handle });
        } catch (error) {
          if (load.abandon()) handle.abort();
          throw error;
        }
        return true;
      }
      this.#state = state;
      host.pending.add(this);
      // While a load waits for a peer it is no slow network: hls.js must see no time pass.
      computed(this.stats.loading, { start: () => performance.now() });
      const handle = host.driver.load(request, this.#handlers(state, request.cdn !== null));
      state.handle = handle;
      // A page may stop its player in an event that waking the engine brought.
      if (this.#state !== state) handle.abort();
      this.#watch(state, FIRST_CHECK_MS);
      return true;
    }

    /** Only then the answer of the player's own loader is the segment, whatever the server makes of ranges. */
    #takesWholeFiles({ rangeEnd }: FragmentLoaderContext): boolean {
      return !this.#config.progressive && !rangeEnd;
    }

    #handlers(state: State & { type: "driven" }, mirrored: boolean): LoadHandlers {
      const { context, callbacks } = state.job;
      const { stats } = this;
      return {
        started: (startMs) => {
          if (this.#state !== state) return;
          state.started = true;
          fixed(stats.loading, { start: startMs });
        },
        progress: (firstByteMs, loadedBytes, totalBytes) => {
          if (this.#state !== state || mirrored) return;
          stats.loading.first = firstByteMs;
          stats.loaded = loadedBytes;
          stats.total = totalBytes;
        },
        delivered: (data, { startMs, firstByteMs, endMs }) => {
          if (this.#state !== state) return;
          this.#release(false);
          fixed(stats.loading, { start: startMs, first: firstByteMs, end: endMs });
          fixed(stats, { loaded: data.byteLength, total: data.byteLength });
          stats.bwEstimate = (data.byteLength * 8000) / Math.max(endMs - firstByteMs, 1);
          const code = context.rangeEnd ? 206 : 200;
          const { networkDetails } = state;
          // A CDN that failed before a peer brought it is no answer.
          const details = networkDetails && networkDetails.status < 400 ? networkDetails : responseOf(code);
          callbacks.onProgress?.(stats, context, data, details);
          // The player may have destroyed this loader from inside onProgress.
          if (!this.context) return;
          callbacks.onSuccess({ url: context.url, data, code }, stats, context, details);
        },
        failed: (failure) => {
          if (this.#state !== state) return;
          if (!host.driver.active) return this.fallBack();
          this.#release(false);
          if (failure.kind === "timeout") {
            stats.aborted = true;
            callbacks.onTimeout(stats, context, null);
            return;
          }
          const { status: code, text } = failure;
          const { networkDetails } = state;
          const details = networkDetails?.status === code ? networkDetails : responseOf(code, text);
          callbacks.onError({ code, text }, context, details, stats);
        },
      };
    }

    /** The last line of the CDN floor: a load that the driver lost sight of must not starve the player. */
    #watch(state: State & { type: "driven" }, delayMs: number): void {
      state.timer = setTimeout(() => {
        if (this.#state !== state || state.started) return;
        if (host.starving()) this.fallBack();
        else this.#watch(state, NEXT_CHECK_MS);
      }, delayMs);
    }

    /** Ends the driver's part; afterwards nothing it says reaches hls.js. */
    #release(abort = true): void {
      const state = this.#state;
      this.#state = { type: "ended" };
      if (state.type !== "driven") return;
      clearTimeout(state.timer);
      host.pending.delete(this);
      const { start, first } = this.stats.loading;
      fixed(this.stats.loading, { start, first });
      fixed(this.stats, { loaded: this.stats.loaded, total: this.stats.total });
      if (abort) state.handle?.abort();
    }
  };
}

/** Where no CDN answered. Pages read `networkDetails` without asking whether there is any. */
function responseOf(status: number, statusText = ""): Response | null {
  try {
    return readable(new Response(null, { status, statusText }));
  } catch {
    return null;
  }
}

/** Pages read headers as of an XMLHttpRequest, which is what hls.js gives them. */
function readable(response: Response): Response {
  return Object.assign(response, { getResponseHeader: (name: string) => response.headers.get(name) });
}

function timeoutsOf({ loadPolicy }: LoaderConfiguration): LoadRequest["timeouts"] {
  const { maxTimeToFirstByteMs, maxLoadTimeMs } = loadPolicy;
  const loadMs = Math.min(maxLoadTimeMs, TIMER_MS_MAX);
  // As in hls.js's own loaders: without a limit for the first byte that of the whole load holds.
  const firstByteMs = Number.isFinite(maxTimeToFirstByteMs) ? maxTimeToFirstByteMs || loadMs : loadMs;
  return { firstByteMs, loadMs };
}
