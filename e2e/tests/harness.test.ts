import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "@playwright/test";
import { until } from "../src/until.ts";

const RUNNER = `
  import { startTrackerProcess } from ${JSON.stringify(new URL("../src/tracker-process.ts", import.meta.url).href)};
  console.log((await startTrackerProcess()).url);
  await new Promise(() => setInterval(() => {}, 1_000));
`;

test("a tracker that tests have started ends with them, even when they are killed", async () => {
  const node = ["--import", "tsx", "--input-type=module", "-e", RUNNER];
  const runner = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = (await once(createInterface({ input: runner.stdout }), "line")) as [string];
  const answers = (): Promise<boolean> =>
    fetch(`${url.replace("ws:", "http:")}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  expect(await answers()).toBe(true);
  runner.kill("SIGKILL");
  await until(async () => !(await answers()), { what: "the tracker is gone" });
});
