import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";

/** Numbers of RFC 8489 and RFC 8656. */
const ALLOCATE = 0x0003;
const MAGIC = 0x2112a442;
const [USERNAME, INTEGRITY, ERROR_CODE, REALM, NONCE, REQUESTED_TRANSPORT] = [6, 8, 9, 0x14, 0x15, 0x19];
const UDP = Buffer.of(17, 0, 0, 0);
const retryMs = 200;

type Attributes = ReadonlyMap<number, Buffer>;

/** Asks a TURN server for a relayed address, as a browser does: "granted", or the code of its refusal. */
export async function allocate(
  port: number,
  username: string,
  password: string,
): Promise<"granted" | number> {
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await new Promise((connected) => socket.once("connect", connected));
  try {
    return await allocateOver(socket, username, password);
  } finally {
    socket.close();
  }
}

async function allocateOver(socket: Socket, username: string, password: string): Promise<"granted" | number> {
  const challenge = await ask(socket, [[REQUESTED_TRANSPORT, UDP]], null);
  const realm = challenge.attributes.get(REALM) ?? Buffer.alloc(0);
  const nonce = challenge.attributes.get(NONCE) ?? Buffer.alloc(0);
  const key = createHash("md5").update(`${username}:${realm.toString()}:${password}`).digest();
  const answer = await ask(
    socket,
    [
      [REQUESTED_TRANSPORT, UDP],
      [USERNAME, Buffer.from(username)],
      [REALM, realm],
      [NONCE, nonce],
    ],
    key,
  );
  if (answer.type === (ALLOCATE | 0x0100)) return "granted";
  const code = answer.attributes.get(ERROR_CODE);
  return code === undefined ? 0 : code[2]! * 100 + code[3]!;
}

async function ask(
  socket: Socket,
  attributes: readonly (readonly [number, Buffer])[],
  key: Buffer | null,
): Promise<{ type: number; attributes: Attributes }> {
  const request = encode(attributes, key);
  // The server may not listen yet: then the system says so, and the next try comes.
  socket.on("error", () => {});
  const resend = setInterval(() => socket.send(request), retryMs);
  socket.send(request);
  const response = await new Promise<Buffer>((resolve) => socket.once("message", resolve));
  clearInterval(resend);
  return decode(response);
}

function encode(attributes: readonly (readonly [number, Buffer])[], key: Buffer | null): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(ALLOCATE, 0);
  header.writeUInt32BE(MAGIC, 4);
  randomBytes(12).copy(header, 8);
  const body = Buffer.concat(attributes.map(([type, value]) => attribute(type, value)));
  if (key === null) {
    header.writeUInt16BE(body.length, 2);
    return Buffer.concat([header, body]);
  }
  // The length counts the signature already when it is signed.
  header.writeUInt16BE(body.length + 24, 2);
  const mac = createHmac("sha1", key).update(header).update(body).digest();
  return Buffer.concat([header, body, attribute(INTEGRITY, mac)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function decode(message: Buffer): { type: number; attributes: Attributes } {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type: message.readUInt16BE(0), attributes };
}
