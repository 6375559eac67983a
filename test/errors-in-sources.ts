/** What the packages throw, read from their sources: every error class with each code that it is made with. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { socketError } from '@socketserver/socket';
import ts from 'typescript';

const packages = join(__dirname, '..', 'packages');
const code = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/** `'AddressInUseError EADDRINUSE'` and the like, sorted. @param names of packages */
export function errorsInSources(names: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const folder = join(packages, name, 'src');
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(folder, file), 'utf8');
      collect(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true), found);
    }
  }
  return [...found].sort();
}

/**
 * ```
 *   new SocketStateError('…', 'EINVAL')              and what a class of errors gives to super()
 *   const byCode: ErrorTable = { EACCES: [PermissionError, '…'] }
 *   systemError('EAGAIN', …), { code: 'EAGAIN' }     become what socketError() makes of them
 *   'ERR_UNKNOWN'                                    a code of our own in a function that gives codes
 * ```
 */
function collect(node: ts.Node, found: Set<string>): void {
  if (ts.isNewExpression(node) && node.expression.getText().endsWith('Error')) {
    for (const each of codesIn(node.arguments ?? [])) found.add(`${node.expression.getText()} ${each}`);
  } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const name = classAround(node)?.name?.text ?? '';
    if (name.endsWith('Error')) for (const each of codesIn(node.arguments)) found.add(`${name} ${each}`);
  } else if (ts.isCallExpression(node) && node.expression.getText() === 'systemError') {
    for (const each of codesIn(node.arguments)) found.add(asSocketError(each));
  } else if (ts.isPropertyAssignment(node) && ts.isArrayLiteralExpression(node.initializer)) {
    const [first] = node.initializer.elements;
    const name = first?.getText() ?? '';
    if (code.test(node.name.getText()) && name.endsWith('Error')) found.add(`${name} ${node.name.getText()}`);
  } else if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') {
    for (const each of codesIn(choices(node.initializer))) found.add(asSocketError(each));
  } else if (ts.isReturnStatement(node) && node.expression !== undefined) {
    for (const each of codesIn(choices(node.expression))) found.add(asSocketError(each));
  }
  node.forEachChild((child) => collect(child, found));
}

function codesIn(expressions: readonly ts.Expression[]): string[] {
  return expressions.flatMap((each) => (ts.isStringLiteral(each) && code.test(each.text) ? [each.text] : []));
}

/** Both values of `a ? b : c`. */
function choices(expression: ts.Expression): ts.Expression[] {
  return ts.isConditionalExpression(expression) ? [expression.whenTrue, expression.whenFalse] : [expression];
}

function classAround(node: ts.Node): ts.ClassLikeDeclaration | undefined {
  return ts.findAncestor(node, ts.isClassLike);
}

/** At a path a code may mean more than elsewhere. */
function asSocketError(each: string): string {
  const [anywhere, atPath] = [undefined, '/path'].map((address) => {
    return socketError({ code: each, message: each }, 'test', address).name;
  });
  return `${anywhere === 'SocketError' ? atPath : anywhere} ${each}`;
}
