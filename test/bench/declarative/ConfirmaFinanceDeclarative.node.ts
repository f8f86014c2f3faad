import { NodeConnectionTypes, type INodeProperties, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

import { bodyFrom, fields } from '../../../nodes/ConfirmaFinance/client/fields';
import { properties } from '../../../nodes/ConfirmaFinance/client/properties';

/** The same parameters, each with the place in the body that n8n is to put its value in. */
function routed(parameters: readonly INodeProperties[], prefix = ''): INodeProperties[] {
	return parameters.map((parameter) => {
		const field = fields.find((candidate) => candidate.parameter === prefix + parameter.name);
		if (field) return { ...parameter, routing: { send: { type: 'body', property: field.path } } };
		if (parameter.type !== 'collection') return parameter;
		return { ...parameter, options: routed(parameter.options as INodeProperties[], `${parameter.name}.`) };
	});
}

/**
 * The node in n8n's declarative style: n8n reads the parameters, makes the body and sends it. It normalises nothing,
 * validates nothing, holds nothing back and knows two outcomes.
 */
export class ConfirmaFinanceDeclarative implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Confirma Finance (declarative)',
		name: 'confirmaFinanceDeclarative',
		group: ['output'],
		version: 1,
		description: 'Make a won deal a client at Confirma Finance',
		defaults: { name: 'Confirma Finance (declarative)' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'confirmaFinanceApi', required: true }],
		requestDefaults: { baseURL: '={{ $credentials.baseUrl }}' },
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Create Client',
						value: 'createClient',
						action: 'Create client',
						// The API wants every key, and n8n leaves out what the user leaves out.
						routing: { request: { method: 'POST', url: '/api/v1/partner/client', body: bodyFrom(() => '') } },
					},
				],
				default: 'createClient',
			},
			...routed(properties.filter(({ name }) => name !== 'options')),
		],
	};
}
