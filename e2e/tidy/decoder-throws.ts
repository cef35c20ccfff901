import ts from "typescript";
import {
  isTestFile,
  lineOf,
  parse,
  visit,
  type Check,
  type SourceFile,
  type Violation,
} from "./source-file.ts";

/** A decoder answers bad input with a value: a throw there lets any peer stop a viewer. */
export const decodersDoNotThrow: Check = (files) =>
  files.filter((file) => file.path.startsWith("protocol/src/") && !isTestFile(file.path)).flatMap(throwsIn);

function throwsIn(file: SourceFile): Violation[] {
  const source = parse(file);
  const wholeFile = /(^|\/)(reader|decode[^/]*)\.ts$/.test(file.path);
  const found: Violation[] = [];
  visit(source, (node) => {
    if (!ts.isThrowStatement(node)) return;
    const decoder = wholeFile ? file.path : enclosingDecoder(node);
    if (decoder !== null)
      found.push({ path: file.path, reason: `line ${lineOf(source, node)}: ${decoder} throws` });
  });
  return found;
}

function enclosingDecoder(node: ts.Node): string | null {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    const name = nameOfFunction(at);
    if (name !== null && /^(decode|read|parse)/.test(name)) return name;
  }
  return null;
}

function nameOfFunction(node: ts.Node): string | null {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.name?.getText() ?? null;
  const isInline = ts.isArrowFunction(node) || ts.isFunctionExpression(node);
  if (!isInline) return null;
  const { parent } = node;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : null;
}
