import type { EventQueue, Sink } from "../event-queue.ts";

/** Something that sends one block after another over an uplink. */
export interface Flow {
  /** Of the block under way, in the uplink's count of bytes per flow. */
  endsAt: number;
  /** The block under way is on the wire. @returns bytes of the next one, 0 for none */
  sent(): number;
}

/**
 * A viewer's way up, shared evenly by the flows that have something to send. `servedBytes` counts what each of them
 * has got since the beginning, so a change in their number moves one event, not one for each flow.
 */
export interface Uplink {
  readonly bytesPerMs: number;
  readonly flows: Flow[];
  servedBytes: number;
  countedAtMs: number;
  wakeAtMs: number;
  version: number;
  busyMs: number;
  readonly queue: EventQueue;
  readonly sink: Sink<number>;
}

/** A hundredth of a byte: what rounding leaves of a block that is done. */
const roundingBytes = 0.01;

export function createUplink(bps: number, queue: EventQueue): Uplink {
  const uplink: Uplink = {
    bytesPerMs: bps / 8000,
    flows: [],
    servedBytes: 0,
    countedAtMs: 0,
    wakeAtMs: Infinity,
    version: 0,
    busyMs: 0,
    queue,
    sink: { fire: (version) => wake(uplink, version) },
  };
  return uplink;
}

export function startFlow(uplink: Uplink, flow: Flow, bytes: number): void {
  count(uplink);
  flow.endsAt = uplink.servedBytes + bytes;
  uplink.flows.push(flow);
  arm(uplink);
}

export function stopFlow(uplink: Uplink, flow: Flow): void {
  const at = uplink.flows.indexOf(flow);
  if (at < 0) return;
  count(uplink);
  uplink.flows.splice(at, 1);
  arm(uplink);
}

function count(uplink: Uplink): void {
  const nowMs = uplink.queue.nowMs();
  const flows = uplink.flows.length;
  if (flows > 0) {
    const elapsedMs = nowMs - uplink.countedAtMs;
    uplink.servedBytes += (elapsedMs * uplink.bytesPerMs) / flows;
    uplink.busyMs += elapsedMs;
  }
  uplink.countedAtMs = nowMs;
}

/** An armed event that comes too early looks again; only one that would come too late is replaced. */
function arm(uplink: Uplink): void {
  const { flows } = uplink;
  if (flows.length === 0) return;
  let first = Infinity;
  for (const { endsAt } of flows) if (endsAt < first) first = endsAt;
  const leftBytes = Math.max(0, first - uplink.servedBytes);
  const atMs = uplink.queue.nowMs() + (leftBytes * flows.length) / uplink.bytesPerMs;
  if (uplink.wakeAtMs <= atMs) return;
  uplink.wakeAtMs = atMs;
  uplink.version += 1;
  uplink.queue.at(atMs, uplink.sink, uplink.version);
}

function wake(uplink: Uplink, version: number): void {
  if (version !== uplink.version) return;
  uplink.wakeAtMs = Infinity;
  count(uplink);
  const { flows } = uplink;
  for (let at = 0; at < flows.length;) {
    const flow = flows[at]!;
    if (flow.endsAt > uplink.servedBytes + roundingBytes) {
      at += 1;
      continue;
    }
    const nextBytes = flow.sent();
    if (nextBytes > 0) {
      flow.endsAt = uplink.servedBytes + nextBytes;
      at += 1;
    } else if (flows[at] === flow) flows.splice(at, 1);
  }
  arm(uplink);
}
