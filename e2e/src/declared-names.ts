import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const DIST = fileURLToPath(new URL("../../sdk/dist/", import.meta.url));

/** What members a public type has, by the declarations that lie beside the built SDK; those of nested types included. */
export function declaredNames(file: string, type: string): string[] {
  const names = new Set<string>();
  const collect = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) || ts.isMethodSignature(node)) names.add(node.name.getText());
    ts.forEachChild(node, collect);
  };
  for (const statement of parse(`types/sdk/src/${file}`).statements)
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      if (statement.name.text === type) collect(statement);
  if (names.size === 0) throw new Error(`${file} declares no members of ${type}`);
  return [...names].sort();
}

/** Every property that a built script mentions. */
export function propertiesOf(file: string): Set<string> {
  const names = new Set<string>();
  const collect = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) names.add(node.name.text);
    if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression))
      names.add(node.argumentExpression.text);
    if (ts.isObjectLiteralElement(node) && node.name && !ts.isComputedPropertyName(node.name))
      names.add(node.name.text);
    if (ts.isBindingElement(node)) names.add((node.propertyName ?? node.name).getText());
    ts.forEachChild(node, collect);
  };
  collect(parse(file));
  return names;
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(DIST + file, "utf8"), ts.ScriptTarget.Latest, true);
}
