import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installDebianPackage } from "../../scripts/debian-package.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

/** A coturn on loopback that relays between its own clients. */
export interface TurnServer {
  /** For `RTCConfiguration.iceServers`. */
  readonly iceServer: { readonly urls: string; readonly username: string; readonly credential: string };
  stop(): Promise<void>;
}

const CREDENTIALS = { username: "viewer", credential: "over-loopback" };
/** coturn has no way to end with its parent: the shell ends it when its own standard input does. */
const TETHERED = '"$0" "$@" </dev/null & read -r _; kill -9 $!; wait';

/** Installs coturn where that is possible. Returns the reason in plain words where there is none. */
export async function startTurnServer(): Promise<TurnServer | string> {
  if (!isInstalled() && !(installDebianPackage("coturn") && isInstalled()))
    return "coturn's turnserver is not installed, and cannot be installed here (that needs root and apt)";
  const folder = mkdtempSync(join(tmpdir(), "turn-"));
  const port = await freePort();
  const { username, credential } = CREDENTIALS;
  const child = spawn("sh", ["-c", TETHERED, "turnserver", ...flags(port, folder)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const complaints: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => complaints.push(chunk.toString()));
  const ended = once(child, "exit");
  await Promise.race([
    accepting(port),
    ended.then(() => Promise.reject(new Error(`turnserver has ended: ${complaints.join("")}`))),
  ]);
  return {
    iceServer: { urls: `turn:127.0.0.1:${port}?transport=udp`, username, credential },
    async stop() {
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isInstalled(): boolean {
  return spawnSync("turnserver", ["--version"], { stdio: "ignore" }).error === undefined;
}

function flags(port: number, folder: string): string[] {
  const { username, credential } = CREDENTIALS;
  return [
    // Nothing of the machine's own configuration.
    ...["-c", "/dev/null", "--userdb", join(folder, "turndb"), "--pidfile", join(folder, "pid")],
    ...["--listening-ip", "127.0.0.1", "--listening-port", String(port), "--relay-ip", "127.0.0.1"],
    ...["--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp-relay"],
    ...["--lt-cred-mech", "--realm", "e2e", "--user", `${username}:${credential}`],
    ...["--log-file", "stdout"],
  ];
}

/** It listens for TCP at the same port, which tells more than its log, that comes late. */
async function accepting(port: number): Promise<void> {
  await until(() => opens(port), { what: "the TURN server listens" });
}

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("connect", () => socket.destroy());
    socket.on("error", () => resolve(false));
  });
}
