import {
  checkViewers,
  type Scene,
  type SceneOptions,
  type Viewer,
  type ViewerOverrides,
  type ViewerReport,
  withScene,
} from "../index.ts";
import { type SentSignals, watchSignals } from "../sent-signals.ts";
import { until, type UntilOptions } from "../until.ts";
import { buildHostilePages } from "./build.ts";
import type {
  GarbageReport,
  HostilePage,
  KnockConfig,
  KnockReport,
  LiarConfig,
  LiarReport,
  LieName,
} from "./contract.ts";
import { type Pulse, takePulse } from "./pulse.ts";

/** One hostile identity in the swarm. */
export interface Liar {
  readonly lie: LieName;
  readonly peer: string;
  report(): Promise<LiarReport>;
  turn(): Promise<void>;
  until(condition: (report: LiarReport) => boolean, options: UntilOptions): Promise<LiarReport>;
}

export type LiarOptions = Partial<Pick<LiarConfig, "victimsMax" | "victim" | "offers" | "comesBack">>;

/** A scene with a page full of liars in it. */
export interface HostileScene extends Pick<Scene, "origin" | "tracker" | "viewers"> {
  /** Lets an honest viewer play. */
  join(overrides?: ViewerOverrides): Promise<Viewer>;
  pulseOf(viewer: Viewer): Pulse;
  /** What this viewer told the tracker. */
  sentBy(viewer: Viewer): SentSignals;
  /** Resolves when the liar is in the swarm. By default it waits for one victim's offer. */
  enter(lie: LieName, options?: LiarOptions): Promise<Liar>;
  /** Sends garbage to the tracker until it is cut off. */
  pester(greeted: boolean, framesMax: number): Promise<GarbageReport>;
  /** Tries to be admitted by the tracker as the stream's viewer. */
  knock(shown: Pick<KnockConfig, "token" | "sessionKey">): Promise<KnockReport>;
  /**
   * What must hold for every honest viewer that is there, whatever the lie, one line for each thing that does not: the
   * origin's bytes, no error, no picture that stands still for want of them.
   */
  check(): Promise<{ readonly reports: readonly ViewerReport[]; readonly problems: readonly string[] }>;
}

interface HostileWindow {
  readonly hostile: HostilePage;
}

/** What a picture that stands still for a moment gives; the pulse knows whether bytes were missing. */
const STANDING = /stalled \d+ times|bufferStalledError \(null\)|^\{/;

/** The same for every scene. */
let pagesBuilt: ReturnType<typeof buildHostilePages> | null = null;

export async function withHostileScene<T>(
  options: Omit<SceneOptions, "viewers">,
  run: (scene: HostileScene) => Promise<T>,
): Promise<T> {
  pagesBuilt ??= buildHostilePages();
  const pages = await pagesBuilt;
  return withScene(options, async (scene) => {
    for (const [name, text] of Object.entries(pages)) scene.setPage(name, text);
    return run(await addHostilePage(scene, options));
  });
}

async function addHostilePage(scene: Scene, { stream }: Pick<SceneOptions, "stream">): Promise<HostileScene> {
  const page = await scene.browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`the hostile page: ${error.stack ?? error.message}`));
  await page.goto(`${scene.origin.url}/e2e/hostile.html`);
  await page.waitForFunction(() => "hostile" in window);
  const pulses = new Map<Viewer, Pulse>();
  const sent = new Map<Viewer, SentSignals>();

  const reportOf = (number: number): Promise<LiarReport> =>
    page.evaluate((liar) => (window as unknown as HostileWindow).hostile.report(liar), number);

  async function starvations(): Promise<string[]> {
    const found: string[] = [];
    for (const [viewer, pulse] of pulses) {
      if (viewer.page.isClosed()) continue;
      for (const atS of await pulse.starvedAtS()) found.push(`${viewer.name}: starved at ${atS} s`);
    }
    return found;
  }

  return {
    origin: scene.origin,
    tracker: scene.tracker,
    viewers: scene.viewers,
    async join(overrides) {
      const viewer = await scene.open(overrides);
      pulses.set(viewer, await takePulse(viewer));
      sent.set(viewer, watchSignals(viewer.page));
      await viewer.play();
      return viewer;
    },
    pulseOf: (viewer) => pulses.get(viewer)!,
    sentBy: (viewer) => sent.get(viewer)!,
    async enter(lie, own = {}) {
      const config: LiarConfig = {
        lie,
        tracker: scene.tracker.url,
        contentId: `e2e/${stream}`,
        stream: `/${stream}/index.m3u8`,
        victimsMax: 1,
        victim: null,
        offers: false,
        comesBack: false,
        ...own,
      };
      const number = await page.evaluate(
        (wanted) => (window as unknown as HostileWindow).hostile.enter(wanted),
        config,
      );
      return {
        lie,
        peer: (await reportOf(number)).peer,
        report: () => reportOf(number),
        turn: () => page.evaluate((liar) => (window as unknown as HostileWindow).hostile.turn(liar), number),
        async until(condition, wait) {
          let last: LiarReport | null = null;
          await until(async () => condition((last = await reportOf(number))), {
            ...wait,
            what: `${lie}: ${wait.what}`,
            describe: () => JSON.stringify(last),
          });
          return last as unknown as LiarReport;
        },
      };
    },
    pester: (greeted, framesMax) =>
      page.evaluate(
        ({ url, hello, max }) => (window as unknown as HostileWindow).hostile.pester(url, hello, max),
        { url: scene.tracker.url, hello: greeted, max: framesMax },
      ),
    knock: (shown) =>
      page.evaluate((config) => (window as unknown as HostileWindow).hostile.knock(config), {
        ...shown,
        tracker: scene.tracker.url,
        contentId: `e2e/${stream}`,
      }),
    async check() {
      const { reports, problems } = await checkViewers(scene);
      const others = problems.filter((line) => !STANDING.test(line));
      return { reports, problems: [...others, ...(await starvations()), ...complaints] };
    },
  };
}
