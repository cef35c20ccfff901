import ts from "typescript";

/** A file of the repo as the checks see it: they read nothing themselves, so that they can be fed with samples. */
export interface SourceFile {
  /** Relative to the root of the repo, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** One broken rule. */
export interface Violation {
  readonly path: string;
  readonly reason: string;
}

export type Check = (files: readonly SourceFile[]) => Violation[];

export function isTestFile(path: string): boolean {
  return /\.(test|spec)\.[cm]?[jt]s$/.test(path);
}

/** Tests and the helpers they share, which live in `testing` folders. */
export function isTestCode(path: string): boolean {
  return isTestFile(path) || path.includes("/testing/");
}

export function isCode(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

export function isAmbient(path: string): boolean {
  return path.endsWith(".d.ts");
}

export function parse(file: SourceFile): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
}

export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
