import { expect, test } from "@playwright/test";
import { playOn, until, withScene } from "../src/index.ts";
import { countHoldings, type Holdings } from "../src/leaks.ts";

for (const what of ["destroyEngine", "destroyPlayer"] as const) {
  test(`${what} leaves no socket, connection, worker, timer or listener`, async () => {
    await withScene({ stream: "roots/vod-ts", viewers: 1 }, async (scene) => {
      const viewer = await scene.open();
      const holdings = await countHoldings(viewer.page);
      await viewer.page.reload();
      const empty = await holdings();
      await viewer.play();
      await viewer.until(({ stats }) => stats!.peers > 0, { what: "it has a peer" });
      await playOn(scene, 2);
      const { sockets, connections } = await holdings();
      expect([sockets, connections]).toEqual([1, 1]);

      await viewer.call(what);
      if (what === "destroyEngine") {
        await playOn({ viewers: [viewer] }, 3);
        await viewer.call("destroyPlayer");
      }
      let last: Holdings = await holdings();
      await until(
        async () => {
          last = await holdings();
          return JSON.stringify(last) === JSON.stringify(empty);
        },
        { what: "it holds no more than before", describe: () => JSON.stringify({ empty, last }) },
      );
      await scene.viewers[0]!.until(({ stats }) => stats!.peers === 0, { what: "the other is alone" });
    });
  });
}
