import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures");

export interface Rendition {
  readonly extension: "ts" | "m4s";
  readonly init: Uint8Array | null;
  readonly segmentMs: number;
  readonly segments: readonly Uint8Array[];
  readonly variant: { readonly bandwidthBps: number; readonly resolution: string; readonly codecs: string };
}

const SEGMENT_MS = 4000;

/** Peak rates rounded up; the codecs as the encoder wrote them. */
const VARIANTS = {
  "ts-360": { bandwidthBps: 520_000, resolution: "640x360", codecs: "avc1.4d401e,mp4a.40.2" },
  "ts-240": { bandwidthBps: 270_000, resolution: "426x240", codecs: "avc1.4d4015,mp4a.40.2" },
  "ts-180": { bandwidthBps: 150_000, resolution: "320x180", codecs: "avc1.4d400c,mp4a.40.2" },
  "fmp4-360": { bandwidthBps: 470_000, resolution: "640x360", codecs: "avc1.4d401e,mp4a.40.2" },
  "video-240": { bandwidthBps: 230_000, resolution: "426x240", codecs: "avc1.4d4015,mp4a.40.2" },
  "audio-low": { bandwidthBps: 55_000, resolution: "", codecs: "mp4a.40.2" },
  "audio-high": { bandwidthBps: 55_000, resolution: "", codecs: "mp4a.40.2" },
} as const;

export type RenditionName = keyof typeof VARIANTS;

export function loadRendition(name: RenditionName): Rendition {
  const folder = join(FIXTURES, name);
  const extension = name.startsWith("ts-") ? "ts" : "m4s";
  const count = readdirSync(folder).filter((file) => file.endsWith(`.${extension}`)).length;
  return {
    extension,
    init: extension === "ts" ? null : readFileSync(join(folder, "init.mp4")),
    segmentMs: SEGMENT_MS,
    segments: Array.from({ length: count }, (_, i) => readFileSync(join(folder, `seg-${i}.${extension}`))),
    variant: VARIANTS[name],
  };
}

export function loadKey(): Uint8Array {
  return readFileSync(join(FIXTURES, "aes.key"));
}
