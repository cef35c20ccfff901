/** What `fetch` must offer here, so that a test can stand in for the network. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const PROBE_TIMEOUT_MS = 10_000;

/** Looks whether an address can play before any viewer tries it. Null means yes, else plain words for a person. */
export async function probePlaylist(text: string, pageUrl: string, fetch: Fetch): Promise<string | null> {
  if (text.trim() === "") return "Type the address of an .m3u8 playlist first.";
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return "That is not a web address. It should start with https:// and name an .m3u8 playlist.";
  }
  if (pageUrl.startsWith("https:") && url.protocol === "http:") {
    return "This page came over https, so the browser refuses to load plain http video.";
  }
  let response: Response;
  try {
    response = await fetch(url.href, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS), cache: "no-store" });
  } catch (error) {
    if (isTimeout(error)) return `${url.host} did not answer within ${PROBE_TIMEOUT_MS / 1_000} seconds.`;
    return (await answersAtAll(url.href, fetch))
      ? `${url.host} answers, but lets no other site read what it says (no CORS header). Either there is no playlist at this address, or only its operator can share it.`
      : `${url.host} cannot be reached. Is the address right, and is the server running?`;
  }
  if (!response.ok) return `${url.host} answered ${response.status} ${response.statusText}`.trim() + ".";
  const start = (await response.text()).trimStart();
  if (!start.startsWith("#EXTM3U")) return "The address answers, but what it sends is not an HLS playlist.";
  return null;
}

/** An opaque request succeeds wherever a server answers, whatever its CORS headers. */
async function answersAtAll(url: string, fetch: Fetch): Promise<boolean> {
  try {
    await fetch(url, { mode: "no-cors", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS), cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
