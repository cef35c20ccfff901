import type Hls from "hls.js";
import type { FragmentLoaderConstructor, FragmentLoaderContext, HlsConfig, Loader } from "hls.js";
import type { PageLoading } from "./contract.ts";

const HEADER = "X-Viewer";
const VALUE = "page-made";

/** What a page might put into its hls.js configuration: each marks its requests, so that the origin can tell. */
export function pageLoading(kind: PageLoading, HlsClass: typeof Hls): Partial<HlsConfig> {
  switch (kind) {
    case "stock":
      return {};
    case "loader":
      return { loader: marking(HlsClass) as unknown as HlsConfig["loader"] };
    case "fLoader":
      return { fLoader: marking(HlsClass) };
    case "xhrSetup":
      return {
        xhrSetup: (xhr: XMLHttpRequest, url: string) => {
          xhr.open("GET", url, true);
          xhr.setRequestHeader(HEADER, VALUE);
        },
      };
    case "fetchSetup":
      return {
        progressive: true,
        fetchSetup: (context, init) => {
          const headers = new Headers(init.headers as HeadersInit);
          headers.set(HEADER, VALUE);
          return new Request(context.url, { ...init, headers });
        },
      };
  }
}

/** A loader of the page's own making: hls.js's, with a header added. */
function marking(HlsClass: typeof Hls): FragmentLoaderConstructor {
  const Stock = HlsClass.DefaultConfig.loader as unknown as FragmentLoaderConstructor;
  return class MarkingLoader extends (Stock as new (config: HlsConfig) => Loader<FragmentLoaderContext>) {
    override load(...[context, config, callbacks]: Parameters<Loader<FragmentLoaderContext>["load"]>): void {
      context.headers = { ...context.headers, [HEADER]: VALUE };
      super.load(context, config, callbacks);
    }
  };
}
