import { COMMAND_HEADER, type DemoStatus, type TrackerCommand } from "../../src/status.ts";

/** The demo's own server, as the page sees it. */
export interface DemoServer {
  /** Null while the server does not answer. */
  status(): Promise<DemoStatus | null>;
  command(command: TrackerCommand): Promise<boolean>;
}

export function createDemoServer(): DemoServer {
  return {
    async status() {
      try {
        const response = await fetch("/api/status", { cache: "no-store" });
        return response.ok ? ((await response.json()) as DemoStatus) : null;
      } catch {
        return null;
      }
    },
    async command(command) {
      try {
        const response = await fetch("/api/tracker", {
          method: "POST",
          headers: { "content-type": "application/json", [COMMAND_HEADER]: "1" },
          body: JSON.stringify(command),
        });
        return response.ok;
      } catch {
        return false;
      }
    },
  };
}
