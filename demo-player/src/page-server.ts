import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { refusal } from "./authorise.ts";
import type { DemoStatus, TrackerCommand } from "./status.ts";

export interface PageServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface PageServerOptions {
  readonly port: number;
  /** The folder of the built page. It is read once. */
  readonly folder: string;
  readonly status: () => DemoStatus;
  readonly command: (action: TrackerCommand["action"]) => Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Media, trackers and other people's streams lie elsewhere; everything that the page is made of is its own. */
const CONTENT_POLICY = [
  "default-src 'self'",
  "connect-src http: https: ws: wss: blob:",
  "media-src blob: http: https:",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'self'",
].join("; ");

/** A command is a handful of bytes. */
const COMMAND_BYTES_MAX = 1_000;

/** Serves the page, its status and the tracker's two commands, on loopback only. Rejects where it cannot listen. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const files = readFolder(options.folder);

  function sendFile(path: string, response: ServerResponse): void {
    const name = path === "/" ? "/index.html" : path;
    const body = files.get(name);
    if (body === undefined) return send(response, 404, "text/plain", "There is no such page.");
    send(response, 200, TYPES[extname(name)] ?? "application/octet-stream", body);
  }

  async function takeCommand(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request.headers);
    if (refused !== null) return send(response, 403, "text/plain", refused);
    const action = await readAction(request);
    if (action === null)
      return send(response, 400, "text/plain", 'expected {"action":"kill"} or {"action":"start"}');
    await options.command(action);
    sendStatus(response);
  }

  function sendStatus(response: ServerResponse): void {
    send(response, 200, "application/json", JSON.stringify(options.status()));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (path === "/api/tracker" && request.method === "POST") return takeCommand(request, response);
    if (request.method !== "GET" && request.method !== "HEAD")
      return send(response, 405, "text/plain", "Only GET here.");
    if (path === "/api/status") return sendStatus(response);
    sendFile(path, response);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, "text/plain", String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  });
  response.end(body);
}

/** The whole page in memory: a request can only name what was there, so no path leads out of the folder. */
function readFolder(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length).replaceAll("\\", "/"), readFileSync(path)]),
  );
}

async function readAction(request: IncomingMessage): Promise<TrackerCommand["action"] | null> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > COMMAND_BYTES_MAX) return null;
  }
  try {
    const { action } = JSON.parse(text) as { action?: unknown };
    return action === "kill" || action === "start" ? action : null;
  } catch {
    return null;
  }
}
