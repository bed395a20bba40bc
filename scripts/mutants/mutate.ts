/** The faults that are planted in a file, one at a time: each a piece of its text and what takes its place. */
import ts from 'typescript';

export type Mutant = {
	file: string;
	line: number;
	lineText: string;
	start: number;
	end: number;
	from: string;
	to: string;
};

const OPPOSITES: Readonly<Record<string, readonly string[]>> = {
	'===': ['!=='],
	'!==': ['==='],
	'<': ['<=', '>='],
	'<=': ['<', '>'],
	'>': ['>=', '<='],
	'>=': ['>', '<'],
	'+': ['-'],
	'-': ['+'],
	'*': ['/'],
	'%': ['*'],
};
const METHODS: Readonly<Record<string, string>> = { some: 'every', every: 'some', max: 'min', min: 'max' };

/** All mutants of a file, in the order of their places. */
export function mutantsOf(file: string, text: string): Mutant[] {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const lines = text.split('\n');
	const found: Mutant[] = [];

	const plant = (node: ts.Node, to: string): void => {
		const start = node.getStart(source);
		const end = node.getEnd();
		const from = text.slice(start, end);
		const { line } = source.getLineAndCharacterOfPosition(start);
		if (from !== to) found.push({ file, line: line + 1, lineText: lines[line] ?? '', start, end, from, to });
	};

	const visit = (node: ts.Node): void => {
		// Types say nothing when it runs, and a message is nobody's decision.
		if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
		if (ts.isTypeAliasDeclaration(node) || ts.isThrowStatement(node)) return;
		for (const [part, to] of faultsOf(node, source)) plant(part, to);
		ts.forEachChild(node, visit);
	};

	visit(source);
	return found.sort((a, b) => a.start - b.start);
}

function faultsOf(node: ts.Node, source: ts.SourceFile): [ts.Node, string][] {
	const text = (each: ts.Node) => each.getText(source);

	if (ts.isBinaryExpression(node)) {
		const operator = text(node.operatorToken);
		const other = (OPPOSITES[operator] ?? []).map((to): [ts.Node, string] => [node.operatorToken, to]);
		if (!['&&', '||', '??'].includes(operator)) return other;
		return [
			[node, text(node.left)],
			[node, text(node.right)],
		];
	}
	if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
		return [[node, text(node.operand)]];
	if (ts.isConditionalExpression(node)) {
		return [
			[node, text(node.whenTrue)],
			[node, text(node.whenFalse)],
		];
	}
	if (ts.isIfStatement(node)) {
		return [
			[node.expression, 'true'],
			[node.expression, 'false'],
		];
	}
	if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, 'false']];
	if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, 'true']];
	if (ts.isNumericLiteral(node)) return [[node, String(Number(node.text) + 1)]];
	if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) return [[node, '[]']];
	if (ts.isSpreadAssignment(node)) return [[node, '...{}']];
	if (ts.isExpressionStatement(node)) return [[node, ';']];
	if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
		const { name, expression } = node.expression;
		const method = METHODS[name.text];
		if (method) return [[name, method]];
		if (['filter', 'sort', 'toSorted', 'slice'].includes(name.text)) return [[node, text(expression)]];
	}
	return [];
}
