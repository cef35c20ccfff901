const VALUES_PER_STATEMENT = 1_000;

/** The rows of many values, a thousand to a query. */
export async function readIn<Value, Row>(
  values: readonly Value[],
  read: (chunk: (Value extends Uint8Array ? Buffer : Value)[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < values.length; at += VALUES_PER_STATEMENT) {
    const chunk = values.slice(at, at + VALUES_PER_STATEMENT);
    const bound = chunk.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value));
    rows.push(...(await read(bound as (Value extends Uint8Array ? Buffer : Value)[])));
  }
  return rows;
}
