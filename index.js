const { ConfirmaFinanceApi } = require('./dist/credentials/ConfirmaFinanceApi.credentials.js');
const { ConfirmaFinance } = require('./dist/nodes/ConfirmaFinance/ConfirmaFinance.node.js');

module.exports = { ConfirmaFinance, ConfirmaFinanceApi };
