// A node that makes the calls to n8n's deduplication store that its item asks for, and gives what came of them.
class StoreProbe {
	constructor() {
		this.description = {
			displayName: 'Store Probe',
			name: 'storeProbe',
			group: ['transform'],
			version: 1,
			description: "Makes calls to n8n's deduplication store",
			defaults: { name: 'Store Probe' },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
		};
	}

	async execute() {
		const call = async ([method, ...args]) => {
			try {
				return { value: (await this.helpers[method](...args)) ?? null };
			} catch (error) {
				return { refusal: error.message };
			}
		};
		const results = [];
		for (const atOnce of this.getInputData()[0].json.body.rounds) results.push(await Promise.all(atOnce.map(call)));
		return [[{ json: { results } }]];
	}
}

module.exports = { StoreProbe };
