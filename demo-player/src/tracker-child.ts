import { startTracker } from "@tributary/tracker";
import type { PaymentTerms } from "./payment-terms.ts";

/** The tracker as a process of its own, so that the demo can kill it for real. Ends with the demo in any case. */

const [port, dataDir, terms] = process.argv.slice(2);
// Ctrl-C reaches the whole process group; the demo decides when the tracker goes.
process.on("SIGINT", () => undefined);

const tracker = await startTracker({
  port: Number(port),
  host: "127.0.0.1",
  dataDir: dataDir!,
  open: true,
  // All viewers are on this machine; they are paid with play money.
  allowSameNetwork: true,
  ...(JSON.parse(terms!) as PaymentTerms),
});
process.on("disconnect", () => void tracker.close().finally(() => process.exit(0)));
process.send?.("ready");
