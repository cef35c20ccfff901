import ts from "typescript";

/**
 * The property names that must outlive minification: every one that somebody else may read or write, and every one that
 * a string may ask for. A name is kept wherever in doubt, which costs a byte or two.
 *
 * @param entries of `program`: what they export is seen by whoever loads them
 * @param ours whether we wrote a file; of all others, every name is kept
 * @param wire whether it lays out messages: what is wrong with one is said with the field's name
 */
export function reservedNames(
  program: ts.Program,
  entries: readonly string[],
  ours: (path: string) => boolean,
  wire: (path: string) => boolean,
): Set<string> {
  const checker = program.getTypeChecker();
  const names = new Set<string>();
  const types: ts.Type[] = [];
  for (const entry of entries) {
    for (const exported of checker.getExportsOfModule(
      checker.getSymbolAtLocation(program.getSourceFile(entry)!)!,
    )) {
      names.add(exported.name);
      types.push(checker.getTypeOfSymbol(aliasedBy(checker, exported)));
    }
  }
  for (const file of program.getSourceFiles()) {
    if (!ours(file.fileName)) keepAll(file, names);
    else {
      keepStrings(file, names);
      if (wire(file.fileName)) keepKeys(file, names);
      types.push(...assertedTypes(checker, file));
    }
  }
  keepMembers(checker, types, names, ours);
  return names;
}

/** Every identifier and string in a source text, JavaScript or TypeScript. */
export function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  keepAll(ts.createSourceFile("source.js", text, ts.ScriptTarget.Latest), names);
  return names;
}

function keepAll(node: ts.Node, names: Set<string>): void {
  if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) names.add(node.text);
  ts.forEachChild(node, (child) => {
    const parameter = ts.isParameter(node) && child === node.name && ts.isIdentifier(child);
    if (!parameter) keepAll(child, names);
  });
}

/** Keys that are quoted, asked for by `["name"]`, or by a variable that holds such a string. */
function keepStrings(node: ts.Node, names: Set<string>): void {
  if (ts.isStringLiteralLike(node)) names.add(node.text);
  ts.forEachChild(node, (child) => keepStrings(child, names));
}

function keepKeys(node: ts.Node, names: Set<string>): void {
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) names.add(node.name.getText());
  ts.forEachChild(node, (child) => keepKeys(child, names));
}

function aliasedBy(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What the source says of values that the compiler cannot know: parsed JSON, news of the browser's. */
function assertedTypes(checker: ts.TypeChecker, node: ts.Node): ts.Type[] {
  const asserts = ts.isAsExpression(node) && !ts.isArrayLiteralExpression(node.expression);
  const types = asserts ? [checker.getTypeFromTypeNode(node.type)] : [];
  ts.forEachChild(node, (child) => void types.push(...assertedTypes(checker, child)));
  return types;
}

/**
 * Every member that can be reached from these types: through members, parameters, and what functions give back. Types of
 * others are no way to ours but by their arguments, as in `Promise<Ours>`.
 */
function keepMembers(
  checker: ts.TypeChecker,
  types: readonly ts.Type[],
  names: Set<string>,
  ours: (path: string) => boolean,
): void {
  const isOurs = (declaration: ts.Node | undefined) =>
    declaration !== undefined && ours(declaration.getSourceFile().fileName);
  const seen = new Set<ts.Type>();
  const pending = [...types];
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    if (type.isStringLiteral()) names.add(type.value);
    const constraint = checker.getBaseConstraintOfType(type);
    if (constraint) pending.push(constraint);
    if (type.isUnionOrIntersection()) pending.push(...type.types);
    if (type.aliasTypeArguments) pending.push(...type.aliasTypeArguments);
    if (isReference(type)) pending.push(...checker.getTypeArguments(type));
    for (const info of checker.getIndexInfosOfType(type)) pending.push(info.type);
    for (const member of checker.getPropertiesOfType(type)) {
      names.add(member.name);
      if (isOurs(member.declarations?.[0])) pending.push(checker.getTypeOfSymbol(member));
    }
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      if (!isOurs(signature.declaration)) continue;
      pending.push(signature.getReturnType());
      for (const parameter of signature.getParameters()) pending.push(checker.getTypeOfSymbol(parameter));
    }
  }
}

function isReference(type: ts.Type): type is ts.TypeReference {
  const { objectFlags = 0 } = type as Partial<ts.ObjectType>;
  return (objectFlags & ts.ObjectFlags.Reference) !== 0;
}
