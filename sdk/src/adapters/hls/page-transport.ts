import { withoutPassword } from "@tributary/protocol";
import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  LoaderConfiguration,
  LoaderStats,
  NullableNetworkDetails,
} from "hls.js";
import type { CdnTransport } from "../../driver-contract.ts";

/** What plain hls.js would make a fragment's loader with. */
export function plainLoaderOf(
  config: HlsConfig,
  pageLoader: FragmentLoaderConstructor | undefined,
): FragmentLoaderConstructor {
  return pageLoader ?? (config.loader as unknown as FragmentLoaderConstructor);
}

/**
 * Whether the page had a say in how fragments are fetched. Then its own loader must fetch them: a streaming fetch would
 * lose its headers, credentials or signatures, and `fetch()` takes no URL with a password in it, as XMLHttpRequest does.
 * Asked at each load, because pages change `hls.config` as they go.
 */
export function isPageMade(
  config: HlsConfig,
  pageLoader: FragmentLoaderConstructor | undefined,
  context: FragmentLoaderContext,
): boolean {
  return (
    pageLoader !== undefined ||
    Boolean(config.xhrSetup) ||
    Boolean(config.fetchSetup) ||
    !isStockLoader(config.loader) ||
    Object.keys(context.headers ?? {}).length > 0 ||
    withoutPassword(context.url) !== context.url
  );
}

/** hls.js's own two loaders, told by the methods that only their own prototypes have: minifying keeps those names. */
function isStockLoader(loader: HlsConfig["loader"]): boolean {
  const prototype = loader?.prototype as object | undefined;
  return (
    prototype !== undefined &&
    (Object.hasOwn(prototype, "openAndSendXhr") || Object.hasOwn(prototype, "loadProgressively"))
  );
}

/**
 * One load through the page's own loader, with the very context that plain hls.js would hand to it.
 * `began` hears of the loader's stats, which tell its progress while `CdnTransport` can not, and `answered` of what the
 * player's events are to say of the answer.
 */
export function createPageTransport(
  config: HlsConfig,
  pageLoader: FragmentLoaderConstructor | undefined,
  context: FragmentLoaderContext,
  loaderConfig: LoaderConfiguration,
  answered: (networkDetails: NullableNetworkDetails) => void,
  began: (stats: LoaderStats) => void,
): CdnTransport {
  return {
    fetch(_request, handlers) {
      const loader = new (plainLoaderOf(config, pageLoader))(config);
      let ended = false;
      /** Runs `act` once: page loaders have been seen to call back twice, or after an abort. */
      const end = (act: () => void): void => {
        if (ended) return;
        ended = true;
        act();
        loader.destroy();
      };
      began(loader.stats);
      loader.load(context, loaderConfig, {
        onSuccess: ({ data }, _stats, _context, networkDetails) =>
          end(() => {
            answered(networkDetails);
            handlers.chunk(bytesOf(data));
            handlers.done();
          }),
        onError: ({ code, text }, _context, networkDetails) =>
          end(() => {
            answered(networkDetails);
            handlers.failed(code > 0 ? "status" : "network", code || 0, text || "");
          }),
        onTimeout: () => end(() => handlers.failed("timeout", 0, "timeout")),
        onAbort: () => end(() => handlers.failed("network", 0, "aborted")),
      });
      return {
        abort() {
          if (ended) return;
          ended = true;
          loader.abort();
          loader.destroy();
        },
      };
    },
  };
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array();
}
