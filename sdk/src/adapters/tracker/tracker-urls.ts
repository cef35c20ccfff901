export interface TrackerUrls {
  readonly usable: readonly string[];
  /** In words for the page: what is wrong with the others. Null where all are usable. */
  readonly objection: string | null;
}

/** Sorts the addresses a page gave into those a browser can open and those it cannot. */
export function checkTrackerUrls(urls: readonly string[]): TrackerUrls {
  const usable: string[] = [];
  const objections: string[] = [];
  for (const text of urls) {
    const url = parsedOrNull(text);
    if (url === null) objections.push(`the tracker address "${text}" is not a URL`);
    else if (url.protocol !== "wss:" && url.protocol !== "ws:") {
      objections.push(`the tracker address "${text}" must begin with wss:// or ws://`);
    } else {
      url.hash = "";
      usable.push(url.href);
    }
  }
  return { usable, objection: objections.join("; ") || null };
}

function parsedOrNull(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
