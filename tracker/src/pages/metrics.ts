import type { TrackerStats } from "./tracker-stats.ts";

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

const quote = (text: string) => JSON.stringify(text);

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, label]) => `${key}=${quote(label)}`);
    return `tributary_${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP tributary_${name} ${help}\n# TYPE tributary_${name} ${type}\n${lines.join("")}`;
}

const one = (value: number): readonly Sample[] => [[{}, value]];

const each = (label: string, counts: Readonly<Record<string, number>>): readonly Sample[] =>
  Object.entries(counts).map(([key, value]) => [{ [label]: key }, value]);

/** The Prometheus text format, version 0.0.4. */
export function prometheusText(stats: TrackerStats): string {
  const { roots, swarms, verifier } = stats;
  const total = (of: (swarm: (typeof swarms)[number]) => number) =>
    swarms.reduce((sum, swarm) => sum + of(swarm), 0);
  return [
    metric("uptime_seconds", "gauge", "Seconds since the tracker started.", one(stats.uptimeMs / 1000)),
    metric("sessions", "gauge", "Open sessions by state.", each("state", stats.sessions)),
    metric("sessions_opened_total", "counter", "Sockets accepted.", one(stats.sessionsOpened)),
    metric("swarms", "gauge", "Swarms with at least one member.", one(swarms.length)),
    metric("viewers", "gauge", "Viewers in all swarms.", one(total(({ viewers }) => viewers))),
    metric("seeders", "gauge", "Seeders in all swarms.", one(total(({ seeders }) => seeders))),
    metric("messages_received_total", "counter", "Messages by type.", each("type", stats.messagesInByType)),
    metric("messages_sent_total", "counter", "Messages sent.", one(stats.messagesOut)),
    metric("received_bytes_total", "counter", "Bytes of messages received.", one(stats.bytesIn)),
    metric("sent_bytes_total", "counter", "Bytes of messages sent.", one(stats.bytesOut)),
    metric("refusals_total", "counter", "Errors told to clients.", each("code", { ...stats.refusals })),
    metric("slow_readers_total", "counter", "Sockets cut for backpressure.", one(stats.slowReaders)),
    metric("timeouts_total", "counter", "Sessions ended for their silence.", one(stats.timeouts)),
    metric("introductions_total", "counter", "Pairs introduced.", one(stats.introductions)),
    metric("signals_relayed_total", "counter", "Signals relayed.", one(stats.signalsRelayed)),
    metric("candidates_dropped_total", "counter", "Candidates not passed on.", one(stats.candidatesDropped)),
    metric("reports_total", "counter", "Viewers that reported a peer for false bytes.", one(stats.reports)),
    metric("bans_total", "counter", "Peers banned for such reports.", one(stats.bans)),
    metric("roots_verified_total", "counter", "Segment roots computed.", one(roots.verified)),
    metric("roots_failed_total", "counter", "Failed tries to compute a root.", one(roots.failed)),
    metric("roots_quarantined_total", "counter", "Roots that a viewer contradicted.", one(roots.quarantined)),
    metric("verifier_copies_total", "counter", "Fetches from the CDN.", one(verifier?.copies ?? 0)),
    metric("verifier_bytes_total", "counter", "Bytes fetched from the CDN.", one(verifier?.bytes ?? 0)),
    metric("verifier_queue", "gauge", "Segments that wait for the verifier.", one(verifier?.queued ?? 0)),
  ].join("");
}
