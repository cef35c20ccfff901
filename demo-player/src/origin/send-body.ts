import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Fault } from "./faults.ts";

/** Small enough that a broken-off transfer is counted closely and a slow one flows evenly. */
const WRITE_BYTES = 16_384;
const THROTTLE_STEPS_PER_SECOND = 20;

/**
 * Writes a body as the fault allows and reports what went into the socket. Resolves when the response is over for
 * whatever reason; never rejects.
 */
export async function sendBody(
  response: ServerResponse,
  body: Uint8Array,
  fault: Fault | null,
  written: (bytes: number) => void,
): Promise<void> {
  const bytesPerSecond = fault?.bytesPerSecond ?? Infinity;
  const stepBytes = Math.max(1, Math.min(WRITE_BYTES, Math.ceil(bytesPerSecond / THROTTLE_STEPS_PER_SECOND)));
  const dropAt = fault?.dropAfterBytes ?? Infinity;
  const endAt = Math.min(body.length, dropAt, fault?.stallAfterBytes ?? Infinity);
  const startMs = performance.now();
  for (let at = 0; at < endAt && !response.destroyed;) {
    const chunk = body.subarray(at, Math.min(at + stepBytes, endAt));
    if (!(await write(response, chunk))) return;
    written(chunk.length);
    at += chunk.length;
    await pause(response, startMs + (at / bytesPerSecond) * 1000 - performance.now());
  }
  if (endAt === body.length) response.end();
  else if (endAt === dropAt) response.destroy();
  else await closed(response);
}

/** Resolves to false where the connection went away. */
function write(response: ServerResponse, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    response.once("close", gone);
    response.write(chunk, (error) => {
      response.off("close", gone);
      resolve(error == null);
    });
  });
}

export async function pause(response: ServerResponse, delayMs: number): Promise<void> {
  if (!(delayMs > 0) || response.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, delayMs);
    function done(): void {
      clearTimeout(timer);
      response.off("close", done);
      resolve();
    }
    response.once("close", done);
  });
}

async function closed(response: ServerResponse): Promise<void> {
  if (!response.destroyed) await once(response, "close");
}
