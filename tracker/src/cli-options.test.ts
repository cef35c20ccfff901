import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseCli } from "./cli-options.ts";

function tracker(...args: string[]) {
  const parsed = parseCli(args);
  if (parsed.kind !== "run") throw new Error(`not run but ${JSON.stringify(parsed)}`);
  return parsed.tracker;
}

it("has a default for every flag", () => {
  expect(tracker()).toEqual({
    allowSameNetwork: false,
    epochSeconds: 600,
    settleAfterSeconds: 120,
    escrowSeconds: 14 * 86_400,
    port: 8000,
    dataDir: "./data",
    open: false,
    sockets: "auto",
    verifier: true,
    origins: [],
    iceServers: [],
    turnRanges: [],
    trustProxy: false,
  });
});

it("takes every flag of the commands' contract", () => {
  const args = "--port 0 --host ::1 --data /d --open --sockets ws --no-verifier --trust-proxy".split(" ");
  const settlement = "--epoch 30 --settle-after 5 --escrow 60 --allow-same-network".split(" ");
  const origins = ["--origin", "https://a.example", "--origin=http://b.example:81/"];
  expect(tracker(...args, ...settlement, ...origins)).toEqual({
    allowSameNetwork: true,
    epochSeconds: 30,
    settleAfterSeconds: 5,
    escrowSeconds: 60,
    port: 0,
    host: "::1",
    dataDir: "/d",
    open: true,
    sockets: "ws",
    verifier: false,
    origins: ["https://a.example", "http://b.example:81"],
    iceServers: [],
    turnRanges: [],
    trustProxy: true,
  });
});

it("takes the admin secret from a file or the environment, and never from the command line", () => {
  const dir = mkdtempSync(join(tmpdir(), "tributary-cli-"));
  const [file, short] = [join(dir, "secret"), join(dir, "short")];
  writeFileSync(file, "a secret of more than 24 characters\n");
  writeFileSync(short, "short\n");
  expect(tracker("--admin-secret-file", file)).toMatchObject({
    adminSecret: "a secret of more than 24 characters",
  });
  const fromEnvironment = parseCli([], { TRIBUTARY_ADMIN_SECRET: "another secret of 24 characters" });
  expect(fromEnvironment).toMatchObject({ tracker: { adminSecret: "another secret of 24 characters" } });
  for (const wrong of [short, join(dir, "missing")])
    expect(parseCli(["--admin-secret-file", wrong])).toMatchObject({
      kind: "wrong",
      reason: expect.stringContaining("--admin-secret-file") as string,
    });
  expect(parseCli([], { TRIBUTARY_ADMIN_SECRET: "short" })).toMatchObject({
    kind: "wrong",
    reason: expect.stringMatching(/TRIBUTARY_ADMIN_SECRET: (?!.*short)/) as string,
  });
  rmSync(dir, { recursive: true });
});

it("takes a TURN server with its secret in a file", () => {
  const dir = mkdtempSync(join(tmpdir(), "tributary-cli-"));
  const file = join(dir, "turn-secret");
  writeFileSync(file, "shh\n");
  const urls = ["turn:t.example:3478?transport=udp", "turns:t.example:5349"];
  const flags = [...urls.flatMap((url) => ["--turn-url", url]), "--turn-secret-file", file];
  expect(tracker(...flags, "--turn-ttl", "600", "--turn-range", "203.0.113.0/24")).toMatchObject({
    turn: { secret: "shh", urls, lifetimeMs: 600_000 },
    turnRanges: ["203.0.113.0/24"],
  });
  rmSync(dir, { recursive: true });
});

it("takes ICE servers as a URL or as JSON", () => {
  const turn = '{"urls":["turn:t.example"],"username":"u","credential":"c"}';
  const short = '{"urls":"stun:s.example"}';
  const flags = ["stun:a.example:3478", turn, short].flatMap((value) => ["--ice-server", value]);
  expect(tracker(...flags).iceServers).toEqual([
    { urls: ["stun:a.example:3478"], username: "", credential: "" },
    { urls: ["turn:t.example"], username: "u", credential: "c" },
    { urls: ["stun:s.example"], username: "", credential: "" },
  ]);
});

it.each([
  [["--prot", "1"], "--prot"],
  [["stray"], "stray"],
  [["--port"], "--port"],
  [["--port", "65536"], "--port"],
  [["--port", "-1"], "--port"],
  [["--port", "8o"], "--port"],
  [["--open=yes"], "--open"],
  [["--sockets", "udp"], "--sockets"],
  [["--origin", "https://a.example/path"], "--origin"],
  [["--origin", "ftp://a.example"], "--origin"],
  [["--ice-server", "turn:t.example"], "--ice-server"],
  [["--ice-server", "https://x"], "--ice-server"],
  [["--ice-server", "stun:a.example:99999"], "--ice-server"],
  [["--ice-server", "{"], "--ice-server"],
  [["--ice-server", '{"urls":[]}'], "--ice-server"],
  [["--ice-server", '{"urls":["stun:a"],"user":"x"}'], "--ice-server"],
  [["--turn-url", "turn:t.example"], "--turn-secret-file"],
  [["--turn-secret-file", "/dev/null"], "--turn-url"],
  [["--turn-url", "stun:t.example", "--turn-secret-file", "/dev/null"], "--turn-url"],
  [["--turn-url", "turn:t.example", "--turn-secret-file", "/dev/null"], "--turn-secret-file"],
  [["--turn-url", "turn:t.example:99999", "--turn-secret-file", "/dev/null"], "--turn-url"],
  [["--turn-ttl", "1"], "--turn-ttl"],
  [["--turn-range", "203.0.113.0/33"], "--turn-range"],
  [["--epoch", "0"], "--epoch"],
  [["--allow-same-network"], "--allow-same-network"],
  [["--data", ""], "--data"],
])("answers %j with one line that names the flag", (args, flag) => {
  const parsed = parseCli(args);
  expect(parsed.kind).toBe("wrong");
  const reason = parsed.kind === "wrong" ? parsed.reason : "";
  expect(reason).toContain(flag);
  expect(reason).not.toContain("\n");
});
