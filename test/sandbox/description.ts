import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FastifyInstance, FastifySchema, HTTPMethods, RouteHandlerMethod } from 'fastify';
import { parse } from 'yaml';

interface Operation {
	operationId: string;
	requestBody?: { content: { 'application/json': { schema: { $ref: string } | Record<string, unknown> } } };
}

interface Description {
	paths: Record<string, Record<string, Operation>>;
	components: Record<string, unknown>;
}

const schemaId = 'openapi';

/** Top-level key under which the description's components are known to the schema validator. */
export const descriptionKeywords = ['components'];

let description: Description | undefined;

/** The OpenAPI description that stands beside this file. */
export function readDescription(): Description {
	description ??= parse(readFileSync(join(__dirname, 'openapi.yaml'), 'utf8')) as Description;
	return description;
}

/**
 * Adds one route for each operation of the description, with its request body validated against the description.
 * Throws if an operation has no handler, so that neither can be changed without the other.
 *
 * @param handlers by operationId
 */
export function addDescribedRoutes(
	app: FastifyInstance,
	description: Description,
	handlers: Record<string, RouteHandlerMethod>,
): void {
	app.addSchema({ $id: schemaId, components: description.components });
	for (const [url, operations] of Object.entries(description.paths)) {
		for (const [method, { operationId, requestBody }] of Object.entries(operations)) {
			const handler = handlers[operationId];
			if (!handler) throw new Error(`No handler for the operation ${operationId}`);
			const schema: FastifySchema = {};
			if (requestBody) schema.body = withAbsoluteReferences(requestBody.content['application/json'].schema);
			app.route({ method: method.toUpperCase() as HTTPMethods, url, schema, handler });
		}
	}
}

// A route's schema is compiled apart from the description, so its references have to name the description.
function withAbsoluteReferences(schema: unknown): unknown {
	return JSON.parse(JSON.stringify(schema), (key, value: unknown) => (key === '$ref' ? `${schemaId}${String(value)}` : value));
}
