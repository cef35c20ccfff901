import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpAnswer, HttpRequest } from "../adapters/sockets/contract.ts";
import type { Publisher, PublisherRegistry, RegistryChange } from "../core/publishers.ts";
import {
  InputError,
  publisherIdOf,
  publisherKey,
  publisherName,
  publisherOrigins,
} from "../publishers/publisher-input.ts";
import type { HttpRoute } from "./pages.ts";

export const ADMIN_PREFIX = "/admin/";
/** 24 random characters hold more than 100 bits: nobody guesses them over a network. */
export const adminSecretLengthMin = 24;

const PUBLISHERS = "/admin/publishers";

function json(status: number, body: object): HttpAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers, body: `${JSON.stringify(body)}\n` };
}

const error = (status: number, message: string) => json(status, { error: message });

const digest = (text: string) => createHash("sha256").update(text).digest();

/**
 * The registry over HTTP, for whoever holds the secret. It takes public keys only: publishers keep their private
 * ones. Unlike the command line it takes no private origins, so that a control panel in front of it opens no way
 * into the tracker's network.
 */
export function createAdminRoute(
  registry: PublisherRegistry,
  secret: string,
  nowMs: () => number,
): HttpRoute {
  const expected = digest(`Bearer ${secret}`);

  async function answer(request: HttpRequest): Promise<HttpAnswer> {
    // Digests have one length, and comparing them takes one time.
    if (!timingSafeEqual(digest(request.authorization), expected))
      return {
        ...error(401, "send Authorization: Bearer and the tracker's admin secret"),
        headers: { "content-type": "application/json", "www-authenticate": "Bearer" },
      };
    if (request.body === null) return error(413, "the body is too long");
    const { method, path } = request;
    if (path === PUBLISHERS) {
      if (method !== "GET") return wrongMethod("GET");
      return json(200, { publishers: (await registry.list()).map(shown) });
    }
    const [name = "", collection, keyId, ...more] = path
      .slice(PUBLISHERS.length + 1)
      .split("/")
      .map(decoded);
    if (!path.startsWith(`${PUBLISHERS}/`) || more.length > 0) return error(404, "no such page");
    publisherName(name);
    switch (collection) {
      case undefined:
        return one(request, name);
      case "origins":
        if (keyId !== undefined) break;
        if (method !== "PUT") return wrongMethod("PUT");
        return changed(name, registry.setOrigins(name, publisherOrigins(fields(request)["origins"], false)));
      case "keys":
        if (keyId !== undefined) {
          if (method !== "DELETE") return wrongMethod("DELETE");
          return changed(name, registry.removeKey(name, keyId));
        }
        if (method !== "POST") return wrongMethod("POST");
        return changed(name, registry.addKey(name, publisherKey(fields(request)["publicKey"], nowMs())));
    }
    return error(404, "no such page");
  }

  async function one(request: HttpRequest, name: string): Promise<HttpAnswer> {
    switch (request.method) {
      case "GET": {
        const found = await registry.byName(name);
        return found === null ? error(404, `no publisher "${name}" is registered`) : json(200, shown(found));
      }
      case "PUT": {
        const { publicKey, origins = [] } = fields(request);
        const added = registry.add({
          name,
          id: publisherIdOf(name),
          keys: [publisherKey(publicKey, nowMs())],
          origins: publisherOrigins(origins, false),
        });
        return changed(name, added, 201);
      }
      case "DELETE": {
        const removed = await registry.remove(name);
        return removed.ok ? json(200, { removed: name }) : error(404, removed.reason);
      }
      default:
        return wrongMethod("GET, PUT, DELETE");
    }
  }

  async function changed(name: string, change: Promise<RegistryChange>, status = 200): Promise<HttpAnswer> {
    const result = await change;
    const after = await registry.byName(name);
    if (!result.ok) return error(after === null ? 404 : 409, result.reason);
    return json(status, after === null ? {} : shown(after));
  }

  return {
    prefix: ADMIN_PREFIX,
    async answer(request) {
      try {
        return await answer(request);
      } catch (thrown) {
        if (thrown instanceof InputError) return error(400, thrown.message);
        throw thrown;
      }
    },
  };
}

function wrongMethod(allow: string): HttpAnswer {
  const { headers, ...rest } = error(405, `only ${allow}`);
  return { ...rest, headers: { ...headers, allow } };
}

/** A publisher as the operator sees it. */
export function shown({ name, id, keys, origins }: Publisher) {
  return { name, id: Buffer.from(id).toString("hex"), keys, origins };
}

function fields({ body }: HttpRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body ?? []).toString());
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new InputError("the body must be a JSON object");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new InputError(`the path holds ${JSON.stringify(part)}, which is not URL-encoded`);
  }
}
