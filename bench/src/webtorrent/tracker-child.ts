import type { AddressInfo } from "node:net";
import Server from "bittorrent-tracker/server";

/** A WebTorrent tracker in a process of its own: the first line on stdout names its port. */
const server = new Server({ http: false, udp: false, ws: true, stats: false });
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
server.on("listening", () => {
  console.log(JSON.stringify({ port: (server.http.address() as AddressInfo).port }));
});
server.listen(0, process.argv[2] ?? "127.0.0.1");
