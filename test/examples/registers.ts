import type { Crm, CrmAnswer, CrmStandIn } from './crmStandIn';

/** A company as an open register knows it. */
export interface RegisteredCompany {
	name: string;
	id: string;
	city: string;
	isVatRegistered?: boolean;
	isBankrupt?: boolean;
	/** `YYYY-MM-DD`, where it has ceased. */
	ceased?: string;
}

/** The register of Finland: open data of PRH, in version 3. A page has 100 companies. */
const finland = {
	host: 'avoindata.prh.fi',
	path: '/opendata-ytj-api/v3/companies',
	nameParameter: 'name',
	answer: (companies: RegisteredCompany[]) => ({
		totalResults: companies.length,
		companies: companies.slice(0, 100).map(({ name, id, city, isVatRegistered, isBankrupt, ceased }) => ({
			businessId: { value: id, registrationDate: '1990-03-01', source: '3' },
			names: [
				{ name: `Former ${name}`, type: '1', registrationDate: '1990-03-01', endDate: '1999-12-31', version: 2, source: '1' },
				{ name, type: '1', registrationDate: '2000-01-01', endDate: null, version: 1, source: '1' },
			],
			companySituations: isBankrupt ? [{ type: 'KONK', registrationDate: '2021-05-01', endDate: null, source: '1' }] : [],
			registeredEntries: isVatRegistered
				? [{ type: '80', registrationDate: '2000-01-01', endDate: null, register: '6', authority: '1' }]
				: [{ type: '80', registrationDate: '1994-06-01', endDate: '1999-12-31', register: '6', authority: '1' }],
			addresses: [
				{
					type: 1,
					street: 'Testikuja',
					buildingNumber: '7',
					postCode: '00100',
					postOffices: [
						{ city: `${city} (sv)`, languageCode: '2' },
						{ city, languageCode: '1' },
					],
				},
			],
			endDate: ceased ?? null,
		})),
	}),
};

/** The register of Norway: Enhetsregisteret. */
const norway = {
	host: 'data.brreg.no',
	path: '/enhetsregisteret/api/enheter',
	nameParameter: 'navn',
	answer: (companies: RegisteredCompany[]) => ({
		...(companies.length > 0 && {
			_embedded: {
				enheter: companies.slice(0, 100).map(({ name, id, city, isVatRegistered = false, isBankrupt = false, ceased }) => ({
					organisasjonsnummer: id,
					navn: name,
					forretningsadresse: { adresse: ['Testveien 7'], postnummer: '0150', poststed: city, landkode: 'NO' },
					registrertIMvaregisteret: isVatRegistered,
					konkurs: isBankrupt,
					underAvvikling: false,
					...(ceased && { slettedato: ceased }),
				})),
			},
		}),
		page: { size: 100, totalElements: companies.length, totalPages: 1, number: 0 },
	}),
};

export const registers = { FI: finland, NO: norway };

export type RegisterCountry = keyof typeof registers;

/** Hosts at which the registers are played. */
export const registerHosts: readonly string[] = Object.values(registers).map(({ host }) => host);

/** A register's answer to every search that follows: companies, or what it sends instead. */
export function serveRegister(standIn: CrmStandIn, country: RegisterCountry, answer: RegisteredCompany[] | CrmAnswer): void {
	const register = registers[country];
	const crm: Crm = ({ method, path }) =>
		method !== 'GET' || path !== register.path ? undefined : Array.isArray(answer) ? { body: register.answer(answer) } : answer;
	standIn.serve(register.host, crm);
}
