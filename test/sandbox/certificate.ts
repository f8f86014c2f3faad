import { generate } from 'selfsigned';

/**
 * Makes a key and a certificate for 127.0.0.1 and localhost that no client trusts, as PEM texts. They exist in memory
 * only and are valid for one day.
 */
export async function makeSelfSignedCertificate(): Promise<{ key: string; cert: string }> {
	const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
		keyType: 'ec',
		notAfterDate: new Date(Date.now() + 24 * 60 * 60 * 1000),
		extensions: [
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 7, ip: '127.0.0.1' },
				],
			},
		],
	});
	return { key, cert };
}
