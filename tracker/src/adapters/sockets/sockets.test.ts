import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { SOCKET_KINDS } from "../../testing/socket-kinds.ts";
import { httpBodyBytesMax } from "./contract.ts";
import type { CloseCause, Socket, SocketEvents, SocketOptions, SocketServer } from "./contract.ts";
import { listen } from "./listen.ts";

/** Notes what the adapter says about its sockets. */
function createRecorder() {
  const messages: (Uint8Array | number)[] = [];
  const causes: CloseCause[] = [];
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const resume of waiting.splice(0)) resume();
  };
  const sockets: Socket[] = [];
  return {
    messages,
    causes,
    sockets,
    accept(socket: Socket): SocketEvents {
      sockets.push(socket);
      wake();
      return {
        message: (bytes) => (messages.push(bytes.slice()), wake()),
        text: (sizeBytes) => (messages.push(sizeBytes), wake()),
        closed: (cause) => (causes.push(cause), wake()),
      };
    },
    async until(condition: () => boolean) {
      while (!condition()) await new Promise<void>((resume) => waiting.push(resume));
    },
  };
}

describe.each(SOCKET_KINDS)("sockets over %s", (kind) => {
  const servers: SocketServer[] = [];
  const clients: WebSocket[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    for (const server of servers.splice(0)) await server.close();
  });

  async function start(recorder: ReturnType<typeof createRecorder>, options: Partial<SocketOptions> = {}) {
    const server = await listen(kind, {
      host: "127.0.0.1",
      port: 0,
      trustProxy: false,
      accept: recorder.accept,
      answer: async ({ method, path, query, authorization, body }) => ({
        status: path === "/missing" ? 404 : 200,
        headers: { "content-type": "text/plain" },
        body:
          path === "/echo" ? `${authorization} ${body?.length ?? "too long"}` : `${method} ${path} ${query}`,
      }),
      ...options,
    });
    servers.push(server);
    return server;
  }

  async function connect({ port }: SocketServer, headers: Record<string, string> = {}, path = "/") {
    const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    clients.push(client);
    client.on("error", () => {});
    await new Promise((resolve, reject) => client.once("open", resolve).once("error", reject));
    return client;
  }

  it("is the one that was asked for", async () => {
    expect((await start(createRecorder())).kind).toBe(kind);
  });

  it("passes on the page's origin, and none where there is none", async () => {
    const recorder = createRecorder();
    const server = await start(recorder);
    await connect(server, { origin: "https://www.example.com" });
    await connect(server);
    await recorder.until(() => recorder.sockets.length === 2);
    expect(recorder.sockets.map(({ pageOrigin }) => pageOrigin)).toEqual(["https://www.example.com", ""]);
  });

  it("passes on the body and the authorization of a request, and tells a body that is too long", async () => {
    const { port } = await start(createRecorder());
    const post = async (body: Uint8Array<ArrayBuffer>) => {
      const headers = { authorization: "Bearer secret" };
      return (await fetch(`http://127.0.0.1:${port}/echo`, { method: "POST", headers, body })).text();
    };
    expect(await post(new Uint8Array(0))).toBe("Bearer secret 0");
    expect(await post(new Uint8Array(httpBodyBytesMax))).toBe(`Bearer secret ${httpBodyBytesMax}`);
    expect(await post(new Uint8Array(httpBodyBytesMax + 1))).toBe("Bearer secret too long");
  });

  it("carries binary messages both ways, on any path, and tells text apart", async () => {
    const recorder = createRecorder();
    const client = await connect(await start(recorder), {}, "/behind/a/prefix");
    client.send(Uint8Array.of(1, 2, 3));
    client.send("héllo");
    await recorder.until(() => recorder.messages.length === 2);
    expect(recorder.messages).toEqual([Uint8Array.of(1, 2, 3), 6]);
    const received = new Promise((resolve) =>
      client.once("message", (data, isBinary) => resolve([data, isBinary])),
    );
    recorder.sockets[0]?.send(Uint8Array.of(4, 5));
    expect(await received).toEqual([Buffer.of(4, 5), true]);
  });

  it("flushes what was sent before the end, and then closes", async () => {
    const recorder = createRecorder();
    const client = await connect(await start(recorder));
    const sizes: number[] = [];
    client.on("message", (data: Buffer) => sizes.push(data.length));
    const closed = new Promise((resolve) =>
      client.once("close", (code, reason) => resolve([code, String(reason)])),
    );
    for (const size of [10, 60_000, 20]) recorder.sockets[0]?.send(new Uint8Array(size));
    recorder.sockets[0]?.end("enough");
    recorder.sockets[0]?.send(new Uint8Array(1));
    recorder.sockets[0]?.end("twice");
    expect(await closed).toEqual([1000, "enough"]);
    expect(sizes).toEqual([10, 60_000, 20]);
    await recorder.until(() => recorder.causes.length === 1);
    expect(recorder.causes).toEqual(["ended"]);
    recorder.sockets[0]?.send(new Uint8Array(1));
    recorder.sockets[0]?.end("after the end");
  });

  it("cuts a reader that lets more than a mebibyte wait, and nobody else", async () => {
    const recorder = createRecorder();
    const server = await start(recorder);
    const slow = await connect(server);
    const other = await connect(server);
    await recorder.until(() => recorder.sockets.length === 2);
    slow.pause();
    const [toSlow, toOther] = recorder.sockets;
    let sent = 0;
    // The kernel's buffers take some megabytes before anything waits.
    while (recorder.causes.length === 0 && sent < 2_000) {
      toSlow?.send(new Uint8Array(60_000));
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(recorder.causes).toEqual(["slow-reader"]);
    const received = new Promise((resolve) => other.once("message", resolve));
    toOther?.send(Uint8Array.of(1));
    await received;
  });

  it("cuts a client that sends a message longer than the socket takes", async () => {
    const recorder = createRecorder();
    const server = await start(recorder);
    const client = await connect(server);
    const other = await connect(server);
    const closed = new Promise((resolve) => client.once("close", resolve));
    client.send(new Uint8Array(300_000));
    await closed;
    await recorder.until(() => recorder.causes.length === 1);
    expect(recorder.messages).toEqual([]);
    other.send(Uint8Array.of(9));
    await recorder.until(() => recorder.messages.length === 1);
  });

  it("passes a message of up to twice the protocol's limit, so that it can be refused in words", async () => {
    const recorder = createRecorder();
    const client = await connect(await start(recorder));
    client.send(new Uint8Array(100_000));
    await recorder.until(() => recorder.messages.length === 1);
    expect((recorder.messages[0] as Uint8Array).length).toBe(100_000);
  });

  it("tells the client's address, and believes a proxy only where told to", async () => {
    const headers = { "x-forwarded-for": "6.6.6.6, 9.8.7.6" };
    const direct = createRecorder();
    await connect(await start(direct), headers);
    await direct.until(() => direct.sockets.length === 1);
    expect(direct.sockets[0]?.address).toMatch(/127\.0\.0\.1$/);
    const proxied = createRecorder();
    await connect(await start(proxied, { trustProxy: true }), headers);
    await proxied.until(() => proxied.sockets.length === 1);
    expect(proxied.sockets[0]?.address).toBe("9.8.7.6");
  });

  it("answers HTTP on the same port", async () => {
    const { port } = await start(createRecorder());
    const response = await fetch(`http://127.0.0.1:${port}/some/path?a=1&b=2`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toBe("GET /some/path a=1&b=2");
    const missing = await fetch(`http://127.0.0.1:${port}/missing`, { method: "POST", body: "x" });
    expect([missing.status, await missing.text()]).toEqual([404, "POST /missing "]);
    const head = await fetch(`http://127.0.0.1:${port}/abc`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
  });

  it("says which error it is when the port is taken, also by its own kind", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
    });
    await expect(start(createRecorder(), { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await new Promise((resolve) => taken.close(resolve));
    const first = await start(createRecorder(), { port });
    expect(first.port).toBe(port);
    await expect(start(createRecorder(), { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("can listen again on the port that it just left with clients connected", async () => {
    const recorder = createRecorder();
    const first = await start(recorder);
    await connect(first);
    await recorder.until(() => recorder.sockets.length === 1);
    first.stopListening();
    await first.close();
    const second = await start(createRecorder(), { port: first.port });
    await connect(second);
  });

  it("takes no new connection once it stopped listening, and keeps the old", async () => {
    const recorder = createRecorder();
    const server = await start(recorder);
    const client = await connect(server);
    server.stopListening();
    await expect(connect(server)).rejects.toThrow();
    client.send(Uint8Array.of(1));
    await recorder.until(() => recorder.messages.length === 1);
  });
});
