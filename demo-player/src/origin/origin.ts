import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createCatalogue } from "./catalogue.ts";
import { serveControl } from "./control.ts";
import { createCounter, type LoggedRequest, type OriginCounts } from "./counts.ts";
import { createFaults, type FaultControl } from "./faults.ts";
import { findResource, serveStream } from "./serve-stream.ts";

export interface OriginOptions {
  /** 0 (the default) picks a free one. */
  readonly port?: number;
  readonly host?: string;
}

export type MountHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export interface OriginPort {
  readonly port: number;
  readonly url: string;
}

export interface Origin extends OriginPort {
  /**
   * Another port with the same streams, for a viewer that must share neither connections nor cache with the others.
   * Its media is counted under `label`.
   */
  openPort(label?: string): Promise<OriginPort>;
  bytes(): OriginCounts;
  /** Requests in the order in which they ended. */
  log(): readonly LoggedRequest[];
  /** What the path answers with, counted nowhere and hit by no fault; null where it would be refused. */
  read(path: string): Promise<Uint8Array | null>;
  resetCounts(): void;
  readonly faults: FaultControl;
  /** Hands every path that begins with `prefix` to `handler`, on all ports. */
  mount(prefix: string, handler: MountHandler): void;
  close(): Promise<void>;
}

/** Starts the server of the sample streams: a stand-in for a CDN that counts what it serves and fails to order. */
export async function startOrigin({ port = 0, host = "127.0.0.1" }: OriginOptions = {}): Promise<Origin> {
  const catalogue = createCatalogue(Date.now);
  const counter = createCounter();
  const faults = createFaults();
  const mounts: { prefix: string; handler: MountHandler }[] = [];
  const servers: Server[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse, label: string): Promise<void> {
    const url = readUrl(request);
    response.setHeader("Cache-Control", "no-store");
    if (url === null) return void response.writeHead(400).end();
    const mount = mounts.find(({ prefix }) => url.pathname.startsWith(prefix));
    if (mount !== undefined) return mount.handler(request, response, url);
    if (url.pathname.startsWith("/_")) return serveControl(counter, faults, request, response, url.pathname);
    allowOtherOrigins(request, response);
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    if (request.method !== "GET" && request.method !== "HEAD") return void response.writeHead(405).end();
    return serveStream({ catalogue, counter, faults }, request, response, url, label);
  }

  async function listen(wantedPort: number, label: string): Promise<OriginPort> {
    const server = createServer((request, response) => {
      // A client that goes away in the middle is no error of ours.
      response.on("error", () => undefined);
      handle(request, response, label).catch((error: unknown) => {
        console.error(`origin: ${request.method} ${request.url}:`, error);
        response.destroy();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(wantedPort, host, resolve);
    });
    servers.push(server);
    const address = server.address() as AddressInfo;
    const urlHost = host.includes(":") ? `[${host}]` : host;
    return { port: address.port, url: `http://${urlHost}:${address.port}` };
  }

  const main = await listen(port, "");
  return {
    ...main,
    openPort: (label = "") => listen(0, label),
    bytes: counter.read,
    log: counter.logged,
    async read(path) {
      const url = new URL(path, main.url);
      const found = await findResource(catalogue, url, Infinity, new AbortController().signal);
      return typeof found === "object" ? (found?.bytes ?? null) : null;
    },
    resetCounts: counter.reset,
    faults,
    mount: (prefix, handler) => void mounts.push({ prefix, handler }),
    async close() {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

function readUrl(request: IncomingMessage): URL | null {
  try {
    return new URL(request.url ?? "/", "http://origin");
  } catch {
    return null;
  }
}

function allowOtherOrigins(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Origin", "*");
  response.setHeader("Access-Control-Expose-Headers", "Content-Length, Content-Range, Accept-Ranges");
  response.setHeader("Timing-Allow-Origin", "*");
  if (request.method !== "OPTIONS") return;
  response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
  response.setHeader(
    "Access-Control-Allow-Headers",
    request.headers["access-control-request-headers"] ?? "Range",
  );
  response.setHeader("Access-Control-Max-Age", "600");
}
