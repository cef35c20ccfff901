import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost } from "./loopback.ts";
import { COMMAND_HEADER } from "./status.ts";

/**
 * Whether a command really comes from the demo's own page. Returns why not, or null. A site that has its name point to
 * this machine fails at the host, another site's page at the origin, and a plain form at the header.
 */
export function refusal(headers: IncomingHttpHeaders): string | null {
  const host = headers.host ?? "";
  if (!isLoopbackHost(host)) return "the demo answers only under localhost or 127.0.0.1";
  if (headers.origin !== `http://${host}`) return "commands are taken from the demo's own page only";
  if (headers[COMMAND_HEADER] !== "1") return `the header ${COMMAND_HEADER} is missing`;
  return null;
}
