import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost } from "../loopback.ts";
import type { Counter } from "./counts.ts";
import type { Fault, FaultControl } from "./faults.ts";

/** A fault is a few dozen bytes; this is room for a list of them. */
const BODY_BYTES_MAX = 65_536;

/**
 * `GET /_counts`, `POST /_reset` (counts to zero), `GET | POST | DELETE /_faults`. Pages of other origins are refused,
 * and names that merely point to this machine: a web site must not break the sample streams of somebody who runs the demo.
 */
export async function serveControl(
  counter: Counter,
  faults: FaultControl,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const { origin, host = "" } = request.headers;
  if (!isLoopbackHost(host))
    return answer(response, 403, "controls answer only under localhost or 127.0.0.1");
  if (origin !== undefined && origin !== `http://${host}`) return answer(response, 403, "other origin");
  switch (`${request.method} ${path}`) {
    case "GET /_counts": {
      const { mediaBytes, byPath, byClient } = counter.read();
      return answer(response, 200, {
        mediaBytes,
        byPath: Object.fromEntries(byPath),
        byClient: Object.fromEntries(byClient),
      });
    }
    case "POST /_reset":
      counter.reset();
      return answer(response, 204);
    case "GET /_faults":
      return answer(response, 200, faults.list());
    case "DELETE /_faults":
      faults.clear();
      return answer(response, 204);
    case "POST /_faults": {
      const problem = addFaults(faults, await readBody(request));
      return problem === null ? answer(response, 204) : answer(response, 400, problem);
    }
    default:
      return answer(response, 404, "no such control");
  }
}

function addFaults(faults: FaultControl, body: string | null): string | null {
  if (body === null) return "the body is too large";
  try {
    const parsed = JSON.parse(body) as Fault | Fault[];
    for (const fault of Array.isArray(parsed) ? parsed : [parsed]) faults.add(fault);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "not a fault";
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, value?: unknown): void {
  response.statusCode = status;
  if (value === undefined) return void response.end();
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}
