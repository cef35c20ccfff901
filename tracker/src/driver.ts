import { randomBytes } from "node:crypto";
import {
  decodeClientMessage,
  encodeTrackerMessage,
  MAX_TRACKER_MESSAGE_BYTES,
  rootsPreimage,
  segmentKeyOf,
  type SegmentRoot,
} from "@tributary/protocol";
import { type Accountant, createAccountant } from "./accounting.ts";
import type { StatementStore } from "./core/accounting/statement-store.ts";
import type { TrackerStats } from "./pages/tracker-stats.ts";
import type { TrackerKey } from "./adapters/crypto/tracker-key.ts";
import type { Socket, SocketEvents } from "./adapters/sockets/contract.ts";
import type { OriginPolicy } from "./adapters/verifier/origin-policy.ts";
import { createVerifier } from "./adapters/verifier/verifier.ts";
import { foreignVersionOf } from "./foreign-hello.ts";
import type { HelloJudge } from "./admission.ts";
import { createTrackerCore, type Input, type Output, type SessionId, type Watching } from "./core/index.ts";
import type { TrackerConfig } from "./core/index.ts";

export type DriverStats = Omit<TrackerStats, "uptimeMs" | "sockets" | "open">;

/** The only run loop: sockets and answers go into the core as inputs, its outputs come out here. */
export interface Driver {
  accept(socket: Socket): SocketEvents;
  /** Null where this tracker takes no statements. */
  readonly post: Accountant["post"] | null;
  stats(): DriverStats;
  /** Who watches now. */
  audience(): Watching[];
  /** Tells the core whose accounts contradict each other, as far as the last settlement knows. */
  apart(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): void;
  /** Tells everybody that the tracker goes; resolves when all have closed or `drainMs` are over. */
  shutdown(drainMs: number): Promise<void>;
}

/** Unix time that never goes back, whatever happens to the system's clock. */
export const monotonicUnixMs = () => performance.timeOrigin + performance.now();

export function createDriver(
  config: TrackerConfig,
  key: TrackerKey,
  policy: OriginPolicy,
  admission: HelloJudge,
  store: StatementStore | null,
  /** Is told every root that viewers are told. */
  sawRoots: (swarm: Uint8Array, roots: readonly SegmentRoot[]) => void = () => undefined,
): Driver {
  const core = createTrackerCore(config);
  const sockets = new Map<SessionId, Socket>();
  /** What still comes from these until they are gone is not even decoded. */
  const cut = new Set<SessionId>();
  const waiting: Input[] = [];
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  let timerDueMs: number | null = null;
  let lastSession = 0;
  let messagesOut = 0;
  let bytesOut = 0;
  let slowReaders = 0;
  let allClosed: (() => void) | null = null;

  const verifier = config.verifier
    ? createVerifier(policy, ({ swarm, segment, name }, result) =>
        feed({ type: "segment-verified", swarm, segment: segmentKeyOf(segment), name, result }),
      )
    : null;

  const accountant = store === null ? null : createAccountant(key, store, feed);

  /** Carrying out outputs can close sockets, which is the next input: those wait for their turn. */
  function feed(input: Input): void {
    waiting.push(input);
    if (running) return;
    running = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const out: Output[] = [];
        core.handle(next, monotonicUnixMs(), out);
        for (const output of out) carryOut(output);
      }
    } finally {
      running = false;
    }
    armTimer();
  }

  function carryOut(output: Output): void {
    switch (output.type) {
      case "send":
        sendTo([output.session], encodeTrackerMessage(output.message));
        return;
      case "send-roots": {
        sawRoots(output.swarm, output.roots);
        const signature = key.sign(rootsPreimage(output.swarm, output.roots));
        const message = { type: "hashes", roots: output.roots, signature } as const;
        sendTo(output.sessions, encodeTrackerMessage(message));
        return;
      }
      case "close":
        cut.add(output.session);
        sockets.get(output.session)?.end(output.reason);
        return;
      case "check-hello": {
        const { session, hello, nonce } = output;
        const pageOrigin = sockets.get(session)?.pageOrigin ?? "";
        void admission
          .judge(hello, nonce, pageOrigin)
          .then((verdict) => feed({ type: "hello-checked", session, verdict }));
        return;
      }
      case "verify-segment":
        verifier?.submit(output);
        return;
      default:
        accountant?.carryOut(output);
    }
  }

  function sendTo(sessions: readonly SessionId[], bytes: Uint8Array): void {
    for (const session of sessions) {
      const socket = sockets.get(session);
      if (socket === undefined) continue;
      messagesOut++;
      bytesOut += bytes.length;
      socket.send(bytes);
    }
  }

  function armTimer(): void {
    const dueMs = core.nextDeadlineMs();
    if (dueMs === timerDueMs) return;
    clearTimeout(timer);
    timerDueMs = dueMs;
    if (dueMs === null) return;
    timer = setTimeout(
      () => {
        timerDueMs = null;
        feed({ type: "tick" });
      },
      Math.max(1, dueMs - monotonicUnixMs()),
    );
  }

  return {
    accept(socket) {
      const session = ++lastSession;
      sockets.set(session, socket);
      feed({ type: "opened", session, address: socket.address, nonce: new Uint8Array(randomBytes(32)) });
      return {
        message(bytes) {
          if (cut.has(session)) return;
          const sizeBytes = bytes.length;
          if (sizeBytes > MAX_TRACKER_MESSAGE_BYTES) {
            feed({ type: "oversized", session, sizeBytes });
            return;
          }
          const decoded = decodeClientMessage(bytes);
          const foreignVersion = decoded.ok ? null : foreignVersionOf(bytes);
          if (decoded.ok) feed({ type: "message", session, message: decoded.value, sizeBytes });
          else if (foreignVersion !== null)
            feed({ type: "foreign-hello", session, version: foreignVersion, sizeBytes });
          else feed({ type: "garbage", session, reason: decoded.reason, sizeBytes });
        },
        text(sizeBytes) {
          feed({ type: "garbage", session, reason: "a text frame; messages are binary", sizeBytes });
        },
        closed(cause) {
          sockets.delete(session);
          cut.delete(session);
          if (cause === "slow-reader") slowReaders++;
          feed({ type: "closed", session });
          if (sockets.size === 0) allClosed?.();
        },
      };
    },
    post: accountant?.post ?? null,
    audience: () => core.audience(),
    apart: (pairs) => feed({ type: "pairs-apart", pairs }),
    stats: () => ({
      ...core.stats(),
      messagesOut,
      bytesOut,
      slowReaders,
      verifier: verifier?.stats() ?? null,
    }),
    async shutdown(drainMs) {
      verifier?.close();
      feed({ type: "shutdown" });
      if (sockets.size > 0) {
        await new Promise<void>((resolve) => {
          const drainTimer = setTimeout(resolve, drainMs);
          allClosed = () => {
            clearTimeout(drainTimer);
            resolve();
          };
        });
      }
      clearTimeout(timer);
    },
  };
}
