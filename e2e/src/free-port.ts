import { type AddressInfo, createServer } from "node:net";

/**
 * Chosen ahead for servers that are killed and started again: a port that a process had taken with 0 stays closed to
 * its successor for a minute, because its connections linger.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
