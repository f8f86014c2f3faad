import { isValidBIC, isValidIBAN } from 'ibantools';
import isLuhnNumber from 'validator/lib/isLuhnNumber';

import type { FieldPath } from '../../client/fields';
import { countryLabel } from '../names';
import { error, isNumber, textOf, warning, type Kind } from './kind';

export const iban: Kind = {
	normalise(text) {
		const compact = text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
		// The label has no digits, so there is one place only where the account can begin.
		const account = /^\D*?([A-Z]{2}\d{2}[A-Z0-9]+)$/.exec(compact)?.[1];
		return account && (account === compact || isValidIBAN(account)) ? account : text;
	},
	judge: (value) =>
		isValidIBAN(value)
			? undefined
			: error(
					'is not a valid IBAN: its length or its check digits are wrong',
					'Copy it again from the bank; it looks like FI21 1234 5600 0007 85',
				),
};

/** Whose banks' BICs have a country code of their own, by the country whose IBANs they may use (European Payments Council). */
const territories = {
	DK: 'FO GL',
	FI: 'AX',
	FR: 'BL GF GP MC MF MQ NC PF PM RE TF WF YT',
	GB: 'GG IM JE VG',
	NO: 'SJ',
};
const bankCountry = (code: string) => Object.entries(territories).find(([, codes]) => codes.includes(code))?.[0] ?? code;

const bicLabel = /^(?:BIC|SWIFT)(?:[^\p{L}\p{N}]|(?:CODE|KODE?|KOODI|NR|NO|ADD?RESSE?|BIC|SWIFT)\b)*/u;

export const bic: Kind = {
	normalise(text) {
		const compact = text
			.toUpperCase()
			.replace(bicLabel, '')
			.replace(/[^\p{L}\p{N}]/gu, '');
		return isValidBIC(compact) ? compact : text;
	},
	judge(value, { client }) {
		if (!isValidBIC(value)) return error('is not a BIC', 'Enter 8 or 11 characters, such as NDEAFIHH');
		const iban = textOf(client.ibanAccount);
		const [bank, account] = [value.slice(4, 6), iban.slice(0, 2)];
		if (!isValidIBAN(iban) || bankCountry(bank) === bankCountry(account)) return undefined;
		const wrong = `belongs to a bank in ${countryLabel(bank)}, but the IBAN to one in ${countryLabel(account)}`;
		return warning(wrong, 'Check both with the client');
	},
};

const giros: Partial<Record<FieldPath, { label: RegExp; digits: RegExp; form: string }>> = {
	'client.bankgiro': {
		label: /^\D*\b(?:bg|bankgiro)\D*/i,
		digits: /^\d{3,4}-?\d{4}$/,
		form: '7 or 8 digits, such as 991-2346',
	},
	'client.plusgiro': {
		label: /^\D*\b(?:pg|plusgiro|postgiro)\D*/i,
		digits: /^\d{1,7}-?\d$/,
		form: '2 to 8 digits, such as 28 65 43-4',
	},
};

export const giro: Kind = {
	normalise(text, _country, { path }) {
		const compact = text.replace(giros[path]!.label, '').replace(/[ .()]/g, '');
		return /^[\d-]+$/.test(compact) ? compact : text;
	},
	judge(value, _body, { path }) {
		const { digits, form } = giros[path]!;
		if (!digits.test(value)) return error('is not a giro number', `Enter ${form}`);
		return isLuhnNumber(value) && isNumber(value)
			? undefined
			: error('has a wrong check digit', `Compare the number with the client's invoice; it has ${form}`);
	},
};
