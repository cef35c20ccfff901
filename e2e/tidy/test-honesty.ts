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

const RUNNERS = new Set(["it", "test", "describe", "suite"]);
const EVASIONS = new Set(["skip", "only", "todo", "fixme", "fails", "fail", "skipIf", "runIf"]);
const DISABLED = new Set(["xit", "xtest", "xdescribe", "fit", "fdescribe"]);

/** Every test runs, every time: none skipped, none alone, none waiting out a sleep. */
export const testsAreHonest: Check = (files) =>
  files.filter((file) => isTestFile(file.path)).flatMap(evasionsIn);

function evasionsIn(file: SourceFile): Violation[] {
  const source = parse(file);
  const found: Violation[] = [];
  visit(source, (node) => {
    const what = evasionOf(node);
    if (what !== null) found.push({ path: file.path, reason: `line ${lineOf(source, node)}: ${what}` });
  });
  return found;
}

function evasionOf(node: ts.Node): string | null {
  if (ts.isIdentifier(node) && DISABLED.has(node.text)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return null;
  if (node.name.text === "waitForTimeout") return "waitForTimeout: wait for what should happen instead";
  return EVASIONS.has(node.name.text) && RUNNERS.has(rootOf(node)) ? node.getText() : null;
}

function rootOf(node: ts.Expression): string {
  let at: ts.Expression = node;
  while (ts.isPropertyAccessExpression(at) || ts.isCallExpression(at)) at = at.expression;
  return at.getText();
}
