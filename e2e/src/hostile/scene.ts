import { type Scene, type SceneOptions, withScene } from "../index.ts";
import { until, type UntilOptions } from "../until.ts";
import { buildHostilePages } from "./build.ts";
import type { GarbageReport, HostilePage, LiarConfig, LiarReport, LieName } from "./contract.ts";

/** One hostile identity in the swarm. */
export interface Liar {
  readonly lie: LieName;
  readonly peer: string;
  report(): Promise<LiarReport>;
  turn(): Promise<void>;
  until(condition: (report: LiarReport) => boolean, options: UntilOptions): Promise<LiarReport>;
}

export type LiarOptions = Partial<Pick<LiarConfig, "victimsMax" | "offers" | "comesBack">>;

/** A page full of liars, in a context of its own. */
export interface Hostile {
  /** Resolves when the liar is in the swarm. By default it waits for one victim's offer. */
  enter(lie: LieName, options?: LiarOptions): Promise<Liar>;
  pester(greeted: boolean, framesMax: number): Promise<GarbageReport>;
  /** Uncaught exceptions of its own page: faults of the test, not of the victims. */
  readonly complaints: readonly string[];
}

interface HostileWindow {
  readonly hostile: HostilePage;
}

/** Like `withScene`, with a hostile page beside the viewers. */
export async function withHostileScene<T>(
  options: SceneOptions,
  run: (scene: Scene, hostile: Hostile) => Promise<T>,
): Promise<T> {
  const pages = await buildHostilePages();
  return withScene(options, async (scene) => {
    for (const [name, text] of Object.entries(pages)) scene.setPage(name, text);
    return run(scene, await openHostile(scene, options));
  });
}

async function openHostile(scene: Scene, { stream }: SceneOptions): Promise<Hostile> {
  const page = await scene.browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  await page.goto(`${scene.origin.url}/e2e/hostile.html`);
  await page.waitForFunction(() => "hostile" in window);

  function liarOf(number: number, lie: LieName, peer: string): Liar {
    const report = (): Promise<LiarReport> =>
      page.evaluate((liar) => (window as unknown as HostileWindow).hostile.report(liar), number);
    return {
      lie,
      peer,
      report,
      turn: () => page.evaluate((liar) => (window as unknown as HostileWindow).hostile.turn(liar), number),
      async until(condition, wait) {
        let last: LiarReport | null = null;
        await until(async () => condition((last = await report())), {
          ...wait,
          what: `${lie}: ${wait.what}`,
          describe: () => JSON.stringify(last),
        });
        return last as unknown as LiarReport;
      },
    };
  }

  return {
    complaints,
    async enter(lie, own = {}) {
      const config: LiarConfig = {
        lie,
        tracker: scene.tracker.url,
        contentId: `e2e/${stream}`,
        stream: `/${stream}/index.m3u8`,
        victimsMax: 1,
        offers: false,
        comesBack: false,
        ...own,
      };
      const number = await page.evaluate(
        (wanted) => (window as unknown as HostileWindow).hostile.enter(wanted),
        config,
      );
      const { peer } = await page.evaluate(
        (liar) => (window as unknown as HostileWindow).hostile.report(liar),
        number,
      );
      return liarOf(number, lie, peer);
    },
    pester: (greeted, framesMax) =>
      page.evaluate(
        ([url, hello, max]) =>
          (window as unknown as HostileWindow).hostile.pester(url as string, hello as boolean, max as number),
        [scene.tracker.url, greeted, framesMax],
      ),
  };
}
