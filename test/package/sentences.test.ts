import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createSourceFile, forEachChild, isStringLiteral, isTemplateExpression, ScriptTarget, type Node } from 'typescript';

const root = join(__dirname, '../..');
const sources = ['nodes', 'credentials'].flatMap((folder) =>
	readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
		.filter((file) => file.endsWith('.ts'))
		.map((file) => join(root, folder, file)),
);

/** The texts of four words or more in a program. */
function sentencesIn(file: string): Set<string> {
	const found = new Set<string>();
	const visit = (node: Node) => {
		const isText = isStringLiteral(node) || isTemplateExpression(node);
		if (isText && /\w \w+ \w+ \w/.test(node.getText())) found.add(node.getText().slice(1, -1));
		forEachChild(node, visit);
	};
	visit(createSourceFile(file, readFileSync(file, 'utf8'), ScriptTarget.ES2022, true));
	return found;
}

it('A sentence that users read stands in one file, so that it is changed in one', () => {
	const sentences = sources.flatMap((file) => [...sentencesIn(file)]);
	expect(sentences.length).toBeGreaterThan(200);
	expect(sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index)).toEqual([]);
});
