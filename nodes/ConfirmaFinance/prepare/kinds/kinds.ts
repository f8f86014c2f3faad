// What is done to a field's value, by the field's kind.
export { bic, giro, iban } from './bank';
export { country, currency, language } from './codes';
export { email, phone, postalCode, website } from './contact';
export { businessCode, vatNumber } from './registers';
export { text } from './text';
