import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { checkPort } from "./port-check.ts";

it("a port that is taken is known before anything is built: newcomers watched a build first and then read that", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await expect(checkPort(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await new Promise((resolve) => other.close(resolve));
  await checkPort(port);
  // It left the port free.
  await checkPort(port);
});
