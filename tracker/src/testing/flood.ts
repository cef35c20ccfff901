import { connectTracker, type TrackerClient } from "./tracker-client.ts";

export interface Latency {
  readonly answered: number;
  /** On their way when it was asked. */
  readonly unanswered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Viewers that each ping the tracker all the time, from an address of their own, and note how long it takes. */
export interface HonestViewers {
  /** What was measured since the last call. */
  take(): Latency;
  close(): void;
}

export async function startHonestViewers(
  url: string,
  count: number,
  pingIntervalMs: number,
): Promise<HonestViewers> {
  let tookMs: number[] = [];
  let unanswered = 0;
  const clients: TrackerClient[] = [];
  const timers: NodeJS.Timeout[] = [];
  for (let viewer = 0; viewer < count; viewer++) {
    const client = await connectTracker(url, { "x-forwarded-for": `8.${viewer >> 8}.${viewer & 255}.1` });
    clients.push(client);
    await client.enter("film");
    let nonce = 0;
    const ping = () => {
      unanswered++;
      const startMs = performance.now();
      client.send({ type: "ping", nonce: nonce++ });
      client.next("pong").then(
        () => {
          unanswered--;
          tookMs.push(performance.now() - startMs);
        },
        () => {},
      );
    };
    timers.push(setInterval(ping, pingIntervalMs));
  }
  return {
    take() {
      const sorted = tookMs.sort((one, other) => one - other);
      const at = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
      const latency = {
        answered: sorted.length,
        unanswered,
        p50Ms: at(0.5),
        p99Ms: at(0.99),
        maxMs: at(1),
      };
      tookMs = [];
      return latency;
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      for (const client of clients) client.socket.terminate();
    },
  };
}

export type Junk = "garbage" | "pings";

export interface AttackFigures {
  readonly messagesSent: number;
  readonly sessionsAdmitted: number;
  /** Sessions that were told why before they were closed. */
  readonly cutInWords: number;
  readonly connectionsRefused: number;
}

/** One attacker that sends junk at this rate, and connects again whenever it is cut. */
export function startFlood(url: string, junk: Junk, messagesPerSecond: number) {
  const address = { "x-forwarded-for": "66.66.66.66" };
  const figures = { messagesSent: 0, sessionsAdmitted: 0, cutInWords: 0, connectionsRefused: 0 };
  const garbage = Uint8Array.of(0xee, 1, 2, 3);
  const stepMs = 10;
  let stopped = false;

  async function session(): Promise<void> {
    const client = await connectTracker(url, address);
    try {
      await client.admit();
    } catch {
      figures.connectionsRefused++;
      return;
    }
    figures.sessionsAdmitted++;
    const timer = setInterval(() => {
      for (let count = 0; count < (messagesPerSecond * stepMs) / 1000; count++) {
        if (client.socket.readyState !== client.socket.OPEN) return;
        figures.messagesSent++;
        if (junk === "garbage") client.sendRaw(garbage);
        else client.send({ type: "ping", nonce: count });
      }
    }, stepMs);
    await client.closed;
    clearInterval(timer);
    if (client.inbox.some((message) => message.type === "error" && message.fatal)) figures.cutInWords++;
  }

  const finished = (async () => {
    while (!stopped) await session().catch(() => figures.connectionsRefused++);
  })();
  return {
    figures: figures as AttackFigures,
    async stop() {
      stopped = true;
      await finished;
    },
  };
}
