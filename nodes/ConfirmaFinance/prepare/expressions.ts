import { ExpressionExtensions } from 'n8n-workflow';

/** A text with expressions in it, as n8n takes it apart: `before {{ code }} between {{ code }} after`. */
export interface Template {
	/** Text and code in turn, beginning and ending with text. */
	readonly parts: readonly string[];
	readonly codes: readonly string[];
	/** Whether the one expression is all there is, so that its value stays what it is instead of becoming text. */
	readonly isValue: boolean;
}

/** Takes a parameter's text apart (the `=` in front left out); undefined where n8n may take it apart in another way. */
export function templateOf(text: string): Template | undefined {
	const parts = text.split(/\{\{([^]*?)\}\}/);
	const isCode = (_part: string, index: number) => index % 2 === 1;
	const codes = parts.filter(isCode);
	const isPlain = parts.every((part, index) => isCode(part, index) || !/\{\{|\\/.test(part));
	if (codes.length === 0 || !isPlain) return undefined;
	return { parts, codes, isValue: parts.length === 3 && parts[0] === '' && parts[2] === '' };
}

const literal =
	/'(?:[^'\\\n\r]|\\[^\n\r])*'|"(?:[^"\\\n\r]|\\[^\n\r])*"|(?<=[(,]\s*)\/(?![*/])(?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)+\])+\//g;

// Comments, divisions (which look like patterns), templates, statements, private names.
const obscure = /['"`\\/;@#]/;

/** Code without its texts and patterns. */
const bare = (code: string) => code.replace(literal, '0');

const declaration = /\b(?:const|let|var)\s+[\w$]+\s*=/g;
// Of a list that was made just now.
const ownChange =
	/(\.(?:concat|filter|flat|flatMap|map|slice|split)\((?:[^()]|\([^()]*\))*\)\s*)\??\.\s*(?:pop|reverse|shift|sort)\(/g;
const changes = [
	/\+\+|--|(?<![=!<>])=(?![=>])|(?:<<|>>)=|(?<![.\w$])delete\b/,
	/\b(?:add|apply|assign|bind|call|clear|copyWithin|define\w*|delete|fill|freeze|pop|preventExtensions|push|reverse|seal|shift|sort|splice|unshift)\s*(?:\?\.\s*)?\(/,
	/\bset(?:All|Date|FullYear|Hours|Milliseconds|Minutes|Month|Seconds|Time|UTC\w+|Year)?\s*(?:\?\.\s*)?\(/,
	// By a name that isn't seen here.
	/\][\s)]*(?:\?\.\s*)?\(/,
];

function mayChange(code: string): boolean {
	const visible = obscure.test(bare(code)) ? code : bare(code);
	const doubtful = visible.replace(declaration, ' ').replace(ownChange, '$1.x(');
	return changes.some((change) => change.test(doubtful));
}

/**
 * Whether a text with expressions in it may change the item's data, or n8n's, as `{{ $json.tags.sort() }}` does: what others
 * give depends on when they are evaluated then.
 */
export const mayChangeData = (text: string) => (templateOf(text)?.codes ?? [text]).some(mayChange);

// Mean something else inside a function; or in brackets, at the beginning of an expression.
const contextual = /(?<![.\w$])(?:arguments|await|class|function|import|let|this|yield)\b/;
// Depend on the parameter that the expression stands in.
const ofParameter = /\$(?:parameter|rawParameter|self)\b/;

const innermost = /\([^()[\]{}]*\)|\[[^()[\]{}]*\]|\{[^()[\]{}]*\}/g;

function isBalanced(code: string): boolean {
	let [before, rest] = ['', code];
	while (rest !== before) [before, rest] = [rest, rest.replace(innermost, '0')];
	return !/[()[\]{}]/.test(rest);
}

/**
 * Whether an expression that changes nothing keeps to its place in a list of expressions: it can't end its brackets, and means
 * the same there as alone. Cautious: says no to many an expression that would do.
 */
export function isSelfContained(code: string): boolean {
	const rest = bare(code);
	// Without a variable n8n treats what is thrown in another way.
	const hasVariable = /(?<!\w)\$/.test(rest);
	return hasVariable && ![obscure, contextual, ofParameter].some((one) => one.test(rest)) && isBalanced(rest);
}

const extensions = ExpressionExtensions.flatMap(({ functions }) => Object.keys(functions));
// As n8n recognises them: expression-extension.ts of n8n-workflow.
const extension = new RegExp(`(?:\\$if|\\.(?:${extensions.join('|')})\\s*(?:\\?\\.)?)\\s*\\(`);

/**
 * Whether n8n translates an expression before it evaluates it, since it calls a function that n8n adds to JavaScript;
 * undefined where that isn't certain.
 */
export function isTranslated(code: string): boolean | undefined {
	if (!extension.test(code)) return false;
	// n8n leaves out the first text that it finds.
	return extension.test(code.replace(/["'].*?["']/, '')) || undefined;
}
