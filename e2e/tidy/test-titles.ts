/** One test as its file writes it. */
export interface WrittenTest {
  readonly title: string;
  /** Where it is one of a table, the whole file: the table may stand anywhere. */
  readonly text: string;
}

const TEXT = /(["'`])((?:\\.|(?!\1).)+)\1/.source;
const PLAIN = new RegExp(String.raw`\b(?:it|test)\(\s*${TEXT}`, "g");
/** The second call of `it.each(…)(…)`. */
const OF_A_TABLE = new RegExp(String.raw`\)\(\s*${TEXT},\s*(?:async\s*)?\(`, "g");
/** The first two texts of a table's row fill a title's placeholders. */
const ROW = new RegExp(
  String.raw`\[\s*${TEXT}(?:,\s*${TEXT.replace("\\1", "\\3").replace("\\1", "\\3")})?`,
  "g",
);

/** The tests of a file by their titles; those of a table by the table's title and by each row's. */
export function testsIn(file: string): WrittenTest[] {
  const plain = [...file.matchAll(PLAIN)].map((match) => {
    const rest = file.slice(match.index + match[0].length);
    const end = rest.search(/\n\s*(?:it|test|describe)[.(]/);
    return { title: match[2]!, text: end < 0 ? rest : rest.slice(0, end) };
  });
  const rows = [...file.matchAll(ROW)].map(([, , first, , second]) => [first!, second ?? ""] as const);
  const ofTables = [...file.matchAll(OF_A_TABLE)].flatMap(([, , title]) => [
    { title: title!, text: file },
    ...rows.map(([first, second]) => ({
      title: title!.replace("%s", () => first).replace("%s", () => second),
      text: file,
    })),
  ]);
  return [...plain, ...ofTables];
}
