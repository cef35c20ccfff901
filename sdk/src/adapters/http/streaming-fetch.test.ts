import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startStreamingFetch, type FetchPlan } from "./streaming-fetch.ts";

const resource = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
const clock = {
  now: () => performance.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
let server: Server;
let base = "";
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let ranges: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    respond(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/segment`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  ranges = [];
  respond = honourRange;
});

function honourRange(request: IncomingMessage, response: ServerResponse): void {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (match === null) {
    response.writeHead(200, { "content-length": resource.length }).end(resource);
    return;
  }
  const start = Number(match[1]);
  const end = match[2] === "" ? resource.length : Math.min(resource.length, Number(match[2]) + 1);
  response
    .writeHead(206, {
      "content-length": end - start,
      "content-range": `bytes ${start}-${end - 1}/${resource.length}`,
    })
    .end(resource.subarray(start, end));
}

interface Outcome {
  expected: number | null | undefined;
  whole: boolean | undefined;
  bytes: Buffer;
  end: string;
}

function load(
  plan: Partial<FetchPlan> = {},
  onChunk: (abort: () => void) => void = () => {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let expected: number | null | undefined;
    let whole: boolean | undefined;
    const finish = (end: string) => resolve({ expected, whole, bytes: Buffer.concat(chunks), end });
    const handle = startStreamingFetch(
      {
        source: { url: base, rangeStartBytes: null, rangeLengthBytes: null },
        offsetBytes: 0,
        endBytes: null,
        timeouts: { firstByteMs: 5_000, loadMs: 10_000 },
        ...plan,
      },
      {
        started(bytes, ignored) {
          expected = bytes;
          whole = ignored;
        },
        chunk(data) {
          chunks.push(data);
          onChunk(() => {
            handle.abort();
            finish("aborted");
          });
        },
        done: (received) => finish(`done ${received}`),
        failed: (reason, status) => finish(`${reason} ${status}`),
      },
      { fetch, clock },
    );
  });
}

const middle = { url: "", rangeStartBytes: 50_000, rangeLengthBytes: 80_000 };
const byteRange = () => ({ ...middle, url: base });

test("a whole resource is asked for without a Range header", async () => {
  const { expected, bytes, end } = await load();
  expect([expected, end, ranges]).toEqual([200_000, "done 200000", [undefined]]);
  expect(bytes.equals(resource)).toBe(true);
});

test("a segment that is a byte range of a resource", async () => {
  const { expected, bytes, end } = await load({ source: byteRange() });
  expect([expected, end, ranges]).toEqual([80_000, "done 80000", ["bytes=50000-129999"]]);
  expect(bytes.equals(resource.subarray(50_000, 130_000))).toBe(true);
});

test("the tail of a byte-range segment is absolute in the resource", async () => {
  const { bytes, end } = await load({ source: byteRange(), offsetBytes: 65_536 });
  expect([end, ranges]).toEqual([`done ${80_000 - 65_536}`, ["bytes=115536-129999"]]);
  expect(bytes.equals(resource.subarray(115_536, 130_000))).toBe(true);
});

test("the middle of a whole resource, and its open tail", async () => {
  expect((await load({ offsetBytes: 65_536, endBytes: 131_072 })).end).toBe("done 65536");
  expect((await load({ offsetBytes: 131_072 })).end).toBe(`done ${200_000 - 131_072}`);
  expect(ranges).toEqual(["bytes=65536-131071", "bytes=131072-"]);
});

test("a byte-range segment answered with 200 is cut out of the whole", async () => {
  respond = (_, response) => response.writeHead(200).end(resource);
  const { expected, bytes, end } = await load({ source: byteRange() });
  expect([expected, end]).toEqual([80_000, "done 80000"]);
  expect(bytes.equals(resource.subarray(50_000, 130_000))).toBe(true);
});

test("a tail answered with 200 brings the whole segment, and says so", async () => {
  respond = (_, response) => response.writeHead(200, { "content-length": resource.length }).end(resource);
  const tail = await load({ offsetBytes: 65_536 });
  expect(tail).toMatchObject({ end: "done 200000", expected: 200_000, whole: true });
  expect(tail.bytes.equals(resource)).toBe(true);
  const inside = await load({ source: byteRange(), offsetBytes: 65_536, endBytes: 70_000 });
  expect(inside).toMatchObject({ end: "done 80000", expected: 80_000, whole: true });
  expect(inside.bytes.equals(resource.subarray(50_000, 130_000))).toBe(true);
});

test("a whole segment, and a tail that comes as asked, are not called ignored ranges", async () => {
  expect(await load()).toMatchObject({ whole: false });
  expect(await load({ source: byteRange() })).toMatchObject({ whole: false });
  expect(await load({ offsetBytes: 65_536 })).toMatchObject({ whole: false });
});

test("a 206 for another range is range-ignored", async () => {
  respond = (_, response) =>
    response.writeHead(206, { "content-range": "bytes 0-99/200000" }).end(resource.subarray(0, 100));
  expect((await load({ offsetBytes: 65_536 })).end).toBe("range-ignored 206");
});

test("Content-Length of an encoded body says nothing about the segment", async () => {
  const packed = gzipSync(new Uint8Array(100_000));
  respond = (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length }).end(packed);
  const { expected, end } = await load();
  expect([expected, end]).toEqual([null, "done 100000"]);
});

test("statuses are passed on", async () => {
  for (const status of [404, 416, 500, 503]) {
    respond = (_, response) => response.writeHead(status).end("no");
    expect((await load()).end).toBe(`status ${status}`);
  }
});

test("a connection that drops in the body is a network failure", async () => {
  respond = (_, response) => {
    response.writeHead(200, { "content-length": resource.length });
    response.write(resource.subarray(0, 70_000), () => response.destroy());
  };
  const { end } = await load();
  expect(end).toBe("network 0");
});

test("a range that ends early is a network failure", async () => {
  respond = (_, response) => {
    response
      .writeHead(206, { "content-range": "bytes 50000-129999/200000" })
      .end(resource.subarray(50_000, 60_000));
  };
  expect((await load({ source: byteRange() })).end).toBe("network 0");
});

test("nothing listens there", async () => {
  const source = { url: "http://127.0.0.1:1/", rangeStartBytes: null, rangeLengthBytes: null };
  expect((await load({ source })).end).toBe("network 0");
});

test("no first byte in time", async () => {
  respond = () => {};
  expect((await load({ timeouts: { firstByteMs: 30, loadMs: 10_000 } })).end).toBe("timeout 0");
});

test("a body that trickles beyond the time of the whole load", async () => {
  respond = (_, response) => {
    response.writeHead(200, { "content-length": resource.length });
    response.write(resource.subarray(0, 1_000));
  };
  expect((await load({ timeouts: { firstByteMs: 30, loadMs: 200 } })).end).toBe("timeout 0");
});

test("after abort nothing is heard and the server sees the connection go", async () => {
  let gone = () => {};
  const closed = new Promise<void>((resolve) => (gone = resolve));
  respond = (_, response) => {
    response.on("close", gone);
    response.writeHead(200, { "content-length": resource.length });
    response.write(resource.subarray(0, 50_000));
  };
  expect((await load({}, (abort) => abort())).end).toBe("aborted");
  await closed;
});
