import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HttpAnswer } from "../adapters/sockets/contract.ts";
import type { HttpRoute } from "./pages.ts";

/** Where `npm run build` puts the page. */
const FOLDER = fileURLToPath(new URL("../../dist/earnings/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Everything that the page is made of, and everything that it asks, is this tracker's. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // The account's key stands in the address.
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

/** The page on which viewers see and verify what they earned, and publishers what they spent: /earnings/. */
export function createEarningsRoute(folder = FOLDER): HttpRoute {
  let files: ReadonlyMap<string, Uint8Array> | null = null;
  return {
    prefix: "/earnings",
    async answer({ method, path }) {
      if (method !== "GET" && method !== "HEAD")
        return { status: 405, headers: { allow: "GET, HEAD" }, body: "Only GET and HEAD.\n" };
      // Relative, so that it holds behind a proxy that puts the tracker into a folder.
      if (path === "/earnings") return { status: 308, headers: { location: "earnings/" }, body: "" };
      files ??= readFolder(folder);
      if (files === null) return plain(503, "The page is not built yet: run npm run build.\n");
      const name = path === "/earnings/" ? "index.html" : path.slice("/earnings/".length);
      const body = files.get(name);
      if (body === undefined) return null;
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      return { status: 200, headers: { ...HEADERS, "content-type": type }, body };
    },
  };
}

/** The whole page in memory: a request can only name what was there, so no path leads out of the folder. */
function readFolder(folder: string): ReadonlyMap<string, Uint8Array> | null {
  try {
    return new Map(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(folder.length).replaceAll("\\", "/"), new Uint8Array(readFileSync(path))]),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

const plain = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});
