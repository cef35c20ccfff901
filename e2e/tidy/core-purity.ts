import ts from "typescript";
import {
  isTestCode,
  lineOf,
  parse,
  visit,
  type Check,
  type SourceFile,
  type Violation,
} from "./source-file.ts";

const PURE_FOLDERS = /^(protocol\/src|sdk\/src\/core|tracker\/src\/core|tracker\/src\/ledger)\//;
const BANNED_GLOBALS = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "console",
  "performance",
  "fetch",
  "process",
]);
const BANNED_MEMBERS = new Set(["Date.now", "Math.random", "crypto.getRandomValues", "crypto.randomUUID"]);

/** Time and randomness are inputs of a core and its work is synchronous: the simulator depends on it. */
export const corePurity: Check = (files) =>
  files.filter((file) => PURE_FOLDERS.test(file.path) && !isTestCode(file.path)).flatMap(impurities);

function impurities(file: SourceFile): Violation[] {
  const source = parse(file);
  const declared = declaredNames(source);
  const found: Violation[] = [];
  visit(source, (node) => {
    const what = impurityOf(node, declared);
    if (what !== null)
      found.push({ path: file.path, reason: `line ${lineOf(source, node)}: ${what} in a core` });
  });
  return found;
}

function impurityOf(node: ts.Node, declared: ReadonlySet<string>): string | null {
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return "async";
  if (ts.isAwaitExpression(node)) return "await";
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length)
    return "new Date()";
  if (ts.isPropertyAccessExpression(node)) {
    const member = node.getText().replace(/^globalThis\./, "");
    if (BANNED_MEMBERS.has(member)) return member;
    const isGlobal = node.expression.getText() === "globalThis" && BANNED_GLOBALS.has(node.name.text);
    return isGlobal ? node.name.text : null;
  }
  if (!ts.isIdentifier(node) || !BANNED_GLOBALS.has(node.text)) return null;
  return isUse(node) && !declared.has(node.text) ? node.text : null;
}

/** True where an identifier is read as a variable, rather than naming a member, a parameter or a type. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  const isName = "name" in parent && parent.name === node;
  const isRenamed = "propertyName" in parent && parent.propertyName === node;
  return !isName && !isRenamed && !ts.isQualifiedName(parent) && !ts.isTypeNode(parent);
}

/** A core may well call something of its own `fetch`; what it has not declared is the platform's. */
function declaredNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  visit(source, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (declares && node.name !== undefined) names.add(node.name.getText(source));
  });
  return names;
}
