import { createDigests } from "./adapters/crypto/digest.ts";
import { createSegmentStore } from "./adapters/storage/segment-store.ts";
import { createUploadDay } from "./adapters/storage/upload-day.ts";
import { watchMeteredLink } from "./adapters/timers/metered-link.ts";
import { watchPageLife } from "./adapters/timers/page-life.ts";
import { createTimers } from "./adapters/timers/timers.ts";
import { defaultCoreConfig, type Input, type Output } from "./core/index.ts";
import type { Driver, DriverOptions, PlaybackMeasures, ReplayingDriver } from "./driver-contract.ts";
import { engineStats } from "./driver/engine-stats.ts";
import { browserEnvironment, type DriverEnvironment } from "./driver/environment.ts";
import { createEvents } from "./driver/events.ts";
import { explainSurroundings } from "./driver/explain.ts";
import { createLoads } from "./driver/loads.ts";
import { createMedia } from "./driver/media.ts";
import { createNetwork } from "./driver/network.ts";
import { createOrigins } from "./driver/origins.ts";
import { createRunLoop } from "./driver/run-loop.ts";
import { createStatsPulse } from "./driver/stats-pulse.ts";
import { createIdleDriver } from "./idle-driver.ts";

/**
 * The tracker session waits for the first frame: its keys, signatures and socket would take the processor from it. But
 * where the first segment takes its time, the processor idles meanwhile and the session is set up beside it.
 */
const sessionDelayMs = 250;
/** And where the segment is in, its frame is due. */
const frameHopeMs = 500;

/**
 * The only run loop: an input goes to the core, its outputs go to the adapters, what the adapters hear comes back as
 * inputs. Inputs raised meanwhile wait their turn.
 * @param bornMs when the engine was made: nothing that is replayed is older
 */
