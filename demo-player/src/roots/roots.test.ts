import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { annotateFolder, FolderError, rootOf, ROOT_TAG, watchFolder, writePlaylist } from "./index.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "roots-"));
  cpSync(join(FIXTURES, "audio-low"), join(folder, "sound"), { recursive: true });
  writeFileSync(join(folder, "index.m3u8"), "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nsound/index.m3u8\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

function playlist(): string {
  return readFileSync(join(folder, "sound/index.m3u8"), "utf8");
}

function cli(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ["--import", "tsx", CLI, folder, ...args], { encoding: "utf8" });
}

describe("rootOf", () => {
  it("hashes size and piece hashes as the design says", () => {
    // SHA-256("tributary/pieces/v1\0" ‖ u64 65537 ‖ SHA-256(65,536 zero bytes) ‖ SHA-256(one zero byte))
    expect(rootOf(new Uint8Array(65_537))).toBe("1UHIivQYhDAnT_mpGVCiHkwIHENeSxwpz1iKVYwTUn8,65537");
  });
});

describe("a folder", () => {
  it("gets roots in media playlists only", () => {
    const [only, ...others] = annotateFolder(folder);
    expect(others).toEqual([]);
    expect(only?.name).toBe(join("sound", "index.m3u8"));
    const root = rootOf(readFileSync(join(folder, "sound/seg-0.m4s")));
    expect(only?.after).toContain(`${ROOT_TAG}${root}\nseg-0.m4s\n`);
  });

  it("is refused, unchanged, with one line where a segment is missing", () => {
    rmSync(join(folder, "sound/seg-3.m4s"));
    const before = playlist();
    expect(() => annotateFolder(folder)).toThrow(FolderError);
    const { status, stderr } = cli();
    expect(status).toBe(1);
    expect(stderr).toBe(`${join("sound", "index.m3u8")}: seg-3.m4s is missing\n`);
    expect(playlist()).toBe(before);
  });

  it("passes --check once roots were added, and fails it when a segment changes", () => {
    expect(cli("--check").status).toBe(1);
    annotateFolder(folder).forEach(writePlaylist);
    expect(cli("--check").status).toBe(0);
    writeFileSync(join(folder, "sound/seg-0.m4s"), "other");
    expect(cli("--check").status).toBe(1);
  });

  it("is refused where a byte range goes past the end of its file", () => {
    writeFileSync(join(folder, "a.m3u8"), "#EXTM3U\n#EXTINF:4,\n#EXT-X-BYTERANGE:10@0\nshort.ts\n");
    writeFileSync(join(folder, "short.ts"), "12345");
    expect(() => annotateFolder(folder)).toThrow("short.ts has 5 bytes");
  });

  it("is kept annotated while a packager rewrites its playlists", async () => {
    const watcher = watchFolder(folder, (line) => expect.fail(line));
    const events = watch(join(folder, "sound"));
    try {
      writeFileSync(join(folder, "sound/seg-9.m4s"), "newest");
      const fresh = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nseg-9.m4s\n";
      writeFileSync(join(folder, "sound/index.m3u8"), fresh);
      while (!playlist().includes(`${ROOT_TAG}${rootOf(Buffer.from("newest"))}\nseg-9.m4s`))
        await once(events, "change");
    } finally {
      watcher.stop();
      events.close();
    }
  });
});
