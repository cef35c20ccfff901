import type { HttpAnswer, HttpRequest } from "../adapters/sockets/contract.ts";
import { prometheusText } from "./metrics.ts";
import type { TrackerStats } from "./tracker-stats.ts";

/** Answers the paths below a prefix, or null to let the next one try: for pages mounted on the tracker's port. */
export interface HttpRoute {
  readonly prefix: string;
  answer(request: HttpRequest): Promise<HttpAnswer | null>;
}

const READABLE_BY_ALL = { "access-control-allow-origin": "*", "cache-control": "no-store" };

function text(status: number, body: string, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}

const NOT_FOUND =
  "Not found. This is a Tributary tracker: viewers connect by WebSocket; " +
  "people may read /healthz, /stats.json and /metrics.\n";

/** Never rejects: a route that fails is an answer too. */
export function createPages(stats: () => TrackerStats, routes: readonly HttpRoute[]) {
  return async (request: HttpRequest): Promise<HttpAnswer> => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    switch (request.path) {
      case "/healthz":
        if (isRead) return text(200, "ok\n", READABLE_BY_ALL);
        break;
      case "/stats.json": {
        const headers = { ...READABLE_BY_ALL, "content-type": "application/json" };
        if (isRead) return { status: 200, headers, body: JSON.stringify(stats()) };
        break;
      }
      case "/metrics":
        if (isRead)
          return text(200, prometheusText(stats()), {
            ...READABLE_BY_ALL,
            "content-type": "text/plain; version=0.0.4; charset=utf-8",
          });
        break;
      default:
        return (await mounted(request, routes)) ?? text(404, NOT_FOUND);
    }
    return text(405, "Only GET and HEAD.\n", { allow: "GET, HEAD" });
  };
}

async function mounted(request: HttpRequest, routes: readonly HttpRoute[]): Promise<HttpAnswer | null> {
  try {
    for (const route of routes) {
      const answer = request.path.startsWith(route.prefix) ? await route.answer(request) : null;
      if (answer !== null) return answer;
    }
    return null;
  } catch (error) {
    process.emitWarning(error as Error);
    return text(500, "The tracker could not answer this.\n");
  }
}
