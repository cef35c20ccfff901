import type { Rendition } from "./fixtures.ts";
import { liveStream } from "./live.ts";
import type { LiveClock } from "./live-window.ts";
import { writeMultivariantPlaylist } from "./playlist.ts";
import { playlistResource, type Stream } from "./resource.ts";

/** Several sizes of one live picture on one clock, each in a folder of its own, best last. */
export function liveAbrStream(
  renditions: ReadonlyMap<string, Rendition>,
  clock: LiveClock,
  now: () => number,
): Stream {
  const folders = new Map([...renditions].map(([name, each]) => [name, liveStream(each, clock, now)]));
  const variants = [...renditions].map(([name, { variant }]) => ({ uri: `${name}/media.m3u8`, ...variant }));
  return (request) => {
    if (request.name === "index.m3u8") return playlistResource(writeMultivariantPlaylist(variants, []));
    const [folder = "", ...rest] = request.name.split("/");
    return folders.get(folder)?.({ ...request, name: rest.join("/") }) ?? null;
  };
}
