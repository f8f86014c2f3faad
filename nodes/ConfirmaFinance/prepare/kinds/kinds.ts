import type { FieldKind } from '../../client/fields';
import { bic, giro, iban } from './bank';
import { country, currency, language } from './codes';
import { email, phone, postalCode, website } from './contact';
import { error, type Kind, type Rule } from './kind';
import { businessCode, vatNumber } from './registers';
import { judgeEncoding, judgeText, text } from './text';

/** What is done to a field's value, by the field's kind. */
export const kinds: Record<FieldKind, Kind> = {
	text,
	businessCode,
	vatNumber,
	postalCode,
	country,
	language,
	currency,
	phone,
	email,
	website,
	iban,
	bic,
	giro,
};

const empty = error('is empty', 'Fill it in, or map a field of your CRM to it');

/**
 * The first thing that is wrong, or looks odd, about a field's text: what a broken expression leaves behind, the types that the
 * API announces (docs/api.md), check digits.
 */
export const judge: Rule = (value, body, field) =>
	value === ''
		? field.required
			? empty
			: undefined
		: (judgeText(value) ?? kinds[field.kind].judge(value, body, field) ?? judgeEncoding(value));
