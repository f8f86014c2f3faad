// Started with n8n's own Node.js and modules: registerPackage.cjs <package folder> <database file>
const { join } = require('node:path');
const { promisify } = require('node:util');
const { Database } = require('sqlite3');

const [folder, databaseFile] = process.argv.slice(2);
const { name, version, author, n8n } = require(join(folder, 'package.json'));

const now = "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')";

const nodes = n8n.nodes.map((file) => {
	const [nodeClass] = Object.values(require(join(folder, file)));
	return new nodeClass().description;
});

(async () => {
	const database = new Database(databaseFile);
	const execute = promisify(database.run.bind(database));
	await execute('BEGIN');
	await execute('DELETE FROM installed_nodes WHERE package = ?', [name]);
	await execute('DELETE FROM installed_packages WHERE "packageName" = ?', [name]);
	await execute(
		`INSERT INTO installed_packages ("packageName", "installedVersion", "authorName", "authorEmail", "createdAt", "updatedAt") VALUES (?, ?, ?, ?, ${now}, ${now})`,
		[name, version, author?.name, author?.email],
	);
	for (const node of nodes) {
		await execute('INSERT INTO installed_nodes (name, type, "latestVersion", package) VALUES (?, ?, ?, ?)', [
			node.displayName,
			`${name}.${node.name}`,
			[node.version].flat().at(-1),
			name,
		]);
	}
	await execute('COMMIT');
	await promisify(database.close.bind(database))();
})();