export function createDriver(
  options: DriverOptions,
  environment: DriverEnvironment = browserEnvironment(),
  bornMs = performance.now(),
): ReplayingDriver {
  const events = createEvents();
  const warn = (code: Parameters<Driver["warn"]>[0]["code"], message: string) =>
    events.emit("warning", { type: "warning", code, message });
  const subtle = environment.crypto?.subtle;
  if (environment.crypto === undefined || subtle === undefined) {
    const why =
      "This page is not a secure context (https), so nothing can be verified: everything comes from the CDN.";
    queueMicrotask(() => warn("p2p-unavailable", why));
    const insecure: ReplayingDriver = {
      ...createIdleDriver(why),
      // What was listened to before it was made.
      replay: (log) => log.forEach(({ act }) => act(insecure)),
      on: (type, listener) => events.on(type, listener),
      destroy: async () => events.clear(),
    };
    return insecure;
  }

  const core = environment.createCore({
    ...defaultCoreConfig,
    integrity: options.integrity,
    storageMaxBytes: options.storage.maxBytes,
  });
  const networkPossible =
    options.tracker.length > 0 && environment.rtc && environment.WebSocket !== undefined;
  const clock = createTimers(networkPossible);
  const store = createSegmentStore();
  const digests = createDigests(subtle);
  const loads = createLoads();
  const loop = createRunLoop({ core, clock, bornMs, perform, failed });
  const { raise, raiseLater } = loop;
  const media = createMedia({ store, digests, raise, failed, http: { fetch: environment.fetch, clock } });
  const link = watchMeteredLink(() => raise(uploadPolicy()));
  const uploadDay = Number.isFinite(options.upload.maxBytesPerDay)
    ? createUploadDay(options.upload.maxBytesPerDay, environment.storage, Date.now)
    : null;
  const pulse = createStatsPulse(clock, events, () => stats());
  const network = !networkPossible
    ? null
    : createNetwork({
        options,
        clock,
        store,
        digests,
        raise,
        warn,
        failed,
        random: environment.random,
        crypto: environment.crypto,
        WebSocket: environment.WebSocket!,
        uploads: () => uploadPolicy().allowed,
        cdnBytes: () => core.stats().cdnBytes,
        rootOf: (segment) => core.rootOf(segment),
        tell: (news) => events.emit("receipt", news),
        beacon: environment.beacon,
      });
  const unwatchPage = watchPageLife({
    hidden: () => presence({ pageLeft: true }),
    shown: () => presence({ pageLeft: false }),
    online: () => network?.online(),
  });

  const origins = createOrigins((list) => network?.origins(list));
  let inactive: string | null = null;
  let contentId: string | null = null;
  let loadingSinceMs: number | null = null;
  let frameShown = false;
  let measures: PlaybackMeasures = { startupMs: null, rebufferMs: 0, rebufferCount: 0 };
  let absence = { paused: false, pageLeft: false };
  let callOffSession: (() => void) | null = null;
  loop.replay(bornMs, beginUploadDay);

  function uploadPolicy(): Extract<Input, { type: "upload-policy" }> {
    const { enabled, onMetered, maxBps } = options.upload;
    const allowed = enabled && (onMetered || !link.metered());
    const maxBytes = uploadDay === null ? Infinity : core.stats().uploadedBytes + uploadDay.leftBytes();
    return { type: "upload-policy", allowed, maxBps, maxBytes };
  }

  function beginUploadDay(): void {
    raiseLater(uploadPolicy());
    if (uploadDay !== null) clock.after(uploadDay.untilTomorrowMs(), beginUploadDay);
  }

  function joinSwarm(): void {
    if (inactive !== null || contentId === null || network === null) return;
    network.join(contentId);
    if (frameShown) network.open();
    else if (loadingSinceMs !== null) {
      const isIn = core.stats().cdnBytes > 0;
      const delayMs = isIn ? frameHopeMs : Math.max(0, loadingSinceMs + sessionDelayMs - clock.now());
      callOffSession ??= clock.after(delayMs, () => network.open());
    }
  }

  function perform(output: Output): void {
    switch (output.type) {
      case "http-fetch":
        return media.fetch(output, output.request === null ? undefined : loads.get(output.request));
      case "http-abort":
        return media.abort(output.fetch);
      case "write-chunk":
        return store.writeUntrusted(output.segment, output.offsetBytes, output.sizeBytes, output.data);
      case "check-list":
        return media.checkList(output);
      case "check-piece":
        return media.checkPiece(output);
      case "hash-segment":
        return media.hash(output.segment);
      case "evict":
        return store.evict(output.segment);
      case "load-started":
        return loads.started(output.request, output.startMs);
      case "load-progress":
        return loads.progress(output.request, output.firstByteMs, output.loadedBytes, output.totalBytes);
      case "deliver-segment": {
        // The player has it from its own loader.
        if (loads.get(output.request)?.begun !== undefined) return void loads.remove(output.request);
        const data = store.copyOf(output.segment, output.sizeBytes);
        if (data === null)
          throw new Error(`segment ${output.segment} was delivered before its bytes were stored`);
        return loads.delivered(output.request, data, output.timing);
      }
      case "fail-segment":
        return loads.failed(output.request, output.failure);
      case "event":
        return events.emit(output.event.type, output.event as never);
      case "send-piece":
        if (uploadDay !== null) {
          uploadDay.sent(output.lengthBytes);
          // Other pages of the site send as well.
          raise(uploadPolicy());
        }
        network?.perform(output);
        return;
      default:
        network?.perform(output);
    }
  }

  /** Law 1: a bug of ours costs P2P, not playback. The loads go on without us. */
  function failed(error: unknown): void {
    if (inactive !== null) return;
    const reason = error instanceof Error ? error.message : String(error);
    shutDown(`The engine stopped after an error of its own (${reason}): everything comes from the CDN.`);
    warn("p2p-unavailable", inactive ?? reason);
  }

  function shutDown(why: string): void {
    inactive = why;
    loop.stop();
    pulse.stop();
    callOffSession?.();
    unwatchPage();
    link.destroy();
    network?.destroy();
    media.destroy();
    clock.destroy();
    loads.failAll({ kind: "network", status: 0, text: why });
  }

  function presence(change: Partial<typeof absence>): void {
    absence = { ...absence, ...change };
    network?.present(!absence.paused && !absence.pageLeft, absence.paused ? "paused" : "the page was left");
  }

  const stats = () => engineStats(core, measures, network);

  const driver: ReplayingDriver = {
    get active() {
      return inactive === null;
    },
    yields: () => false,
    replay(log) {
      for (const { atMs, act } of log) loop.replay(atMs, () => act(driver));
      // Whoever asks for the second segment may wait for what the tracker will say.
      if (loadingSinceMs !== null) joinSwarm();
    },
    load(request, handlers) {
      const id = loads.add(request, handlers);
      const { segment, kind, timeouts, shareable } = request;
      if (inactive !== null)
        queueMicrotask(() => loads.failed(id, { kind: "network", status: 0, text: inactive ?? "" }));
      origins.note([segment]);
      if (request.cdn !== null) raiseLater({ type: "cdn-through-player" });
      raiseLater({ type: "segment-wanted", request: id, segment, kind, timeouts, shareable });
      if (loadingSinceMs === null) {
        loadingSinceMs = loop.nowMs();
        // After the microtask that sends the first request.
        queueMicrotask(joinSwarm);
      }
      return {
        abort() {
          if (loads.remove(id)) raiseLater({ type: "segment-cancelled", request: id });
        },
      };
    },
    playlistUpdated(view) {
      origins.note(view.segments);
      raiseLater({ type: "playlist-updated", view });
    },
    firstFrame() {
      frameShown = true;
      raiseLater({ type: "first-frame" });
      if (loadingSinceMs !== null) joinSwarm();
    },
    playhead: (report) => raiseLater({ type: "playhead", ...report }),
    stalled: () => raiseLater({ type: "stalled" }),
    measured: (latest) => void (measures = latest),
    setContentId(id) {
      contentId = id;
      if (loadingSinceMs !== null) joinSwarm();
    },
    warn: (warning) => events.emit("warning", warning),
    stats,
    explain: () =>
      explainSurroundings(
        {
          inactive,
          titleKnown: contentId !== null,
          trackerConfigured: options.tracker.length > 0,
          rtc: environment.rtc && environment.WebSocket !== undefined,
          tracker: network?.trackerState() ?? "off",
          trackerTrouble: network?.trackerTrouble() ?? null,
          linkTrouble: network?.linkTrouble() ?? null,
          paused: absence.paused,
          metered: link.metered(),
          uploadEnabled: options.upload.enabled,
          onMetered: options.upload.onMetered,
        },
        inactive === null ? core.explain() : [],
      ).join("\n"),
    on(type, listener) {
      const off = events.on(type, listener);
      if (type === "stats" && inactive === null) pulse.start();
      return off;
    },
    pause() {
      raiseLater({ type: "pause" });
      presence({ paused: true });
    },
    resume() {
      presence({ paused: false });
      raiseLater({ type: "resume" });
    },
    async destroy() {
      if (inactive === null) shutDown("The engine was destroyed: everything comes from the CDN.");
      events.clear();
    },
  };
  return driver;
}
