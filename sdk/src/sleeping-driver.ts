import type { BegunLoad, Driver, DriverLog, ReplayingDriver, TitleDriver } from "./driver-contract.ts";
import { createIdleDriver } from "./idle-driver.ts";

/**
 * Where the first segment takes longer, the processor idles, and the driver can be made meanwhile. Once it is in, it is on
 * its way to the screen: the frame, or the load after it, wakes the driver.
 */
const sleepMsMax = 250;
/** A player that is fed and not started would fill the log otherwise. */
const logEntriesMax = 100;

/**
 * Stands in for the driver until the player has what it needs to begin: making it, and the first run of all its code,
 * would take the processor from the first frame. It writes down what happens, lets the player's own loader fetch the
 * first segment of each kind, and hands all of that to the driver, with its times, when it wakes: with the first frame,
 * with the second load of a kind, or when the first load takes its time.
 */
export function createSleepingDriver(create: (bornMs: number) => ReplayingDriver): Driver {
  const begunKinds = new Set<string>();
  const asleep = createIdleDriver("");
  const subscriptions = new Set<{ begin(driver: TitleDriver): void }>();
  let bornMs = performance.now();
  let log: DriverLog = [];
  let driver: TitleDriver | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let loadingCount = 0;
  let paused = false;
  let destroyed = false;

  function wake(): TitleDriver {
    if (driver !== null) return driver;
    clearTimeout(timer);
    const made = create(bornMs);
    driver = made;
    made.replay([{ atMs: bornMs, act: subscribe }, ...log]);
    log = [];
    return made;
  }

  function sleepUntil(begun: BegunLoad): void {
    loadingCount += 1;
    timer ??= setTimeout(wake, sleepMsMax);
    const title = bornMs;
    begun.onEnd(() => {
      if (title !== bornMs || --loadingCount > 0) return;
      clearTimeout(timer);
      timer = undefined;
    });
  }

  /** What holds for every title. */
  function subscribe(made: TitleDriver): void {
    for (const { begin } of subscriptions) begin(made);
  }

  function tell(act: (driver: TitleDriver) => void): void {
    if (driver !== null) return act(driver);
    log.push({ atMs: performance.now(), act });
    if (log.length >= logEntriesMax) wake();
  }

  return {
    get active() {
      return driver?.active ?? true;
    },
    yields: (kind) => driver === null && !begunKinds.has(kind),
    load(request, handlers) {
      if (driver !== null || request.begun === undefined) return wake().load(request, handlers);
      begunKinds.add(request.kind);
      sleepUntil(request.begun);
      let aborted = false;
      let abort = (): void => void (aborted = true);
      tell((made) => {
        if (!aborted) ({ abort } = made.load(request, handlers));
      });
      return { abort: () => abort() };
    },
    playlistUpdated: (view) => tell((made) => made.playlistUpdated(view)),
    firstFrame() {
      tell((made) => made.firstFrame());
      wake();
    },
    playhead: (report) => tell((made) => made.playhead(report)),
    stalled: () => tell((made) => made.stalled()),
    measured: (measures) => tell((made) => made.measured(measures)),
    setContentId: (id) => tell((made) => made.setContentId(id)),
    warn: (warning) => wake().warn(warning),
    stats: () => (driver ?? asleep).stats(),
    explain: () => wake().explain(),
    on(type, listener) {
      let off = (): void => {};
      const subscription = { begin: (made: TitleDriver) => void (off = made.on(type, listener)) };
      subscriptions.add(subscription);
      if (driver !== null) subscription.begin(driver);
      return () => {
        subscriptions.delete(subscription);
        off();
      };
    },
    pause() {
      paused = true;
      tell((made) => made.pause());
    },
    resume() {
      paused = false;
      tell((made) => made.resume());
    },
    newTitle() {
      if (destroyed) return;
      clearTimeout(timer);
      timer = undefined;
      loadingCount = 0;
      void driver?.destroy();
      driver = null;
      begunKinds.clear();
      log = [];
      bornMs = performance.now();
      if (paused) tell((made) => made.pause());
    },
    async destroy() {
      destroyed = true;
      clearTimeout(timer);
      driver ??= createIdleDriver("The engine was destroyed: everything comes from the CDN.");
      log = [];
      await driver.destroy();
    },
  };
}
