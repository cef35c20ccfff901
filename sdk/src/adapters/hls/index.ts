import type Hls from "hls.js";
import type { FragmentLoaderContext, HlsConfig } from "hls.js";
import type { Driver } from "../../driver-contract.ts";
import { attachPlayer, type Attachment } from "./attachment.ts";
import { createFragmentLoader, isOurLoader, unwrapLoader, type LoaderHost } from "./fragment-loader.ts";
import { createPlaylists, type KeyOptions, type MediaKind } from "./playlists.ts";

export interface HlsAdapterOptions extends KeyOptions {
  readonly driver: Driver;
  readonly contentId: string | ((url: string) => string) | null;
  /** The attached player was destroyed. */
  playerDestroyed(): void;
}

export interface HlsAdapter {
  /** The page's own hls.js configuration with our fragment loader around whatever it set. */
  hlsConfig(own: Partial<HlsConfig>): Partial<HlsConfig>;
  attach(hls: Hls): void;
  /** Why the player's segments do not go through the engine; null where they do. */
  obstacle(): string | null;
  /** Hands every load back to plain hls.js. What `hlsConfig` gave out goes on as a CDN pass-through. */
  release(): void;
}

export function createHlsAdapter(options: HlsAdapterOptions): HlsAdapter {
  const { driver } = options;
  const playlists = createPlaylists(options);
  let attached: { readonly hls: Hls; readonly attachment: Attachment } | null = null;
  let obstacle: string | null = "No player is attached: call engine.attach(hls).";

  const host: LoaderHost = {
    driver,
    pending: new Set(),
    starving: () => attached?.attachment.watch.starving() ?? true,
    claim(config, context) {
      if (!driver.active || attached?.attachment.config !== config || config.assetPlayerId) return null;
      if (!isShareable(context)) return null;
      const segment = playlists.find(context.frag, context.part);
      // How long a segment may wait follows from what is buffered at this moment.
      attached.attachment.watch.report();
      return segment && { segment, kind: context.frag.type as MediaKind };
    },
  };

  function letGo(reason: string): void {
    attached?.attachment.detach();
    attached = null;
    obstacle = reason;
  }

  function release(reason: string): void {
    letGo(reason);
    for (const load of [...host.pending]) load.fallBack();
  }

  return {
    hlsConfig(own) {
      if (typeof own !== "object" || own === null)
        throw new TypeError(
          `tributary: hlsConfig takes a configuration of hls.js, but is given ${String(own)}`,
        );
      return { ...own, fLoader: createFragmentLoader(host, unwrapLoader(own.fLoader)) };
    },

    attach(hls) {
      if (attached?.hls === hls || !driver.active) return;
      // What hls.js does with it at its end, in 1.6 and 1.7. It would never say that it is gone.
      if ((hls.userConfig as unknown) === null)
        throw new Error("tributary: attach was given a player that is destroyed already");
      if (attached) throw new Error("tributary: this engine has a player already; use one engine per Hls");
      // CMCD wraps the loader of the configuration, so look at what the page passed in, too.
      if (!isOurLoader(hls.config.fLoader) && !isOurLoader(hls.userConfig?.fLoader))
        hls.config.fLoader = createFragmentLoader(host, hls.config.fLoader);
      const attachment = attachPlayer(hls, {
        driver,
        playlists,
        contentId: options.contentId,
        detached(reason, error) {
          if (reason === "failed") {
            const message = `The adapter to hls.js failed (${String(error)}): everything comes from the CDN.`;
            driver.warn({ type: "warning", code: "p2p-unavailable", message });
            return release(message);
          }
          letGo("The player was destroyed.");
          options.playerDestroyed();
        },
      });
      attached = { hls, attachment };
      obstacle = null;
      attachment.catchUp();
    },

    obstacle: () => obstacle,
    release: () => release("The engine let go of the player."),
  };
}

/** What may travel between viewers: media of the title itself, from the web. */
function isShareable({ frag, url }: FragmentLoaderContext): boolean {
  return (
    (frag.type === "main" || frag.type === "audio") &&
    frag.sn !== "initSegment" &&
    !frag.bitrateTest &&
    /^https?:/i.test(url)
  );
}
