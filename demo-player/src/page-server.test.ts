import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startPageServer, type PageServer } from "./page-server.ts";
import type { DemoStatus } from "./status.ts";

const STATUS: DemoStatus = {
  tracker: { state: "running", url: "ws://127.0.0.1:1" },
  media: [],
  streams: { vod: "/v", live: "/l" },
  titles: "",
};

describe("the page's server", () => {
  let folder = "";
  let server: PageServer;
  let commands: string[] = [];
  const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
  const command = (body: string, headers: Record<string, string> = {}) =>
    fetch(url("/api/tracker"), {
      method: "POST",
      body,
      headers: { origin: url(""), "x-tributary-demo": "1", ...headers },
    });

  beforeEach(async () => {
    commands = [];
    folder = mkdtempSync(join(tmpdir(), "page-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<!doctype html>hello");
    writeFileSync(join(folder, "assets", "a.js"), "1");
    writeFileSync(join(folder, ".secret"), "no");
    server = await startPageServer({
      port: 0,
      folder,
      status: () => STATUS,
      command: async (action) => void commands.push(action),
    });
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("serves the page and its files with their types and a policy", async () => {
    const page = await fetch(url("/"));
    expect(await page.text()).toBe("<!doctype html>hello");
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    expect(page.headers.get("content-security-policy")).toMatch(/default-src 'self'/);
    expect((await fetch(url("/assets/a.js?x=1"))).headers.get("content-type")).toMatch(/javascript/);
    expect(await (await fetch(url("/api/status"))).json()).toEqual(STATUS);
  });

  it("serves nothing else", async () => {
    for (const path of ["/.secret", "/none", "/assets", "/%2e%2e/package.json"])
      expect((await fetch(url(path))).status).toBe(404);
    expect(await rawStatus("/../../../etc/passwd")).toBe(404);
    expect((await fetch(url("/"), { method: "DELETE" })).status).toBe(405);
    expect((await fetch(url("/api/status"), { method: "POST", body: "{}" })).status).toBe(405);
  });

  it("takes the two commands from its own page, and says what is wrong with others", async () => {
    expect((await command('{"action":"kill"}')).status).toBe(200);
    expect((await command('{"action":"start"}')).status).toBe(200);
    expect((await command('{"action":"format"}')).status).toBe(400);
    expect((await command("not json")).status).toBe(400);
    expect((await command("x".repeat(5_000))).status).toBe(400);
    expect((await command('{"action":"kill"}', { origin: "http://evil.example" })).status).toBe(403);
    expect((await command('{"action":"kill"}', { "x-tributary-demo": "" })).status).toBe(403);
    expect(commands).toEqual(["kill", "start"]);
  });

  it("says that a port is taken with the usual code", async () => {
    const again = startPageServer({
      port: server.port,
      folder,
      status: () => STATUS,
      command: async () => undefined,
    });
    await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  /** `fetch` tidies paths up before it sends them. */
  function rawStatus(path: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      request({ port: server.port, host: "127.0.0.1", path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  }
});
