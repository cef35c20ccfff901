import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerKey } from "@tributary/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allocate } from "./testing/turn-allocation.ts";
import { turnServerFor } from "./turn-credentials.ts";

const peer = "00112233445566778899aabbccddeeff" as PeerKey;
const turn = { secret: "north", urls: ["turn:turn.example:3478"], lifetimeMs: 3_600_000 };

it("names the end and the peer, and signs both", () => {
  // The password is what `printf '1700003600:0011…' | openssl dgst -sha1 -hmac north -binary | base64` prints.
  expect(turnServerFor(turn, peer, 1_700_000_000_999)).toEqual({
    urls: turn.urls,
    username: `1700003600:${peer}`,
    credential: "Ngd5KBW47tc71j0bYWw30ZkipKc=",
  });
});

const isInstalled = spawnSync("turnserver", ["--version"]).error === undefined;
if (!isInstalled) console.warn("Tests against a real TURN server are left out: coturn is not installed.");

describe.each(isInstalled ? ["turnserver"] : [])("coturn's %s", (program) => {
  let port = 0;
  let folder = "";
  let stop = async () => {};

  beforeAll(async () => {
    port = await freeUdpPort();
    folder = mkdtempSync(join(tmpdir(), "tributary-turn-"));
    const flags = `-n --use-auth-secret --static-auth-secret=${turn.secret} --realm=tributary.test --no-cli --no-tls
      --no-dtls --listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --listening-port=${port} --log-file=stdout
      --pidfile=${join(folder, "pid")} --userdb=${join(folder, "db")}`;
    const server = spawn(program, flags.split(/\s+/), { cwd: folder, stdio: "ignore" });
    const kill = () => server.kill("SIGKILL");
    process.once("exit", kill);
    stop = async () => {
      process.removeListener("exit", kill);
      kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
      rmSync(folder, { recursive: true });
    };
  });
  afterAll(() => stop());

  it("relays for whoever holds fresh credentials, and for nobody else", async () => {
    const fresh = turnServerFor(turn, peer, Date.now());
    expect(await allocate(port, fresh.username, fresh.credential)).toBe("granted");
    const expired = turnServerFor(turn, peer, Date.now() - turn.lifetimeMs - 60_000);
    expect(await allocate(port, expired.username, expired.credential)).toBe(401);
    const foreign = turnServerFor({ ...turn, secret: "south" }, peer, Date.now());
    expect(await allocate(port, foreign.username, foreign.credential)).toBe(401);
    expect(await allocate(port, `9${fresh.username}`, fresh.credential)).toBe(401);
  });
});

async function freeUdpPort(): Promise<number> {
  const probe = createSocket("udp4");
  await new Promise<void>((resolve) => probe.bind(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
