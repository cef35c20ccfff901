import type { IncomingMessage, ServerResponse } from "node:http";
import { parseRange } from "./byte-range.ts";
import type { StreamName } from "./catalogue.ts";
import type { Counter } from "./counts.ts";
import type { FaultControl } from "./faults.ts";
import type { Resource, Stream } from "./resource.ts";
import { pause, sendBody } from "./send-body.ts";

const ROOTS_PREFIX = "roots/";

export interface StreamServer {
  readonly catalogue: Readonly<Record<StreamName, Stream>>;
  readonly counter: Counter;
  readonly faults: FaultControl;
}

/** Answers one GET or HEAD for something below a stream's prefix. */
export async function serveStream(
  server: StreamServer,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  portLabel: string,
): Promise<void> {
  const client = clientOf(request, url) ?? portLabel;
  const fault = server.faults.take(url.pathname, client);
  const range = request.headers.range ?? null;
  const log = (status: number): void => server.counter.log({ path: url.pathname, client, range, status });
  response.once("close", () => log(response.headersSent ? response.statusCode : 0));
  if (fault?.delayMs !== undefined) await pause(response, fault.delayMs);
  if (fault?.status !== undefined) {
    server.counter.request(url.pathname, client, false);
    return refuse(response, fault.status);
  }

  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const found = await findResource(server.catalogue, url, rangeEndOf(request), gone.signal);
  if (response.destroyed) return;
  const isMedia = typeof found === "object" && found !== null && found.kind === "media";
  server.counter.request(url.pathname, client, isMedia);
  if (found === null) return refuse(response, 404);
  if (typeof found === "number") return refuse(response, found);

  const { bytes, contentType } = found;
  const wanted = fault?.ignoreRange === true ? null : parseRange(request.headers.range, bytes.length);
  response.setHeader("Content-Type", contentType);
  if (fault?.ignoreRange !== true) response.setHeader("Accept-Ranges", "bytes");
  if (wanted === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${bytes.length}`);
    return refuse(response, 416);
  }
  const body = wanted === null ? bytes : bytes.subarray(wanted.start, wanted.end);
  if (wanted !== null) {
    response.statusCode = 206;
    response.setHeader("Content-Range", `bytes ${wanted.start}-${wanted.end - 1}/${bytes.length}`);
  }
  response.setHeader("Content-Length", body.length);
  if (request.method === "HEAD") return void response.end();
  await sendBody(response, fault?.corrupt === true ? corrupted(body) : body, fault, (count) =>
    server.counter.written(url.pathname, client, isMedia, count),
  );
}

export async function findResource(
  catalogue: Readonly<Record<StreamName, Stream>>,
  url: URL,
  endBytes: number,
  signal: AbortSignal,
): Promise<Resource | number | null> {
  const path = url.pathname.slice(1);
  const roots = path.startsWith(ROOTS_PREFIX);
  const [name = "", ...rest] = (roots ? path.slice(ROOTS_PREFIX.length) : path).split("/");
  if (!Object.hasOwn(catalogue, name)) return null;
  const stream = catalogue[name as StreamName];
  return stream({ name: rest.join("/"), query: url.searchParams, endBytes, roots, signal });
}

/** Of a resource whose size is not known yet. */
function rangeEndOf(request: IncomingMessage): number {
  const range = parseRange(request.headers.range, Infinity);
  return range === null || range === "unsatisfiable" ? Infinity : range.end;
}

/** The tracker's verifier asks at a viewer's address, but is not that viewer. */
function clientOf(request: IncomingMessage, url: URL): string | null {
  if (request.headers["user-agent"] === "tributary-verifier") return "verifier";
  return url.searchParams.get("v") ?? headerText(request, "x-viewer");
}

/** One bit is wrong, in the middle. */
function corrupted(body: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(body);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

function headerText(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}

function refuse(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
