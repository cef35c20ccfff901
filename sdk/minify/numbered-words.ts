import type { Plugin } from "vite";
import ts from "typescript";

/** A union told apart by the words in its member `type`, which nothing else is done with. */
export interface NumberedUnion {
  readonly file: string;
  readonly name: string;
}

interface Place {
  readonly word: ts.StringLiteral;
  /** It says, or is compared with, what `type` is. */
  readonly tells: boolean;
}

/** What the words of some unions become: by word, and by file the places where they stand. */
export interface NumberedWords {
  readonly numbers: ReadonlyMap<string, number>;
  readonly places: ReadonlyMap<string, readonly ts.StringLiteral[]>;
}

/**
 * Numbers for the words with a hyphen that tell the members of these unions apart. A word stays where it stands anywhere
 * else in the sources: in another type, as an argument, in a table.
 *
 * @throws where a union's `type` is used but for telling its members apart: it would be shown as a number
 */
export function numberedWords(
  program: ts.Program,
  unions: readonly NumberedUnion[],
  ours: (path: string) => boolean,
): NumberedWords {
  const checker = program.getTypeChecker();
  const words = new Set<string>();
  const declarations = unions.map(({ file, name }) => {
    const declaration = program
      .getSourceFile(file)
      ?.statements.find(
        (node): node is ts.TypeAliasDeclaration => ts.isTypeAliasDeclaration(node) && node.name.text === name,
      );
    if (!declaration) throw new Error(`${file} declares no ${name}`);
    const type = checker.getTypeAtLocation(declaration);
    for (const member of type.isUnion() ? type.types : [type]) {
      const told = checker.getTypeOfSymbol(member.getProperty("type")!);
      if (told.isStringLiteral() && told.value.includes("-")) words.add(told.value);
    }
    return declaration;
  });
  const places = new Map<string, Place[]>();
  for (const source of program.getSourceFiles()) {
    if (!ours(source.fileName)) continue;
    const here: Place[] = [];
    visit(source, here);
    if (here.length > 0) places.set(source.fileName, here);
  }
  for (const { word, tells } of [...places.values()].flat()) if (!tells) words.delete(word.text);
  return {
    numbers: new Map([...words].sort().map((word, i) => [word, i + 1])),
    places: new Map(
      [...places].map(([file, here]) => [
        file,
        here.flatMap(({ word }) => (words.has(word.text) ? [word] : [])),
      ]),
    ),
  };

  function visit(node: ts.Node, here: Place[]): void {
    if (declarations.some((declaration) => declaration === node)) return;
    if (ts.isStringLiteral(node) && words.has(node.text)) {
      if (!choosesMember(node)) here.push({ word: node, tells: tellsType(node) });
    }
    if (isType(node) && isNumbered(node) && !isTold(node)) {
      const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
      throw new Error(`${node.getSourceFile().fileName}:${line + 1}: ${node.getText()} is shown`);
    }
    ts.forEachChild(node, (child) => visit(child, here));
  }

  function isNumbered(node: ts.Node): boolean {
    const type = checker.getTypeAtLocation(node);
    return (type.isUnion() ? type.types : [type]).some(
      (one) => one.isStringLiteral() && words.has(one.value),
    );
  }
}

const isType = (node: ts.Node): node is ts.PropertyAccessExpression | ts.BindingElement =>
  ts.isPropertyAccessExpression(node)
    ? node.name.text === "type"
    : ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === "type";

const isComparison = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) &&
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(
    node.operatorToken.kind,
  );

/** Nothing is done with it but to see which it is. */
const isTold = ({ parent }: ts.Node): boolean => ts.isSwitchStatement(parent) || isComparison(parent);

/** As in `Extract<Input, { type: "…" }>`. */
const choosesMember = ({ parent }: ts.Node): boolean => {
  if (!ts.isLiteralTypeNode(parent)) return false;
  const chooser = ts.findAncestor(parent, ts.isTypeReferenceNode);
  return chooser !== undefined && ["Extract", "Exclude"].includes(chooser.typeName.getText());
};

function tellsType({ parent }: ts.StringLiteral): boolean {
  if (ts.isPropertyAssignment(parent)) return parent.name.getText() === "type";
  if (ts.isCaseClause(parent)) return isType(parent.parent.parent.expression);
  return isComparison(parent) && isType(parent.left);
}

/** Puts the numbers where the words stand, as wide as these, so that no source map moves. */
export function numberWords({ numbers, places }: NumberedWords): Plugin {
  return {
    name: "number-words",
    enforce: "pre",
    transform(code, id) {
      let numbered = code;
      for (const word of places.get(id) ?? []) {
        const [start, end] = [word.getStart(), word.getEnd()];
        if (code.slice(start, end) !== word.getText()) throw new Error(`${id} is not what the compiler read`);
        const number = String(numbers.get(word.text)).padEnd(end - start);
        numbered = numbered.slice(0, start) + number + numbered.slice(end);
      }
      return numbered === code ? undefined : { code: numbered, map: null };
    },
  };
}
