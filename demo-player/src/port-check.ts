import { createServer } from "node:net";

/** Takes a port of loopback for a moment. Rejects as listening would: EADDRINUSE, EACCES. */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}
