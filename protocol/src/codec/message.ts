import { type Fields, type Layout, type RecordOf, record } from "./layout.ts";
import { fail, readByte } from "./reader.ts";
import { writeByte } from "./writer.ts";

type Tagged<Type extends string, T> = { readonly [K in "type" | keyof T]: K extends keyof T ? T[K] : Type };

/** A message's name in the code, its type byte on the wire and its body. */
export interface MessageLayout<Type extends string, T> {
  readonly type: Type;
  readonly code: number;
  readonly body: Layout<T>;
}

export function message<const Type extends string, const F extends Fields>(
  type: Type,
  code: number,
  fields: F,
): MessageLayout<Type, RecordOf<F>> {
  return { type, code, body: record(fields) };
}

type AnyMessageLayout = MessageLayout<string, unknown>;
type ValueOfMessage<M> = M extends MessageLayout<infer Type, infer T> ? Tagged<Type, T> : never;

/** The union of what a list of message layouts describes. */
export type MessageOf<Layouts extends readonly AnyMessageLayout[]> = ValueOfMessage<Layouts[number]>;

/** One of several messages, told apart by the type byte. */
export function oneOf<const Layouts extends readonly AnyMessageLayout[]>(
  layouts: Layouts,
): Layout<MessageOf<Layouts>> {
  const byType = new Map(layouts.map((layout) => [layout.type, layout]));
  const byCode = new Map(layouts.map((layout) => [layout.code, layout]));
  return {
    write(writer, value) {
      const { type } = value as { type: string };
      const layout = byType.get(type);
      if (layout === undefined) throw new RangeError(`type: no message is called ${type}`);
      writeByte(writer, layout.code);
      layout.body.write(writer, value, type);
    },
    read(reader) {
      const code = readByte(reader);
      const layout = byCode.get(code);
      if (layout === undefined) fail(reader, `unknown message type ${code}`);
      const value = { type: layout?.type, ...(layout?.body.read(reader) as object | undefined) };
      if (reader.failed && layout !== undefined) reader.reason = `${layout.type}: ${reader.reason}`;
      return value as MessageOf<Layouts>;
    },
  };
}
