import type { BegunLoad, Driver, DriverLog, ReplayingDriver, TitleDriver } from "./driver-contract.ts";
import { createIdleDriver } from "./idle-driver.ts";

/**
 * Where the first segment takes longer, the processor idles, and the driver can be made meanwhile. Once it is in, it is on
 * its way to the screen: the frame, or the load after it, wakes the driver.
 */
const sleepMsMax = 250;
/**
 * A player asks for its second segment as soon as it has parsed the first, some moments before it shows that: so long the
 * segment can wait, out of seconds that are buffered.
 */
const followingMsMax = 150;
/** A player that is fed and not started would fill the log otherwise. */
const logEntriesMax = 100;

/**
 * Stands in for the driver until the player has what it needs to begin: making it, and the first run of all its code,
 * would take the processor from the first frame. It writes down what happens, lets the player's own loader fetch the
 * first segment of each kind, and hands all of that to the driver, with its times, when it wakes: with the first frame,
 * soon after the second load of a kind, or when the first load takes its time.
 */
export function createSleepingDriver(create: (bornMs: number) => ReplayingDriver): Driver {
  const begunKinds = new Set<string>();
  const asleep = createIdleDriver("Playback is starting: the first segment always comes from the CDN.");
  const subscriptions = new Set<{ begin(driver: TitleDriver): void }>();
  let bornMs = performance.now();
  let log: DriverLog = [];
  let driver: TitleDriver | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let loadingCount = 0;
  /** The first loads went well so far; what is asked for after one that did not is urgent. */
  let sound = true;
  /** Loads that wait for the driver, in order. */
  let following: ((driver: TitleDriver) => void)[] = [];
  let paused = false;
  let destroyed = false;

  function wake(): TitleDriver {
    if (driver !== null) return driver;
    clearTimeout(timer);
    const made = create(bornMs);
    driver = made;
    made.replay([{ atMs: bornMs, act: subscribe }, ...log]);
    log = [];
    for (const load of following.splice(0)) load(made);
    return made;
  }

  function sleepUntil(begun: BegunLoad): void {
    loadingCount += 1;
    timer ??= setTimeout(wake, sleepMsMax);
    const title = bornMs;
    begun.onEnd(({ ok }) => {
      if (title !== bornMs) return;
      sound &&= ok;
      if (--loadingCount > 0 || following.length > 0) return;
      clearTimeout(timer);
      timer = undefined;
    });
  }

  function forget(): void {
    clearTimeout(timer);
    timer = undefined;
    loadingCount = 0;
    sound = true;
    following = [];
    log = [];
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
      const { kind, begun } = request;
      if (driver !== null || (begun === undefined && !(sound && begunKinds.has(kind))))
        return wake().load(request, handlers);
      begunKinds.add(kind);
      let aborted = false;
      let abort = (): void => void (aborted = true);
      const hand = (made: TitleDriver): void => {
        if (!aborted) ({ abort } = made.load(request, handlers));
      };
      if (begun !== undefined) {
        sleepUntil(begun);
        tell(hand);
      } else if (following.push(hand) === 1) {
        clearTimeout(timer);
        timer = setTimeout(wake, followingMsMax);
      }
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
    // Pages ask time and again, from the first moment on.
    explain: () => (driver ?? asleep).explain(),
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
      forget();
      void driver?.destroy();
      driver = null;
      begunKinds.clear();
      bornMs = performance.now();
      if (paused) tell((made) => made.pause());
    },
    async destroy() {
      destroyed = true;
      forget();
      driver ??= createIdleDriver("The engine was destroyed: everything comes from the CDN.");
      await driver.destroy();
    },
  };
}
