import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTracker } from "../index.ts";
import { joinMessage } from "../testing/core-rig.ts";
import { connectTracker } from "../testing/tracker-client.ts";
import { parsePublisherCli } from "./cli-options.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

let dataDir = "";
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "tributary-publisher-"))));
afterEach(() => rmSync(dataDir, { recursive: true }));

async function publisher(...args: string[]): Promise<string> {
  const all = ["--import", "tsx", MAIN, ...args, "--data", dataDir];
  return (await promisify(execFile)(process.execPath, all)).stdout;
}

it("registers a publisher beside a running tracker, whose token then opens the door", async () => {
  const tracker = await startTracker({ dataDir, open: false, host: "127.0.0.1" });
  const origin = "https://cdn.acme.example";
  const added = JSON.parse(await publisher("add", "acme", "--origin", origin)) as {
    name: string;
    origins: string[];
    privateKeyFile: string;
  };
  expect(added).toMatchObject({ name: "acme", origins: [origin] });
  expect(statSync(added.privateKeyFile).mode & 0o777).toBe(0o600);
  const token = (await publisher("token", "acme", "--content", "film")).trim();
  const client = await connectTracker(tracker.url);
  await client.hello({ token });
  await client.next("welcome");
  client.send(joinMessage("film"));
  await client.next("swarm");
  await tracker.close();

  await expect(publisher("add", "acme")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"acme" is registered already') as string,
  });
});

it.each([
  [[], /expected one of/],
  [["frobnicate"], /frobnicate/],
  [["add"], /name/],
  [["add", "a b"], /name/],
  [["add", "acme", "more"], /more/],
  [["list", "acme"], /acme/],
  [["drop-key", "acme"], /--key-id/],
  [["token", "acme"], /--content/],
  [["token", "acme", "--content", "x", "--seconds", "301"], /--seconds/],
  [["add", "acme", "--orign", "x"], /--orign/],
  [["egress", "acme", "--epoch", "1", "--bytes", "2"], /--content or --swarm/],
  [["egress", "acme", "--content", "film", "--bytes", "2"], /--epoch/],
  [["egress", "acme", "--content", "film", "--epoch", "1", "--bytes", "9007199254740992"], /--bytes/],
  [["egress", "acme", "--content", "f", "--epoch", "1", "--bytes", "2", "--tracker", "ws://x"], /--tracker/],
])("answers %j in one line that says what is wrong", (args, words) => {
  expect(() => parsePublisherCli(args)).toThrow(words);
});
